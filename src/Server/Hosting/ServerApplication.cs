using System.Net;
using Raywright.Core.Api;
using Raywright.Core.Engines;
using Raywright.Core.Probing;
using Raywright.Engine;
using Raywright.Gateway.Access;
using Raywright.Gateway.Pipeline;
using Raywright.Gateway.Records;
using Raywright.Gateway.Routing;
using Raywright.Gateway.Telemetry;
using Raywright.Server.Access;
using Raywright.Server.Api;
using Raywright.Server.App;
using Raywright.Server.Blobs;
using Raywright.Server.Computes;
using Raywright.Server.Deploying;
using Raywright.Server.Endpoints;
using Raywright.Server.Environments;
using Raywright.Server.Ledger;
using Raywright.Server.Models;
using Raywright.Server.Operations;
using Raywright.Server.Store;

namespace Raywright.Server.Hosting;

/// <summary>Puts the parts together: which services there are, and in which order a request meets them.</summary>
internal static class ServerApplication
{
    private const string RequestDiagnostics = "Microsoft.AspNetCore.Hosting.Diagnostics";

    public static WebApplication Build(ServerOptions options, ServerHome home, DbStore store, TimeProvider clock)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory, ApplicationName = "raywright-server" });
        builder.Configuration.Sources.Clear();
        ConfigureLogging(builder.Logging);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = GatewayOptions.Default.Limits.Bytes;
            kestrel.Listen(IPAddress.Loopback, options.Port);
            if (options.OpsPort is { } ops)
                kestrel.Listen(IPAddress.Loopback, ops);
            if (options.AppPort is { } pages)
                kestrel.Listen(IPAddress.Loopback, pages);
        });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(20));
        builder.Services.AddSingleton(options).AddSingleton(home).AddSingleton(store).AddSingleton(clock).AddSingleton<ServerAddress>();
        AddGateway(builder.Services, options, home);
        AddControlPlane(builder.Services, home);
        builder.AddApp(home);
        WebApplication app = builder.Build();
        UsePipeline(app, options);
        return app;
    }

    public static ServerInfo Info(ServerOptions options, ServerAddress address, DbStore store) => new(
        typeof(ServerApplication).Assembly.GetName().Version!.ToString(3), Environment.ProcessId, address.StartedAt, address.Url, options.Home, "all", store.Kind);

    private static void ConfigureLogging(ILoggingBuilder logging)
    {
        logging.ClearProviders().SetMinimumLevel(LogLevel.Information)
            .AddFilter("Microsoft", LogLevel.Warning)
            .AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning)
            // Otherwise every request pays for an activity; the gateway has its own trace and its own line.
            .AddFilter(RequestDiagnostics, LogLevel.None);
        if (Console.IsOutputRedirected)
            logging.AddJsonConsole(console => console.UseUtcTimestamp = true);
        else
            logging.AddSimpleConsole(console => (console.SingleLine, console.TimestampFormat) = (true, "HH:mm:ss "));
    }

    private static void AddGateway(IServiceCollection services, ServerOptions options, ServerHome home)
    {
        services.AddSingleton<RouteTableStore>().AddSingleton<KeyDirectoryStore>().AddSingleton(GatewayOptions.Default);
        services.AddSingleton(_ => new RecordStore(home.Records));
        services.AddSingleton(provider => new RequestJournal(
            provider.GetRequiredService<RecordStore>(), RequestLog(options, home), GatewayOptions.Default.SampleEvery, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<GatewayPipeline>();
        services.AddSingleton(provider => new ProbeClient(ProbeCommand.Of(OwnProgram()), home.Environments, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new Engine.Python.UnitTests(home.Environments, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new ComputeEngines(new EmbeddedEngine(
            provider.GetRequiredService<ProbeClient>(), home.Path, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<EmbeddedEngine>>())));
        services.AddSingleton<IEngine>(provider => provider.GetRequiredService<ComputeEngines>());
    }

    private static void AddControlPlane(IServiceCollection services, ServerHome home)
    {
        services.AddSingleton<LedgerService>().AddHostedService<LedgerSealer>();
        services.AddSingleton<KeyService>().AddSingleton<AppLinks>().AddSingleton<SharedLinks>().AddSingleton<RecentAnswers>().AddHostedService<KeyUses>();
        services.AddSingleton(_ => new BlobStore(home.Blobs));
        services.AddSingleton<EnvironmentService>().AddSingleton<ModelService>().AddSingleton<ProposedCases>();
        services.AddSingleton(provider => new VersionFolders(provider.GetRequiredService<BlobStore>(), home.Versions));
        // Before what runs on them.
        services.AddSingleton<LocalClusters>().AddSingleton<ComputeService>().AddHostedService(provider => provider.GetRequiredService<ComputeService>());
        services.AddSingleton<EndpointReconciler>().AddHostedService(provider => provider.GetRequiredService<EndpointReconciler>());
        services.AddHostedService<ReplicaScaler>();
        services.AddSingleton<EndpointService>().AddSingleton<EndpointLogs>().AddSingleton<RevisionExplanations>();
        services.AddSingleton<FiguresHistory>().AddHostedService<FiguresSampler>();
        services.AddSingleton<ModelPreparation>().AddSingleton<TrustedFiles>().AddSingleton<ModelTests>().AddSingleton<TestsBeside>().AddHostedService(provider => provider.GetRequiredService<TestsBeside>()).AddSingleton<DeployService>();
        services.AddSingleton<IOperationKind, DeployOperation>().AddSingleton<IOperationKind, TestOperation>().AddSingleton<IOperationKind, DeleteOperation>();
        services.AddSingleton<IOperationKind, AddComputeOperation>().AddSingleton<IOperationKind, CheckComputeOperation>().AddSingleton<IOperationKind, RemoveComputeOperation>();
        services.AddSingleton<LiveOperations>().AddSingleton<OperationService>().AddHostedService<OperationRunner>();
        services.AddSingleton<ApiFailures>();
        services.ConfigureHttpJsonOptions(ApiDocument.Configure);
        services.AddOpenApi("v1", ApiDocument.Configure);
    }

    /// <summary>The gateway comes first: a request for a model meets nothing of the control plane.</summary>
    private static void UsePipeline(WebApplication app, ServerOptions options)
    {
        GatewayPipeline gateway = app.Services.GetRequiredService<GatewayPipeline>();
        ApiFailures failures = app.Services.GetRequiredService<ApiFailures>();
        // Not even a model answers on the port of whoever watches.
        if (options.OpsPort is { } ops)
            app.Use(OperationsPort.Separate(ops));
        if (options.AppPort is { } pages)
            app.Use(AppPort.Separate(pages));
        app.Use((http, next) => http.Request.Path.Value!.StartsWith(ServeAddress.Prefix, StringComparison.Ordinal) ? gateway.HandleAsync(http) : next(http));
        app.UseWhen(http => http.Request.Path.StartsWithSegments("/api"), api => api.Use(failures.CatchAsync));
        app.UseRouting();
        app.UseWhen(http => http.Request.Path.StartsWithSegments("/api"), api => api.Use(ApiAccess.CheckAsync));
        app.UseApp();
        app.MapHealth();
        app.MapServer(options);
        app.MapBlobs();
        app.MapEnvironments();
        app.MapComputes();
        app.MapModels();
        app.MapEndpoints();
        app.MapDeploying();
        app.MapOperations();
        app.MapKeys();
        app.MapLedger();
        app.MapOpenApi(Routes.OpenApi);
        app.MapApp();
    }

    private static Stream RequestLog(ServerOptions options, ServerHome home) =>
        options.RequestLog == "-" ? Console.OpenStandardOutput() : new RotatingFile(options.RequestLog ?? home.RequestLog);

    /// <summary>This program, as it can be started again: the executable, or the library that <c>dotnet</c> runs.</summary>
    private static string OwnProgram() => Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "raywright-server"
        ? path
        : Path.Combine(AppContext.BaseDirectory, "raywright-server.dll");
}

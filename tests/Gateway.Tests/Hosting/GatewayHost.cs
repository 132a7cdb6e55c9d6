using System.Collections.Immutable;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Raywright.Core.Access;
using Raywright.Core.Bodies;
using Raywright.Core.Engines;
using Raywright.Gateway.Access;
using Raywright.Gateway.Pipeline;
using Raywright.Gateway.Records;
using Raywright.Gateway.Routing;

namespace Raywright.Gateway.Tests.Hosting;

/// <summary>The gateway on a real Kestrel on loopback, with a key, in front of whatever is published.</summary>
internal sealed class GatewayHost : IAsyncDisposable
{
    public const long BodyLimit = 1 << 20;
    public static readonly BodyLimits Limits = new(BodyLimit, 1000);
    private readonly WebApplication app;
    private readonly MemoryStream log = new();
    private readonly string records = Directory.CreateTempSubdirectory("raywright-test-").FullName;
    private long version;

    private GatewayHost(WebApplication app, GatewayOptions options)
    {
        this.app = app;
        Store = new RecordStore(records);
        Journal = new RequestJournal(Store, log, options.SampleEvery, TimeProvider.System);
        Pipeline = new GatewayPipeline(Routes, Keys, Journal, options, TimeProvider.System, app.Services.GetRequiredService<ILoggerFactory>().CreateLogger<GatewayPipeline>());
        Key = ApiKey.Create();
        PublishKeys(new KeyEntry(Key.Id, "test", Key.Digest, ["query"], [], null));
    }

    public RouteTableStore Routes { get; } = new();

    public KeyDirectoryStore Keys { get; } = new();

    public RecordStore Store { get; }

    public RequestJournal Journal { get; }

    public GatewayPipeline Pipeline { get; }

    public ApiKey Key { get; }

    public CapturedLogs Logs { get; private init; } = null!;

    public IPEndPoint Address { get; private set; } = null!;

    public static async Task<GatewayHost> StartAsync(GatewayOptions? settings = null, Action<KestrelServerOptions>? kestrel = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        CapturedLogs logs = new();
        builder.Logging.ClearProviders().AddProvider(logs).SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.Listen(IPAddress.Loopback, 0);
            kestrel?.Invoke(options);
        });
        WebApplication server = builder.Build();
        GatewayHost host = new(server, settings ?? new(Limits, TimeSpan.FromSeconds(30), SampleEvery: 1)) { Logs = logs };
        server.Run(host.Pipeline.HandleAsync);
        await server.StartAsync();
        Uri address = new(server.Urls.Single());
        host.Address = new IPEndPoint(IPAddress.Loopback, address.Port);
        return host;
    }

    /// <summary>A client that sends the key, unless told not to.</summary>
    public HttpClient Client(string? key = null, bool withKey = true)
    {
        HttpClient client = new() { BaseAddress = new Uri($"http://{Address}/serve/dev/") };
        if (withKey)
            client.DefaultRequestHeaders.Authorization = new("Bearer", key ?? Key.Text);
        return client;
    }

    public void PublishKeys(params KeyEntry[] entries) => Keys.Publish(new KeyDirectory(entries));

    public void Publish(params EndpointRoute[] endpoints) => Routes.Publish(new RouteTable(++version, endpoints));

    /// <summary>Publishes one revision as the whole traffic of <c>dev/iris</c>.</summary>
    public RevisionRoute Publish(IReplicaTarget target, RevisionConfig? config = null)
    {
        RevisionRoute route = new(config ?? Revisions.Of(), target, TimeProvider.System, Limits);
        Publish(new EndpointRoute(route.Config.Environment, route.Config.Model, [new WeightedRevision(route, 100)]));
        return route;
    }

    /// <summary>The lines of the request log so far.</summary>
    public string[] LogLines()
    {
        Journal.Flush();
        return System.Text.Encoding.UTF8.GetString(log.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        Pipeline.Dispose();
        Journal.Dispose();
        Directory.Delete(records, recursive: true);
    }
}

using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting.StaticWebAssets;
using Raywright.Server.App.Clusters;
using Raywright.Server.App.Endpoints;
using Raywright.Server.App.Overview;
using Raywright.Server.App.Palette;
using Raywright.Server.App.Playground;
using Raywright.Server.App.Sessions;
using Raywright.Server.App.Shared;
using Raywright.Server.Hosting;

namespace Raywright.Server.App;

/// <summary>The app: pages that call the slices' services in this process.</summary>
internal static class AppHosting
{
    /// <summary>A question may be a picture as nested lists; the default of 32 KiB would end the page.</summary>
    public const int LargestMessage = 1 << 20;

    private const int MostCircuitsKept = 50;
    private static readonly TimeSpan CircuitKept = TimeSpan.FromMinutes(2);

    public static void AddApp(this WebApplicationBuilder builder, ServerHome home)
    {
        // Does nothing in a published server, whose files lie in wwwroot; without it a plain build would have no script.
        StaticWebAssetsLoader.UseStaticWebAssets(builder.Environment, builder.Configuration);
        IServiceCollection services = builder.Services;
        KeepKeys(services, home);
        services.AddAuthentication(AppSessions.Scheme).AddCookie(AppSessions.Scheme, ConfigureCookie);
        services.AddAntiforgery(Configure);
        services.AddRazorComponents(razor => razor.TemporaryRedirectionUrlValidityDuration = TimeSpan.FromMinutes(1))
            .AddInteractiveServerComponents(circuits =>
            {
                circuits.DisconnectedCircuitMaxRetained = MostCircuitsKept;
                circuits.DisconnectedCircuitRetentionPeriod = CircuitKept;
            })
            .AddHubOptions(hub => hub.MaximumReceiveMessageSize = LargestMessage);
        services.AddSingleton<AppSessions>().AddSingleton<EndpointBoard>().AddSingleton<ClusterBoard>().AddSingleton<ModelCaller>().AddSingleton<LogFeeds>();
        services.AddScoped<AppSession>();
        services.AddSingleton(provider => new OpenPages(provider.GetRequiredService<ServerOptions>().MostPages)).AddScoped<CircuitHandler, OpenPage>();
        services.AddSingleton(provider => new AppGate(
            provider.GetRequiredService<ServerOptions>().AppHosts, provider.GetRequiredService<OpenPages>(), provider.GetRequiredService<IHostApplicationLifetime>(), provider.GetRequiredService<ILogger<AppGate>>()));
    }

    public static void UseApp(this WebApplication app)
    {
        // The framework would put both in front of everything, also of requests for models, which know no cookie.
        IDictionary<string, object?> properties = ((IApplicationBuilder)app).Properties;
        properties["__AuthenticationMiddlewareSet"] = properties["__AuthorizationMiddlewareSet"] = true;
        AppGate gate = app.Services.GetRequiredService<AppGate>();
        app.UseWhen(http => AppGate.Guards(http.Request.Path), branch => branch.Use(gate.PassAsync).UseAntiforgery());
    }

    public static void MapApp(this WebApplication app)
    {
        app.MapStaticAssets();
        app.MapSignIn();
        app.MapPalette();
        app.MapProposedCases();
        app.MapRazorComponents<AppDocument>().AddInteractiveServerRenderMode(server => server.ContentSecurityFrameAncestorsPolicy = null);
        // No route: one for every address would hide from a caller of the API that only the method or the type of the body is wrong.
        app.UseEndpoints(_ => { });
        app.Run(http => AppGate.Guards(http.Request.Path) ? AppPages.NotFound().ExecuteAsync(http) : NothingThere(http));
    }

    /// <summary>Who asks for what is not the app's is no person who looks at pages.</summary>
    private static Task NothingThere(HttpContext http)
    {
        http.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private static void KeepKeys(IServiceCollection services, ServerHome home)
    {
        const UnixFileMode ownerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        DirectoryInfo folder = OperatingSystem.IsWindows() ? Directory.CreateDirectory(home.AppKeys) : Directory.CreateDirectory(home.AppKeys, ownerOnly);
        services.AddDataProtection().SetApplicationName("raywright").PersistKeysToFileSystem(folder);
        // Says at each start that the keys are not encrypted: the folder is the owner's alone, as are the API keys beside it.
        services.AddLogging(logging => logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error));
    }

    private static void ConfigureCookie(CookieAuthenticationOptions options)
    {
        options.Cookie.Name = "raywright_session";
        options.Cookie.HttpOnly = true;
        options.Cookie.SameSite = SameSiteMode.Strict;
        options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        options.ExpireTimeSpan = AppSessions.Life;
        options.SlidingExpiration = true;
        options.Events.OnValidatePrincipal = context =>
        {
            AppSessions sessions = context.HttpContext.RequestServices.GetRequiredService<AppSessions>();
            if (sessions.KeyOf(context.Principal) is null)
                context.RejectPrincipal();
            return Task.CompletedTask;
        };
    }

    private static void Configure(AntiforgeryOptions options)
    {
        options.Cookie.Name = "raywright_form";
        options.Cookie.SameSite = SameSiteMode.Strict;
        options.FormFieldName = "form_token";
        // AppGate says more.
        options.SuppressXFrameOptionsHeader = true;
    }
}

using System.Collections.Immutable;
using System.Globalization;
using Microsoft.AspNetCore.Authentication;
using Raywright.Core.Errors;
using Raywright.Gateway.Pipeline;
using Raywright.Server.App.Sessions;
using Raywright.Server.App.Shared;

namespace Raywright.Server.App;

/// <summary>
/// What every request to the app meets first, in this order: the name by which it came, the headers of its answer, its session.
/// </summary>
internal sealed partial class AppGate(ImmutableArray<string> hosts, OpenPages pages, IHostApplicationLifetime lifetime, ILogger<AppGate> log)
{
    public const string SignIn = "/sign-in";
    private const string Hub = "/_blazor";

    private const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        + "manifest-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

    /// <summary>Where pages begin that want a session.</summary>
    private static readonly string[] Rooms = ["/app", "/endpoints", "/models", "/operations", "/clusters", "/keys"];

    private static readonly string[] Loopback = ["localhost", "127.0.0.1", "[::1]"];

    /// <summary>Whether a path is the app's; the others have keys and no cookie.</summary>
    public static bool Guards(PathString path) =>
        !path.StartsWithSegments("/api") && !path.StartsWithSegments("/health") && !path.StartsWithSegments("/metrics") && !path.Value!.StartsWith(ServeAddress.Prefix, StringComparison.Ordinal);

    public async Task PassAsync(HttpContext http, RequestDelegate next)
    {
        SetHeaders(http);
        if (!IsOurs(http.Request.Host.Host))
        {
            await AppPages.Failure(new Problem(Catalogue.HostUnknown, $"This server is not called {http.Request.Host.Host}.")).ExecuteAsync(http);
            return;
        }
        bool hub = http.Request.Path.StartsWithSegments(Hub);
        // A page whose circuit has just been closed comes back at once, and would hold up the server that stops.
        if (hub && lifetime.ApplicationStopping.IsCancellationRequested)
        {
            http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }
        if (hub && !IsSameOrigin(http.Request))
        {
            http.Response.StatusCode = StatusCodes.Status403Forbidden;
            return;
        }
        AuthenticateResult session = await http.AuthenticateAsync(AppSessions.Scheme);
        if (session.Principal is { } person)
        {
            http.User = person;
            // Pages without a session stay open: there the person can sign in with a key of their own.
            if (AppSessions.OnlyPage(person) is { } only && IsPage(http.Request.Path) && !IsSame(http.Request.Path, only))
            {
                http.Response.Redirect(only);
                return;
            }
        }
        else if (hub)
        {
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }
        else if (IsPage(http.Request.Path))
        {
            string to = http.Request.Path == "/" ? "" : $"?to={Uri.EscapeDataString(http.Request.Path)}";
            http.Response.Redirect(SignIn + to);
            return;
        }
        // A page that goes from one room to another keeps its circuit.
        if (pages.IsFull && IsPage(http.Request.Path) && !http.Request.Headers.Accept.ToString().Contains("blazor-enhanced-nav", StringComparison.Ordinal))
        {
            http.Response.Headers.RetryAfter = "10";
            await AppPages.Failure(new Problem(Catalogue.PagesFull, string.Create(CultureInfo.InvariantCulture, $"{pages.Most} pages are open on this server, and it takes no more."))).ExecuteAsync(http);
            return;
        }
        await CatchAsync(http, next);
    }

    /// <summary>A page may open a socket to any server; only ours may use a session. Ports tell sites of one machine apart, which cookies do not.</summary>
    private bool IsSameOrigin(HttpRequest request) =>
        request.Headers.Origin is not [{ Length: > 0 } origin]
        || (Uri.TryCreate(origin, UriKind.Absolute, out Uri? uri) && (uri.Authority == request.Host.Value || hosts.Contains(uri.Host, StringComparer.OrdinalIgnoreCase)));

    private bool IsOurs(string host) => Loopback.Contains(host, StringComparer.OrdinalIgnoreCase) || hosts.Contains(host, StringComparer.OrdinalIgnoreCase);

    private static bool IsPage(PathString path) => path == "/" || Rooms.Any(room => path.StartsWithSegments(room));

    private static bool IsSame(PathString path, string only) => path.Equals(new PathString(only), StringComparison.Ordinal);

    private static void SetHeaders(HttpContext http)
    {
        IHeaderDictionary headers = http.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        // The link that signs in has a token in its address, which goes to nobody.
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()";
        http.Response.OnStarting(() =>
        {
            if (http.Response.ContentType?.StartsWith("text/html", StringComparison.Ordinal) == true)
                headers.CacheControl = "no-store";
            return Task.CompletedTask;
        });
    }

    private async Task CatchAsync(HttpContext http, RequestDelegate next)
    {
        try
        {
            await next(http);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
        }
        catch (Exception e) when (!http.Response.HasStarted)
        {
            LogFailed(e, http.Request.Path);
            Problem problem = Server.Store.StoreFailure.Of(e) ?? new Problem(Catalogue.Internal, "The page failed in the server; the log has the details.");
            await AppPages.Failure(problem).ExecuteAsync(http);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The page {Path} failed")]
    private partial void LogFailed(Exception exception, PathString path);
}

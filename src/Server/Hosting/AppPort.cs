using Raywright.Server.App;

namespace Raywright.Server.Hosting;

/// <summary>The app on a port of its own, so that people and programs can be let in by different doors.</summary>
internal static class AppPort
{
    /// <summary>Keeps the two ports apart: each answers 404 to what belongs to the other.</summary>
    public static Func<HttpContext, RequestDelegate, Task> Separate(int port) => (http, next) =>
    {
        bool app = AppGate.Guards(http.Request.Path);
        if (app == (http.Connection.LocalPort == port))
            return next(http);
        http.Response.StatusCode = StatusCodes.Status404NotFound;
        return app ? http.Response.WriteAsync("The app is on a port of its own.\n", http.RequestAborted) : Task.CompletedTask;
    };
}

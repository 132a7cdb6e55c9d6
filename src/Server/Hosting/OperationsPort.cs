using Raywright.Gateway.Records;
using Raywright.Gateway.Routing;
using Raywright.Gateway.Telemetry;
using Raywright.Server.Endpoints;

namespace Raywright.Server.Hosting;

/// <summary>Health and metrics, for whoever watches servers; on a port of their own where one is named.</summary>
internal static class OperationsPort
{
    /// <summary>Keeps the two ports apart: each answers 404 to what belongs to the other.</summary>
    public static Func<HttpContext, RequestDelegate, Task> Separate(int port) => (http, next) =>
    {
        bool operations = http.Request.Path.StartsWithSegments("/health") || http.Request.Path.StartsWithSegments("/metrics");
        if (operations == (http.Connection.LocalPort == port))
            return next(http);
        http.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    };

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", () => Results.Text("live")).ExcludeFromDescription();
        routes.MapGet("/health/ready", (EndpointReconciler reconciler) => reconciler.IsReady
            ? Results.Text("ready")
            : Results.Text("models are still loading", statusCode: StatusCodes.Status503ServiceUnavailable)).ExcludeFromDescription();
        routes.MapGet("/metrics", (RouteTableStore table, RequestJournal journal) => Results.Text(MetricsPage.Write(table.Current, journal), MetricsPage.ContentType)).ExcludeFromDescription();
    }
}

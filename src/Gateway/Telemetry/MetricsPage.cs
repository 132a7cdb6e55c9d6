using System.Globalization;
using System.Text;
using Raywright.Gateway.Records;
using Raywright.Gateway.Routing;

namespace Raywright.Gateway.Telemetry;

/// <summary>
/// The figures of all revisions in Prometheus' text format 0.0.4
/// (https://prometheus.io/docs/instrumenting/exposition_formats/). Requests count into plain fields, so that the page costs
/// only when it is read.
/// </summary>
public static class MetricsPage
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";
    private static readonly double[] Quantiles = [0.5, 0.9, 0.99];

    public static string Write(RouteTable table, RequestJournal journal)
    {
        StringBuilder page = new();
        (string Labels, RevisionRoute Route)[] revisions = [.. table.Endpoints.SelectMany(endpoint => endpoint.Traffic.Select(share => (
            $"environment=\"{endpoint.Environment}\",model=\"{endpoint.Model}\",version=\"{share.Revision.Config.Version}\",revision=\"{share.Revision.Config.Id}\"", share.Revision)))];
        Family(page, "raywright_requests_total", "counter", "Answered requests by class of status.", revisions,
            (labels, route) => Enumerable.Range(1, 5).Select(number => ($"{labels},status=\"{number}xx\"", (double)route.Figures.Answers(number))));
        Family(page, "raywright_rows_total", "counter", "Rows in answered requests.", revisions, (labels, route) => [(labels, route.Figures.Rows)]);
        Family(page, "raywright_batches_total", "counter", "Calls to replicas.", revisions, (labels, route) => [(labels, route.Dispatcher.Batches)]);
        Family(page, "raywright_waiting_requests", "gauge", "Requests that wait for a replica.", revisions, (labels, route) => [(labels, route.Dispatcher.Waiting)]);
        Summary(page, revisions);
        page.Append("# HELP raywright_route_table_version Rises with each change of routes.\n# TYPE raywright_route_table_version gauge\n");
        page.Append(CultureInfo.InvariantCulture, $"raywright_route_table_version {table.Version}\n");
        page.Append("# HELP raywright_records_dropped_total Records that were not written.\n# TYPE raywright_records_dropped_total counter\n");
        page.Append(CultureInfo.InvariantCulture, $"raywright_records_dropped_total {journal.Dropped}\n");
        return page.ToString();
    }

    private static void Family(
        StringBuilder page, string name, string type, string help, (string Labels, RevisionRoute Route)[] revisions,
        Func<string, RevisionRoute, IEnumerable<(string Labels, double Value)>> samples)
    {
        page.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n");
        foreach ((string labels, double value) in revisions.SelectMany(revision => samples(revision.Labels, revision.Route)))
            page.Append(CultureInfo.InvariantCulture, $"{name}{{{labels}}} {value}\n");
    }

    private static void Summary(StringBuilder page, (string Labels, RevisionRoute Route)[] revisions)
    {
        const string Name = "raywright_request_duration_seconds";
        page.Append(CultureInfo.InvariantCulture, $"# HELP {Name} From the request's head to its answer.\n# TYPE {Name} summary\n");
        foreach ((string labels, RevisionRoute route) in revisions)
        {
            foreach (double quantile in Quantiles)
                page.Append(CultureInfo.InvariantCulture, $"{Name}{{{labels},quantile=\"{quantile}\"}} {Text(route.Figures.Latency.Quantile(quantile) / 1e6)}\n");
            page.Append(CultureInfo.InvariantCulture, $"{Name}_sum{{{labels}}} {route.Figures.LatencySeconds}\n{Name}_count{{{labels}}} {route.Figures.Total}\n");
        }
    }

    private static string Text(double value) => double.IsNaN(value) ? "NaN" : value.ToString("R", CultureInfo.InvariantCulture);
}

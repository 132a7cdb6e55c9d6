using System.Globalization;
using System.Text;
using Raywright.Gateway.Records;
using Raywright.Gateway.Routing;
using Raywright.Statistics.Latency;

namespace Raywright.Gateway.Telemetry;

/// <summary>
/// The figures of all revisions in Prometheus' text format 0.0.4
/// (https://prometheus.io/docs/instrumenting/exposition_formats/). Requests count into plain fields, so that the page costs
/// only when it is read.
/// </summary>
public static class MetricsPage
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Seconds. The gateway's own part is below a millisecond, so the usual bounds would all be too coarse.</summary>
    private static readonly double[] Bounds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

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
        Family(page, "raywright_requests_under_way", "gauge", "Requests that have not been answered yet.", revisions, (labels, route) => [(labels, route.UnderWay)]);
        Family(page, "raywright_batched_rows_total", "counter", "Rows in calls to replicas; divided by calls it is the mean batch.", revisions, (labels, route) => [(labels, route.Dispatcher.BatchedRows)]);
        Histogram(page, "raywright_request_duration_seconds", "From the request's head to its answer; of a stream to its end.", revisions, figures => (figures.Latency, figures.LatencySeconds));
        (string Labels, RevisionRoute Route)[] streaming = [.. revisions.Where(revision => revision.Route.Streaming is not null)];
        Family(page, "raywright_stream_values_total", "counter", "Values sent in answers that come in parts.", streaming, (labels, route) => [(labels, route.Figures.StreamedValues)]);
        Histogram(page, "raywright_stream_first_value_seconds", "From the request's head to the first value of its stream.", streaming, figures => (figures.FirstValue, figures.FirstValueSeconds));
        page.Append("# HELP raywright_refused_requests_total Requests that reached no revision, by class of status.\n# TYPE raywright_refused_requests_total counter\n");
        foreach (int number in (ReadOnlySpan<int>)[4, 5])
            page.Append(CultureInfo.InvariantCulture, $"raywright_refused_requests_total{{status=\"{number}xx\"}} {journal.Refused(number)}\n");
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

    private static void Histogram(
        StringBuilder page, string name, string help, (string Labels, RevisionRoute Route)[] revisions, Func<RevisionFigures, (LatencySketch Micros, double SumSeconds)> figures)
    {
        page.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} histogram\n");
        foreach ((string labels, RevisionRoute route) in revisions)
        {
            (LatencySketch micros, double sum) = figures(route.Figures);
            // Read once: what is counted while the page is written must not make a bucket larger than the total.
            long total = micros.Count;
            foreach (double bound in Bounds)
                page.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{labels},le=\"{bound}\"}} {Math.Min(total, micros.CountUpTo((long)(bound * 1e6)))}\n");
            page.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{labels},le=\"+Inf\"}} {total}\n{name}_sum{{{labels}}} {sum}\n{name}_count{{{labels}}} {total}\n");
        }
    }
}

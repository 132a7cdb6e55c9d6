using System.Diagnostics.Metrics;
using Raywright.Gateway.Records;
using Raywright.Gateway.Routing;

namespace Raywright.Gateway.Telemetry;

/// <summary>
/// The figures of <see cref="MetricsPage"/> as instruments, for an exporter that the host attaches by <see cref="Name"/>. All are
/// observed: a request counts into plain fields and pays nothing for them.
/// </summary>
public sealed class GatewayMeter : IDisposable
{
    public const string Name = "Raywright.Gateway";

    public GatewayMeter(RouteTableStore routes, RequestJournal journal)
    {
        Meter.CreateObservableCounter("raywright.requests", () => Revisions(routes).SelectMany(Requests), "{request}", "Answered requests by class of status.");
        Meter.CreateObservableCounter("raywright.rows", () => Revisions(routes).Select(route => Of(route, route.Figures.Rows)), "{row}", "Rows in answered requests.");
        Meter.CreateObservableCounter("raywright.batches", () => Revisions(routes).Select(route => Of(route, route.Dispatcher.Batches)), "{call}", "Calls to replicas.");
        Meter.CreateObservableUpDownCounter("raywright.requests.waiting", () => Revisions(routes).Select(route => Of(route, route.Dispatcher.Waiting)), "{request}", "Requests that wait for a replica.");
        Meter.CreateObservableUpDownCounter("raywright.requests.under_way", () => Revisions(routes).Select(route => Of(route, route.UnderWay)), "{request}", "Requests that have not been answered yet.");
        Meter.CreateObservableGauge("raywright.request.duration", () => Revisions(routes).SelectMany(Durations), "s", "Quantiles of the last minute.");
        Meter.CreateObservableCounter("raywright.stream.values", () => Streaming(routes).Select(route => Of(route, route.Figures.StreamedValues)), "{value}", "Values sent in answers that come in parts.");
        Meter.CreateObservableGauge("raywright.stream.first_value", () => Streaming(routes).SelectMany(FirstValues), "s", "Quantiles of the time to a stream's first value, since the revision started.");
        Meter.CreateObservableCounter("raywright.requests.refused", () => Refused(journal), "{request}", "Requests that reached no revision.");
        Meter.CreateObservableCounter("raywright.records.dropped", () => journal.Dropped, "{record}", "Records that were not written.");
    }

    /// <summary>This one's own: a process may hold several of the same name.</summary>
    internal Meter Meter { get; } = new(Name);

    public void Dispose() => Meter.Dispose();

    private static IEnumerable<RevisionRoute> Revisions(RouteTableStore routes) =>
        routes.Current.Endpoints.SelectMany(endpoint => endpoint.Traffic).Select(share => share.Revision);

    private static IEnumerable<RevisionRoute> Streaming(RouteTableStore routes) => Revisions(routes).Where(route => route.Streaming is not null);

    private static IEnumerable<Measurement<long>> Requests(RevisionRoute route) =>
        Enumerable.Range(1, 5).Select(status => Of(route, route.Figures.Answers(status), new("status", $"{status}xx")));

    private static IEnumerable<Measurement<double>> Durations(RevisionRoute route)
    {
        (_, _, double p50, double p99) = route.Figures.LastMinute();
        return double.IsNaN(p50) ? [] : [Of(route, p50 / 1000, new("quantile", "0.5")), Of(route, p99 / 1000, new("quantile", "0.99"))];
    }

    private static IEnumerable<Measurement<double>> FirstValues(RevisionRoute route) => route.Figures.FirstValue.Count == 0
        ? []
        : [Of(route, route.Figures.FirstValue.Quantile(0.5) / 1e6, new("quantile", "0.5")), Of(route, route.Figures.FirstValue.Quantile(0.99) / 1e6, new("quantile", "0.99"))];

    private static IEnumerable<Measurement<long>> Refused(RequestJournal journal) =>
        [new(journal.Refused(4), new KeyValuePair<string, object?>("status", "4xx")), new(journal.Refused(5), new KeyValuePair<string, object?>("status", "5xx"))];

    private static Measurement<T> Of<T>(RevisionRoute route, T value, KeyValuePair<string, object?>? more = null) where T : struct
    {
        List<KeyValuePair<string, object?>> tags = [new("environment", route.Config.Environment), new("model", route.Config.Model), new("version", route.Config.Version)];
        if (more is { } tag)
            tags.Add(tag);
        return new(value, tags);
    }
}

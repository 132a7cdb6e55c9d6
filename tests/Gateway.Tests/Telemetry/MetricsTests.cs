using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using Raywright.Core.Errors;
using Raywright.Gateway.Telemetry;
using Raywright.Gateway.Tests.Hosting;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Gateway.Tests.Telemetry;

public sealed class MetricsTests
{
    private const string Question = """{"inputs":{"features":[[1,2]]}}""";
    private const string Labels = "environment=\"dev\",model=\"iris\",version=\"1\",revision=\"iris-dev-1-0123abcd\"";

    [Fact]
    public async Task Page_CountsWhatWasAsked()
    {
        await using GatewayHost host = await AskedHostAsync();
        Dictionary<string, double> values = Values(MetricsPage.Write(host.Routes.Current, host.Journal));
        Assert.Equal(3, values[$"raywright_requests_total{{{Labels},status=\"2xx\"}}"]);
        Assert.Equal(1, values[$"raywright_requests_total{{{Labels},status=\"4xx\"}}"]);
        Assert.Equal(0, values[$"raywright_requests_total{{{Labels},status=\"5xx\"}}"]);
        Assert.Equal(6, values[$"raywright_rows_total{{{Labels}}}"]);
        Assert.Equal(3, values[$"raywright_batches_total{{{Labels}}}"]);
        Assert.Equal(0, values[$"raywright_requests_under_way{{{Labels}}}"]);
        Assert.Equal(4, values[$"raywright_request_duration_seconds_count{{{Labels}}}"]);
        Assert.Equal(4, values[$"raywright_request_duration_seconds_bucket{{{Labels},le=\"+Inf\"}}"]);
        Assert.Equal(1, values["raywright_refused_requests_total{status=\"4xx\"}"]);
        Assert.Equal(0, values["raywright_records_dropped_total"]);
        Assert.DoesNotContain($"raywright_stream_values_total{{{Labels}}}", values);
        double[] buckets = [.. values.Where(value => value.Key.Contains("_bucket", StringComparison.Ordinal)).Select(value => value.Value)];
        Assert.Equal(buckets.Order(), buckets);
    }

    [Fact]
    public async Task Page_IsWhatPrometheusReads()
    {
        await using GatewayHost host = await AskedHostAsync();
        string page = MetricsPage.Write(host.Routes.Current, host.Journal);
        Assert.EndsWith("\n", page, StringComparison.Ordinal);
        foreach (string line in page.TrimEnd('\n').Split('\n'))
            Assert.Matches("^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\\{[a-z]+=\"[^\"]*\"(,[a-z]+=\"[^\"]*\")*\\})? [0-9.E+-]+)$", line);
        string[] families = [.. page.Split('\n').Where(line => line.StartsWith("# TYPE", StringComparison.Ordinal)).Select(line => line.Split(' ')[2])];
        Assert.Equal(families.Distinct(), families);
    }

    [Fact]
    public async Task Meter_ObservesTheSameCounts()
    {
        await using GatewayHost host = await AskedHostAsync();
        Dictionary<string, long> seen = Observed(host);
        Assert.DoesNotContain("raywright.stream.values", seen);
        Assert.Equal(3, seen["raywright.requests 2xx"]);
        Assert.Equal(1, seen["raywright.requests 4xx"]);
        Assert.Equal(6, seen["raywright.rows"]);
        Assert.Equal(1, seen["raywright.requests.refused 4xx"]);
    }

    [Fact]
    public async Task AStream_CountsItsValues_WhileItIsUnderWay()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        host.Publish(new FakeStream("1", "2") { NeverEnds = true });
        using HttpClient client = host.Client();
        using (HttpResponseMessage answer = await client.OpenStreamAsync(Question))
        {
            using StreamReader reader = new(await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
            while (await reader.ReadLineAsync(TestContext.Current.CancellationToken) is { } line && line != "data: {\"outputs\":2}")
            {
            }
            Dictionary<string, double> underWay = Values(MetricsPage.Write(host.Routes.Current, host.Journal));
            Assert.Equal(2, underWay[$"raywright_stream_values_total{{{Labels}}}"]);
            Assert.Equal(1, underWay[$"raywright_stream_first_value_seconds_count{{{Labels}}}"]);
            Assert.Equal(2, Observed(host)["raywright.stream.values"]);
            Assert.Equal(0, underWay[$"raywright_requests_total{{{Labels},status=\"2xx\"}}"]);
        }
        await Eventually.TrueAsync(() => host.LogLines().Length == 1, "the stream was taken down");
        Assert.Equal(1, host.Routes.Current.Endpoints[0].Traffic[0].Revision.Figures.Total);
    }

    [Fact]
    public async Task AStreamThatFailsBeforeItsFirstValue_HasNone()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        host.Publish(new FakeStream { Problem = new Problem(Catalogue.Overloaded, "Too many.") });
        using HttpClient client = host.Client();
        using HttpResponseMessage answer = await client.OpenStreamAsync(Question);
        Assert.Equal(Catalogue.Overloaded.HttpStatus, answer.Status);
        Dictionary<string, double> values = Values(MetricsPage.Write(host.Routes.Current, host.Journal));
        Assert.Equal(0, values[$"raywright_stream_values_total{{{Labels}}}"]);
        Assert.Equal(0, values[$"raywright_stream_first_value_seconds_count{{{Labels}}}"]);
    }

    [Fact]
    public void TheFirstValue_IsMeasuredFromTheRequest()
    {
        FakeTimeProvider clock = new();
        RevisionFigures figures = new(clock);
        long started = clock.GetTimestamp();
        clock.Advance(TimeSpan.FromMilliseconds(250));
        figures.AddFirstValue(started);
        Assert.Equal(0.25, figures.FirstValueSeconds);
        Assert.InRange(figures.FirstValue.Quantile(0.5), 235_000, 265_000);
    }

    [Fact]
    public void LastMinute_ForgetsWhatIsOlder()
    {
        FakeTimeProvider clock = new();
        RevisionFigures figures = new(clock);
        for (int index = 0; index < 60; index++)
            figures.Add(index < 6 ? 500 : 200, 2000, 1);
        (double perSecond, double errors, double p50, double p99) = figures.LastMinute();
        Assert.Equal(1, perSecond);
        Assert.Equal(0.1, errors, 3);
        Assert.InRange(p50, 1.8, 2.2);
        Assert.InRange(p99, 1.8, 2.2);
        clock.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(0, figures.LastMinute().PerSecond);
        Assert.Equal(60, figures.Total);
    }

    private static async Task<GatewayHost> AskedHostAsync()
    {
        GatewayHost host = await GatewayHost.StartAsync();
        host.Publish(new FakeTarget());
        using HttpClient client = host.Client();
        foreach (string body in new[] { "[[1,2],[3,4]]", "[[1,2],[3,4]]", "[[1,2],[3,4]]", "\"x\"" })
        {
            using HttpResponseMessage answer = await client.AskAsync($$$"""{"inputs":{"features":{{{body}}}}}""");
        }
        using HttpClient stranger = host.Client(withKey: false);
        using (await stranger.AskAsync("{}"))
        {
        }
        await Eventually.TrueAsync(() => host.LogLines().Length == 5 && host.Routes.Current.Endpoints[0].Traffic[0].Revision.UnderWay == 0, "all were taken down");
        return host;
    }

    private static Dictionary<string, long> Observed(GatewayHost host)
    {
        using GatewayMeter meter = new(host.Routes, host.Journal);
        Dictionary<string, long> seen = [];
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, self) =>
        {
            // Tests that run beside this one publish instruments of the same name.
            if (ReferenceEquals(instrument.Meter, meter.Meter))
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            string? status = tags.ToArray().FirstOrDefault(tag => tag.Key == "status").Value?.ToString();
            lock (seen)
                seen[$"{instrument.Name} {status}".TrimEnd()] = Math.Max(value, seen.GetValueOrDefault($"{instrument.Name} {status}".TrimEnd()));
        });
        listener.Start();
        listener.RecordObservableInstruments();
        return seen;
    }

    private static Dictionary<string, double> Values(string page) => page.Split('\n')
        .Where(line => line.Length > 0 && line[0] != '#')
        .ToDictionary(line => line[..line.LastIndexOf(' ')], line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture), StringComparer.Ordinal);
}

using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Raywright.Core.Api;
using Raywright.Core.Engines;
using Raywright.Gateway.Records;

namespace Raywright.Server.Endpoints;

/// <summary>What the replicas of an endpoint wrote and which requests they answered, in the order of time.</summary>
public sealed class EndpointLogs(IEngine engine, RecordStore records, RequestJournal journal, TimeProvider clock)
{
    private const int MostLines = 200;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    /// <summary>The latest lines, oldest first.</summary>
    public async Task<Page<LogLine>> LatestAsync(string environment, string model, string? revision)
    {
        List<LogLine> lines = await EngineLinesAsync(revision);
        lines.AddRange(Requests(environment, model, 0));
        return new([.. lines.OrderBy(line => line.At).TakeLast(MostLines)]);
    }

    /// <summary>Lines from after <paramref name="seen"/> (UTC microseconds) as they come. Null items are heartbeats.</summary>
    internal async IAsyncEnumerable<SseItem<LogLine?>> FollowAsync(string environment, string model, Func<Task<string?>> revision, long seen, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using PeriodicTimer timer = new(Pace, clock);
        long spoke = clock.GetTimestamp();
        do
        {
            List<LogLine> lines = await EngineLinesAsync(await revision());
            lines.AddRange(Requests(environment, model, seen));
            foreach (LogLine line in lines.Where(line => line.At > seen).OrderBy(line => line.At).ToArray())
            {
                (seen, spoke) = (line.At, clock.GetTimestamp());
                yield return new SseItem<LogLine?>(line) { EventId = line.At.ToString(CultureInfo.InvariantCulture) };
            }
            if (clock.GetElapsedTime(spoke) > Heartbeat)
            {
                spoke = clock.GetTimestamp();
                yield return new SseItem<LogLine?>(null);
            }
        }
        while (await timer.WaitForNextTickAsync(cancellation));
    }

    private async Task<List<LogLine>> EngineLinesAsync(string? revision)
    {
        List<LogLine> lines = [];
        if (revision is null)
            return lines;
        await foreach (ReplicaLogLine line in engine.LogsAsync(revision, follow: false, CancellationToken.None))
            lines.Add(new(line.AtMicros, revision, line.Stream, line.Text, line.RequestId));
        return lines;
    }

    private IEnumerable<LogLine> Requests(string environment, string model, long after)
    {
        journal.Flush();
        return records.Newest(MostLines, record => record.Environment == environment && record.Model == model)
            .Where(record => record.AtMicros > after)
            .Select(record => new LogLine(record.AtMicros, record.Revision, "request", Text(record), record.RequestId));
    }

    private static string Text(ServedRecord record) => string.Create(
        CultureInfo.InvariantCulture,
        $"{record.Status} {record.Rows} row{(record.Rows == 1 ? "" : "s")} in {record.LatencyMicros / 1000.0:0.##} ms{(record.Key.Length > 0 ? $", key {record.Key}" : "")}{(record.Code.Length > 0 ? $", {record.Code}" : "")}");
}

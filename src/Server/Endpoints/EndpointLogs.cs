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

    /// <summary>Older requests are looked for no further: reading all that is kept takes seconds.</summary>
    private const int MostSegments = 2;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    /// <summary>The latest lines, oldest first.</summary>
    public async Task<Page<LogLine>> LatestAsync(string environment, string model, string? revision)
    {
        List<LogLine> lines = await EngineLinesAsync(revision);
        lines.AddRange(Latest(environment, model));
        return new([.. lines.OrderBy(line => line.At).TakeLast(MostLines)]);
    }

    /// <summary>Lines from after <paramref name="seen"/> (UTC microseconds) as they come. Null items are heartbeats.</summary>
    /// <param name="environment">Of the endpoint.</param>
    /// <param name="model">Of the endpoint.</param>
    /// <param name="revision">Whose replicas' lines are read; it may change.</param>
    /// <param name="seen">Where to begin.</param>
    /// <param name="most">Requests that are told at once, every half second; of more than these only the newest.</param>
    /// <param name="cancellation">Ends it.</param>
    internal async IAsyncEnumerable<SseItem<LogLine?>> FollowAsync(
        string environment, string model, Func<Task<string?>> revision, long seen, int most, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using PeriodicTimer timer = new(Pace, clock);
        long spoke = clock.GetTimestamp();
        journal.Flush();
        RecordTail tail = records.Tail();
        LogLine[] latest = [.. Latest(environment, model)];
        // What was appended between the two calls above is in both.
        HashSet<string?> told = [.. latest.Select(line => line.RequestId)];
        IEnumerable<LogLine> requests = latest.Where(line => line.At > seen);
        long engineSeen = seen;
        do
        {
            LogLine[] engineLines = [.. (await EngineLinesAsync(await revision())).Where(line => line.At > engineSeen)];
            engineSeen = engineLines.Length == 0 ? engineSeen : engineLines.Max(line => line.At);
            foreach (LogLine line in engineLines.Concat(requests).OrderBy(line => line.At).ToArray())
            {
                (seen, spoke) = (Math.Max(seen, line.At), clock.GetTimestamp());
                yield return new SseItem<LogLine?>(line) { EventId = seen.ToString(CultureInfo.InvariantCulture) };
            }
            if (clock.GetElapsedTime(spoke) > Heartbeat)
            {
                spoke = clock.GetTimestamp();
                yield return new SseItem<LogLine?>(null);
            }
            requests = tail.Read(most, record => IsOf(record, environment, model) && !told.Contains(record.RequestId)).Select(Line);
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

    private IEnumerable<LogLine> Latest(string environment, string model)
    {
        journal.Flush();
        return records.Newest(MostLines, record => IsOf(record, environment, model), mostSegments: MostSegments).Select(Line);
    }

    private static bool IsOf(ServedRecord record, string environment, string model) => record.Environment == environment && record.Model == model;

    private static LogLine Line(ServedRecord record) => new(record.AtMicros, record.Revision, "request", Text(record), record.RequestId);

    private static string Text(ServedRecord record) => string.Create(
        CultureInfo.InvariantCulture,
        $"{record.Status} {record.Rows} row{(record.Rows == 1 ? "" : "s")} in {record.LatencyMicros / 1000.0:0.##} ms{(record.Key.Length > 0 ? $", key {record.Key}" : "")}{(record.Code.Length > 0 ? $", {record.Code}" : "")}");
}

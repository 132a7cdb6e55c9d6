using System.Net.ServerSentEvents;
using Raywright.Core.Api;
using Raywright.Server.App.Overview;
using Raywright.Server.Endpoints;

namespace Raywright.Server.App.Endpoints;

/// <summary>Lines of endpoints as they come, each endpoint read once for all pages that show it, and not at all while none does.</summary>
internal sealed partial class LogFeeds(EndpointLogs logs, EndpointBoard board, TimeProvider clock, ILogger<LogFeeds> log) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private readonly Lock gate = new();
    private readonly Dictionary<(string Environment, string Model), (LogFeed Feed, CancellationTokenSource Over)> feeds = [];

    public LogFeed Open(string environment, string model)
    {
        lock (gate)
        {
            if (!feeds.TryGetValue((environment, model), out (LogFeed Feed, CancellationTokenSource Over) one))
            {
                one = (new LogFeed(environment, model), new CancellationTokenSource());
                feeds[(environment, model)] = one;
                CancellationToken over = one.Over.Token;
                _ = Task.Run(() => RunAsync(one.Feed, over), over);
            }
            one.Feed.Readers++;
            return one.Feed;
        }
    }

    public void Close(LogFeed feed)
    {
        lock (gate)
        {
            if (--feed.Readers > 0 || !feeds.Remove((feed.Environment, feed.Model), out (LogFeed Feed, CancellationTokenSource Over) one))
                return;
            one.Over.Cancel();
            one.Over.Dispose();
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            foreach ((_, CancellationTokenSource over) in feeds.Values)
            {
                over.Cancel();
                over.Dispose();
            }
            feeds.Clear();
        }
    }

    private async Task RunAsync(LogFeed feed, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            try
            {
                await foreach (SseItem<LogLine?> item in logs.FollowAsync(feed.Environment, feed.Model, () => Task.FromResult(Serving(feed)), feed.Seen, LogFeed.Most, over))
                {
                    if (item.Data is { } line)
                        feed.Add(line);
                }
            }
            catch (OperationCanceledException) when (over.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                LogFailed(e, feed.Model, feed.Environment);
                await Task.Delay(Pause, clock, over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private string? Serving(LogFeed feed) =>
        board.Current.FirstOrDefault(one => one.Environment == feed.Environment && one.Model == feed.Model)?.Traffic is [{ Revision: var serving }, ..] ? serving : null;

    [LoggerMessage(Level = LogLevel.Warning, Message = "The app could not follow the logs of {Model} in {Environment}")]
    private partial void LogFailed(Exception exception, string model, string environment);
}

/// <summary>The newest lines of one endpoint.</summary>
internal sealed class LogFeed(string environment, string model)
{
    /// <summary>Lines that are kept; more than a page shows, so that a filter finds something.</summary>
    public const int Most = 400;

    private readonly Lock gate = new();
    private readonly Queue<FeedLine> lines = new(Most);
    private long last;
    private long seen;

    public string Environment => environment;

    public string Model => model;

    /// <summary>Pages that show it; counted by <see cref="LogFeeds"/>.</summary>
    public int Readers { get; set; }

    /// <summary>Number of the newest line; lines are numbered from 1.</summary>
    public long Last => Volatile.Read(ref last);

    /// <summary>Time of the newest line, UTC microseconds.</summary>
    public long Seen => Volatile.Read(ref seen);

    public void Add(LogLine line)
    {
        lock (gate)
        {
            if (lines.Count == Most)
                lines.Dequeue();
            lines.Enqueue(new(last + 1, line));
            Volatile.Write(ref seen, Math.Max(seen, line.At));
            Volatile.Write(ref last, last + 1);
        }
    }

    /// <summary>What is kept, oldest first.</summary>
    public FeedLine[] Look()
    {
        lock (gate)
            return [.. lines];
    }
}

internal readonly record struct FeedLine(long Number, LogLine Line);

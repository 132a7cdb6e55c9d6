using System.Collections.Immutable;
using Raywright.Core.Api;
using Raywright.Gateway.Access;
using Raywright.Server.App.Sessions;
using Raywright.Server.Endpoints;
using Raywright.Server.Operations;

namespace Raywright.Server.App.Overview;

/// <summary>
/// What runs, read while anybody looks, once for all open pages. A page is told of each reading and decides itself whether something
/// that it shows has changed. Pages are told one after the other, and less often the more they are: drawn all at once, or all of them
/// often, they would hold up the requests that come meanwhile.
/// </summary>
internal sealed partial class EndpointBoard(EndpointService endpoints, LiveOperations live, TimeProvider clock, ILogger<EndpointBoard> log) : IDisposable
{
    /// <summary>Between two readings while something is being done, and while nothing is.</summary>
    private static readonly TimeSpan Busy = TimeSpan.FromSeconds(0.5), Idle = TimeSpan.FromSeconds(1);

    /// <summary>Between two that are told at least: a page, or a part of one that follows for itself.</summary>
    private static readonly TimeSpan BusyGap = TimeSpan.FromMilliseconds(10), IdleGap = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan Slowest = TimeSpan.FromSeconds(5);

    /// <summary>Reads everything; each page shows only what its own key reaches.</summary>
    private static readonly KeyEntry Everything = new("app", "app", "", [], [], null);

    private readonly Lock gate = new();
    private readonly CancellationTokenSource over = new();
    private ImmutableList<Follower> followers = [];
    private long readAt;
    private bool running;
    private bool failing;

    public ImmutableArray<EndpointInfo> Current { get; private set; } = [];

    /// <summary>What runs now, not older than a reading.</summary>
    public async ValueTask<ImmutableArray<EndpointInfo>> FreshAsync()
    {
        if (readAt == 0 || clock.GetElapsedTime(readAt) > Busy)
            await ReadAsync();
        return Current;
    }

    /// <summary>Tells a page of each reading until it lets go; not while no browser shows it.</summary>
    public IDisposable Follow(AppSession session, Func<Task> tell)
    {
        Follower follower = new(this, session, tell);
        lock (gate)
        {
            followers = followers.Add(follower);
            if (!running)
            {
                running = true;
                _ = RunAsync();
            }
        }
        return follower;
    }

    public void Dispose()
    {
        over.Cancel();
        over.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            await Task.Delay(Busy, clock, over.Token);
            while (!Stops())
            {
                Follower[] shown = [.. followers.Where(follower => follower.Session.IsShown)];
                if (shown.Length == 0)
                {
                    await Task.Delay(Idle, clock, over.Token);
                    continue;
                }
                await ReadAsync();
                List<Task> told = [];
                foreach (Follower follower in shown)
                {
                    told.Add(TellAsync(follower.Tell));
                    // Asked each time: what begins meanwhile is not waited for.
                    await Task.Delay(Pace(shown.Length) / shown.Length, clock, over.Token);
                }
                await Task.WhenAll(told);
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
        }
    }

    private TimeSpan Pace(int count)
    {
        (TimeSpan least, TimeSpan gap) = live.IsIdle ? (Idle, IdleGap) : (Busy, BusyGap);
        TimeSpan all = gap * count;
        return all < least ? least : all > Slowest ? Slowest : all;
    }

    private bool Stops()
    {
        lock (gate)
            return !(running = !followers.IsEmpty);
    }

    private async Task ReadAsync()
    {
        try
        {
            Current = (await endpoints.ListAsync(Everything)).Items;
            readAt = clock.GetTimestamp();
            failing = false;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The pages keep what they last saw, and the next reading may succeed; the log says it once.
            if (!failing)
                LogFailed(e);
            failing = true;
        }
    }

    private async Task TellAsync(Func<Task> tell)
    {
        try
        {
            await tell();
        }
        catch (Exception e)
        {
            // Mostly the page went while it was told; whatever it is, the others are told all the same.
            LogGone(e);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The app could not read what runs")]
    private partial void LogFailed(Exception exception);

    [LoggerMessage(Level = LogLevel.Debug, Message = "A page went away while it was told of a change")]
    private partial void LogGone(Exception exception);

    private sealed class Follower(EndpointBoard board, AppSession session, Func<Task> tell) : IDisposable
    {
        public AppSession Session => session;

        public Func<Task> Tell => tell;

        public void Dispose()
        {
            lock (board.gate)
                board.followers = board.followers.Remove(this);
        }
    }
}

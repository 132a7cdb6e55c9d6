using System.Collections.Immutable;
using Raywright.Core.Api;
using Raywright.Gateway.Access;
using Raywright.Server.Endpoints;

namespace Raywright.Server.App.Overview;

/// <summary>
/// What runs, read twice a second while anybody looks, once for all open pages. A page is told at each reading and decides itself
/// whether something that it shows has changed.
/// </summary>
internal sealed partial class EndpointBoard(EndpointService endpoints, TimeProvider clock, ILogger<EndpointBoard> log) : IDisposable
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(500);

    /// <summary>Reads everything; each page shows only what its own key reaches.</summary>
    private static readonly KeyEntry Everything = new("app", "app", "", [], [], null);

    private readonly Lock gate = new();
    private readonly CancellationTokenSource over = new();
    private ImmutableList<Func<Task>> pages = [];
    private long readAt;
    private bool running;
    private bool failing;

    public ImmutableArray<EndpointInfo> Current { get; private set; } = [];

    /// <summary>What runs now, not older than a reading.</summary>
    public async ValueTask<ImmutableArray<EndpointInfo>> FreshAsync()
    {
        if (readAt == 0 || clock.GetElapsedTime(readAt) > Pace)
            await ReadAsync();
        return Current;
    }

    /// <summary>Tells a page of each reading until it lets go.</summary>
    public IDisposable Follow(Func<Task> page)
    {
        lock (gate)
        {
            pages = pages.Add(page);
            if (!running)
            {
                running = true;
                _ = RunAsync();
            }
        }
        return new Following(this, page);
    }

    public void Dispose()
    {
        over.Cancel();
        over.Dispose();
    }

    private async Task RunAsync()
    {
        using PeriodicTimer timer = new(Pace, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(over.Token))
            {
                if (Stops())
                    return;
                await ReadAsync();
                await Task.WhenAll(pages.Select(TellAsync));
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
        }
    }

    private bool Stops()
    {
        lock (gate)
            return !(running = !pages.IsEmpty);
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

    private async Task TellAsync(Func<Task> page)
    {
        try
        {
            await page();
        }
        catch (Exception e)
        {
            // Mostly the page went while it was told; whatever it is, the others are told all the same.
            LogGone(e);
        }
    }

    private void Leave(Func<Task> page)
    {
        lock (gate)
            pages = pages.Remove(page);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The app could not read what runs")]
    private partial void LogFailed(Exception exception);

    [LoggerMessage(Level = LogLevel.Debug, Message = "A page went away while it was told of a change")]
    private partial void LogGone(Exception exception);

    private sealed class Following(EndpointBoard board, Func<Task> page) : IDisposable
    {
        public void Dispose() => board.Leave(page);
    }
}

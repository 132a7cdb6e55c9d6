using System.Collections.Concurrent;
using Raywright.Core.Errors;
using Raywright.Server.Store;

namespace Raywright.Server.Operations;

/// <summary>
/// Works operations off: one at a time a target, in the order in which they were acknowledged; several targets side by side. What
/// is under way when the server stops is taken up at its next start.
/// </summary>
internal sealed partial class OperationRunner(OperationService operations, TimeProvider clock, ILogger<OperationRunner> log) : IHostedService, IDisposable
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(5);
    private readonly SemaphoreSlim slots = new(Math.Max(2, Environment.ProcessorCount));
    private readonly ConcurrentDictionary<string, Task> last = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource stopping = new();

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        operations.Begun = Enqueue;
        await operations.ResumeAsync();
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        operations.Begun = null;
        // Left as they are: acknowledged and unfinished, as after a crash.
        await stopping.CancelAsync();
        await Task.WhenAny(Task.WhenAll(last.Values), Task.Delay(Timeout.InfiniteTimeSpan, clock, cancellationToken));
    }

    public void Dispose()
    {
        stopping.Dispose();
        slots.Dispose();
    }

    private void Enqueue(OperationRun run)
    {
        lock (last)
        {
            Task before = last.GetValueOrDefault(run.Target, Task.CompletedTask);
            last[run.Target] = AfterAsync(before, run);
        }
    }

    private async Task AfterAsync(Task before, OperationRun run)
    {
        // One that is cancelled while it waits for its turn ends at once; those behind it still wait for those before it.
        await Task.WhenAny(before, run.Cancelled).ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await WorkAsync(run);
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task WorkAsync(OperationRun run)
    {
        while (!stopping.IsCancellationRequested)
        {
            bool slot = await SlotAsync(run);
            try
            {
                await operations.RunAsync(run, stopping.Token);
                return;
            }
            catch (Exception) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (StoreFailure.Of(e) is { } passing)
            {
                // A full disk or a database that is away: the operation was acknowledged, so it waits for better times.
                LogWaiting(run.Id, passing.Detail);
            }
            catch (Exception e)
            {
                LogFailed(e, run.Id);
                await EndAsync(run);
                return;
            }
            finally
            {
                if (slot)
                    slots.Release();
            }
            await Task.Delay(RetryPause, clock, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Waits for a slot; false where the operation was cancelled and needs none to end.</summary>
    private async Task<bool> SlotAsync(OperationRun run)
    {
        try
        {
            await slots.WaitAsync(run.Cancellation.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task EndAsync(OperationRun run)
    {
        try
        {
            await operations.FailAsync(run, [new(Catalogue.Internal, $"The operation failed in the server; the log has the details under {run.Id}.")]);
        }
        catch (Exception e)
        {
            // It stays acknowledged, and the next start takes it up.
            LogFailed(e, run.Id);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Operation {Operation} failed")]
    private partial void LogFailed(Exception exception, string operation);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Operation {Operation} waits: {Reason}")]
    private partial void LogWaiting(string operation, string reason);
}

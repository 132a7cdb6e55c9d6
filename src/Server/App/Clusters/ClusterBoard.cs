using System.Collections.Immutable;
using Raywright.Core.Api;
using Raywright.Server.Computes;

namespace Raywright.Server.App.Clusters;

/// <summary>
/// Computes with their nodes, for all open pages together. A cluster that does not answer takes seconds to say so, which no page waits
/// for: it shows what was last seen, and the next reading comes when it comes.
/// </summary>
internal sealed partial class ClusterBoard(ComputeService computes, TimeProvider clock, ILogger<ClusterBoard> log)
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(5);
    private readonly Lock gate = new();
    private Task reading = Task.CompletedTask;
    private long readAt;

    /// <summary>Default until they were read once.</summary>
    public ImmutableArray<ComputeInfo> Current { get; private set; }

    /// <summary>Reads anew where that was some time ago; the task ends with the reading.</summary>
    public Task Look()
    {
        lock (gate)
        {
            if (reading.IsCompleted && (Current.IsDefault || clock.GetElapsedTime(readAt) > Pace))
                reading = ReadAsync();
            return reading;
        }
    }

    private async Task ReadAsync()
    {
        try
        {
            Current = (await computes.ListAsync()).Items;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The pages keep what they last saw.
            LogFailed(e);
        }
        finally
        {
            readAt = clock.GetTimestamp();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The app could not read the computes")]
    private partial void LogFailed(Exception exception);
}

using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Raywright.Core.Errors;
using Raywright.Ray.Agent;

namespace Raywright.Ray.Engine;

/// <summary>Hears from the agent who announces itself, who could not load, and which files are missing, as it happens.</summary>
internal sealed partial class AgentWatch(
    string name, AgentClient agent, ConcurrentDictionary<string, RayRevision> desired, Announcements announcements, TimeProvider clock, ILogger log)
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Failures that were heard: the agent names each until the revision is deployed anew.</summary>
    private readonly Dictionary<string, (string Generation, string Replica, int Times)> heard = new(StringComparer.Ordinal);

    public async Task RunAsync(CancellationToken stopping)
    {
        AgentState? known = null;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                Result<AgentState> state = await agent.StateAsync(known, Wait, stopping).ConfigureAwait(false);
                if (state.Ok)
                {
                    known = state.Value;
                    await HearAsync(known, stopping).ConfigureAwait(false);
                    continue;
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                LogFailed(e, name);
            }
            await Task.Delay(Pause, clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task HearAsync(AgentState state, CancellationToken stopping)
    {
        announcements.Hear(state);
        foreach (ReplicaFailure failure in state.Failures.Where(failure => IsNew(state.Generation, failure)))
        {
            if (desired.TryGetValue(failure.Revision, out RayRevision? failed) && failed.Target.ReadyReplicas == 0)
            {
                foreach (string line in (failure.Trace ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries))
                    failed.Say(line);
                failed.Fail(Diagnosis.Of(failure));
            }
        }
        await Task.WhenAll(desired.Values.Select(async revision =>
        {
            await revision.Target.AnnounceAsync(announcements.Of(revision.Id), stopping).ConfigureAwait(false);
            revision.Tell();
        })).ConfigureAwait(false);
        if (!state.Missing.IsEmpty)
            await SendMissingAsync([.. state.Missing], stopping).ConfigureAwait(false);
    }

    private bool IsNew(string generation, ReplicaFailure failure)
    {
        (string, string, int) now = (generation, failure.Replica, failure.Times);
        bool known = heard.TryGetValue(failure.Revision, out (string, string, int) before) && before == now;
        heard[failure.Revision] = now;
        return !known;
    }

    /// <summary>An agent that was started on another node has no files.</summary>
    private async Task SendMissingAsync(HashSet<string> missing, CancellationToken stopping)
    {
        foreach (RayRevision revision in desired.Values)
        {
            foreach ((Core.Api.FileReference file, Func<Stream> open) in await revision.FilesAsync(stopping).ConfigureAwait(false))
            {
                if (missing.Remove(file.Sha256))
                    await agent.PushAsync(file.Sha256, open, null, stopping).ConfigureAwait(false);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "What the agent of the compute {Compute} says is not understood")]
    private partial void LogFailed(Exception exception, string compute);
}

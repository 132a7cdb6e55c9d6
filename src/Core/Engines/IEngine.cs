using System.Collections.Immutable;
using Raywright.Core.Api;
using Raywright.Core.Errors;

namespace Raywright.Core.Engines;

/// <summary>
/// A place that runs replicas (DESIGN 4, the engine seam). Nothing above it knows which one it talks to.
/// All calls may come from any thread; <see cref="ApplyAsync"/> is level-triggered and idempotent.
/// </summary>
public interface IEngine : IAsyncDisposable
{
    /// <summary>Name of the compute, e.g. <c>embedded</c>.</summary>
    string Name { get; }

    /// <summary>Everything that speaks against running it, all at once; empty where nothing does. Runs no model code in process.</summary>
    /// <param name="source">What is to run.</param>
    /// <param name="tell">Hears what takes long, a sentence each.</param>
    /// <param name="cancellation">Ends the trial.</param>
    Task<ImmutableArray<Problem>> PreflightAsync(RevisionSource source, Action<string> tell, CancellationToken cancellation);

    /// <summary>
    /// Makes the running revisions the desired ones: starts what is missing, stops what is not named. It need not wait until they run;
    /// failures show in <see cref="Observe"/>.
    /// </summary>
    Task ApplyAsync(IReadOnlyCollection<RevisionSource> desired, CancellationToken cancellation);

    /// <summary>Waits until a desired revision runs or has failed, and says how it is.</summary>
    /// <param name="revisionId">One that is desired; one that is not has failed.</param>
    /// <param name="tell">Hears what it waits for, a sentence each.</param>
    /// <param name="cancellation">Ends the waiting alone.</param>
    Task<RevisionState> SettledAsync(string revisionId, Action<string> tell, CancellationToken cancellation);

    /// <summary>What runs and how well, now.</summary>
    ImmutableArray<RevisionState> Observe();

    /// <summary>Sets the number of replicas of a running revision.</summary>
    Task ScaleAsync(string revisionId, int replicas, CancellationToken cancellation);

    /// <summary>What replicas of a revision wrote, oldest first; follows until cancelled where asked to.</summary>
    IAsyncEnumerable<ReplicaLogLine> LogsAsync(string revisionId, bool follow, CancellationToken cancellation);

    /// <summary>How the gateway reaches a revision; null where it does not run.</summary>
    IReplicaTarget? Target(string revisionId);
}

/// <param name="Revision">What to run.</param>
/// <param name="Folder">The version's files, unpacked and checked against the digest; read-only.</param>
/// <param name="Question">What a trial asks it, in the neutral form; null means inputs made up from the contract.</param>
/// <param name="Files">The files in the folder, for whoever has to bring them elsewhere.</param>
public sealed record RevisionSource(RevisionConfig Revision, string Folder, string? Question = null, ImmutableArray<FileReference> Files = default);

/// <summary>What an engine sees of one revision.</summary>
/// <param name="Problem">Why it is unwell, in words a person can act on.</param>
/// <param name="Note">What is unusual about how it runs, though it is well.</param>
public sealed record RevisionState(string RevisionId, RevisionHealth Health, int ReadyReplicas, Problem? Problem = null, string? Note = null);

public enum RevisionHealth
{
    Starting,
    Healthy,
    Unhealthy,
}

/// <param name="AtMicros">UTC microseconds since 1970.</param>
/// <param name="Stream"><c>stdout</c>, <c>stderr</c> or <c>engine</c>.</param>
public sealed record ReplicaLogLine(long AtMicros, string Stream, string Text, string? RequestId = null);

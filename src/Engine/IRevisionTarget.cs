using System.Collections.Immutable;
using Raywright.Core.Engines;
using Raywright.Core.Errors;

namespace Raywright.Engine;

/// <summary>One revision that runs here, whatever runs it.</summary>
internal interface IRevisionTarget : IReplicaTarget
{
    int ReadyReplicas { get; }

    /// <summary>Why no replica is ready; null where one is.</summary>
    Problem? Problem { get; }

    /// <summary>What there is to say about it, oldest first.</summary>
    ImmutableArray<ReplicaLogLine> Log { get; }

    void Scale(int replicas);

    /// <summary>Takes no more calls, waits for those in flight, and gives everything back.</summary>
    Task CloseAsync();
}

using System.Collections.Immutable;
using Raywright.Core.Errors;

namespace Raywright.Ray.Engine;

/// <summary>How applications of ours get into a cluster and out of it: through our agent, or through the list of declared ones.</summary>
internal interface IClusterWriter
{
    /// <summary>Why replicas are asked through Serve's proxy alone; null where they announce themselves.</summary>
    string? Detour { get; }

    /// <summary>Makes sure that applications can be written; what is wrong, or null.</summary>
    Task<Problem?> ReadyAsync(Action<string> tell, CancellationToken cancellation);

    /// <summary>What of a revision could not be had there, every problem at once.</summary>
    Task<ImmutableArray<Problem>> PreflightAsync(RayRevision revision, Action<string> tell, CancellationToken cancellation);

    /// <summary>Brings what a revision needs and deploys it; returns before it runs.</summary>
    Task<Problem?> DeployAsync(RayRevision revision, CancellationToken cancellation);

    /// <summary>Makes sure that a revision without replicas can start one.</summary>
    Task<Problem?> WakeAsync(RayRevision revision, CancellationToken cancellation);

    /// <summary>Removes applications of ours.</summary>
    Task<Problem?> DeleteAsync(IReadOnlyCollection<string> applications, CancellationToken cancellation);
}

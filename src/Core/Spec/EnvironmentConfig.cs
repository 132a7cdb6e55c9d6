using System.Collections.Immutable;

namespace Raywright.Core.Spec;

/// <summary>An environment (DESIGN 2): which compute it uses, and what it sets or forbids for every model in it.</summary>
/// <param name="Name">At most 12 characters.</param>
/// <param name="Production">Whether strict rules hold.</param>
/// <param name="Compute">Where replicas run.</param>
/// <param name="Overrides">Values that win over every spec (<see cref="SpecReader.ReadOverrides"/>); null where it sets none.</param>
/// <param name="Locks">
/// Keys that a spec may not set for this environment, e.g. <c>resources.gpus</c>, or <c>rollout</c> for all keys below. Where the
/// environment sets the key itself, a spec may still have a value for other environments at its root.
/// </param>
/// <param name="MostReplicas">Upper bound of <c>scaling.max</c>.</param>
/// <param name="MostCpus">Upper bound of <c>resources.cpus</c>.</param>
/// <param name="MostMemoryBytes">Upper bound of <c>resources.memory</c>.</param>
/// <param name="MostGpus">Upper bound of <c>resources.gpus</c>.</param>
public sealed record EnvironmentConfig(
    string Name,
    bool Production = false,
    string Compute = "embedded",
    SpecMap? Overrides = null,
    ImmutableArray<string> Locks = default,
    int? MostReplicas = null,
    double? MostCpus = null,
    long? MostMemoryBytes = null,
    double? MostGpus = null)
{
    public ImmutableArray<string> Locks { get; init; } = Locks.IsDefault ? [] : Locks;
}

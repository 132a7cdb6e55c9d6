using System.Collections.Immutable;

namespace Raywright.Core.Spec;

/// <summary>An environment (DESIGN 2): which compute it uses, and what it sets or forbids for every model in it.</summary>
/// <param name="Name">At most 12 characters.</param>
/// <param name="Production">Whether strict rules hold.</param>
/// <param name="Compute">Where replicas run.</param>
/// <param name="Overrides">Values that win over every spec; null where it sets none.</param>
/// <param name="Locks">Keys that a spec may not set for this environment, e.g. <c>resources.gpus</c>.</param>
/// <param name="MostReplicas">Upper bound of <c>scaling.max</c>.</param>
public sealed record EnvironmentConfig(
    string Name,
    bool Production = false,
    string Compute = "embedded",
    SpecMap? Overrides = null,
    ImmutableArray<string> Locks = default,
    int? MostReplicas = null)
{
    public ImmutableArray<string> Locks { get; init; } = Locks.IsDefault ? [] : Locks;
}

using System.Collections.Immutable;
using System.Globalization;

namespace Raywright.Core.Engines;

/// <summary>What is in the environment of a process that runs a model, besides what its machine puts there.</summary>
public static class ModelVariables
{
    /// <summary>Linear algebra starts one thread a core and replica otherwise, which then wait for each other.</summary>
    public static readonly ImmutableArray<string> ThreadLimits = ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"];

    /// <summary>The endpoint's own variables come last: who sets a limit means it.</summary>
    public static ImmutableSortedDictionary<string, string> Of(RevisionConfig revision)
    {
        string threads = Math.Max(1, Math.Ceiling(revision.Resources.Cpus)).ToString(CultureInfo.InvariantCulture);
        return ThreadLimits.ToImmutableSortedDictionary(name => name, _ => threads, StringComparer.Ordinal).SetItems(revision.Variables);
    }
}

using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Raywright.Core.Engines;
using Raywright.Core.Errors;

namespace Raywright.Ray.Configuration;

/// <summary>What a revision asks for and Ray would do otherwise than the embedded engine, or not at all; said before it is tried.</summary>
public static partial class ServeChecks
{
    /// <summary>Every problem at once; empty where there is none.</summary>
    public static ImmutableArray<Problem> Of(RevisionConfig revision, ServeSettings settings) =>
    [
        .. DeploymentOptions.Sorted(revision.Variables).Where(pair => Reference().IsMatch(pair.Value)).Select(pair => new Problem(
            Catalogue.RayVariable,
            $"`variables.{pair.Key}` holds `$` before a name; Ray would put another variable's value there.",
            $"variables.{pair.Key}",
            settings.Origins.GetValueOrDefault($"variables.{pair.Key}")?.Location)),
        .. Gpus(revision, settings),
    ];

    /// <summary>A spec that asks for this is refused; a revision may be older than that rule.</summary>
    private static IEnumerable<Problem> Gpus(RevisionConfig revision, ServeSettings settings)
    {
        if (revision.Resources.Gpus is var gpus && gpus > 1 && gpus != Math.Floor(gpus))
            yield return new(Catalogue.SpecValue, FormattableString.Invariant($"`resources.gpus` is {gpus}: Ray gives a replica whole GPUs, or a part of one."), "resources.gpus", settings.Origins.GetValueOrDefault("resources.gpus")?.Location, FormattableString.Invariant($"Write {Math.Floor(gpus)} or {Math.Ceiling(gpus)}."));
    }

    [GeneratedRegex(@"\$(\w|\{)")]
    private static partial Regex Reference();
}

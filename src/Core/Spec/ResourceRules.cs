using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Raywright.Core.Errors;

namespace Raywright.Core.Spec;

/// <summary>
/// What Ray accepts as resources of a replica. Ray itself says so only when a replica is to start, or never: a replica that asks for
/// what no node can have waits without an end.
/// </summary>
internal static partial class ResourceRules
{
    /// <summary>What has a key of its own, by the name that Ray gives it.</summary>
    private static readonly ImmutableSortedDictionary<string, string> Own = ImmutableSortedDictionary.CreateRange(
        StringComparer.OrdinalIgnoreCase,
        [KeyValuePair.Create("CPU", "cpus"), KeyValuePair.Create("GPU", "gpus"), KeyValuePair.Create("memory", "memory"), KeyValuePair.Create("object_store_memory", "memory")]);

    /// <param name="map">The object of an environment, or the whole spec.</param>
    /// <param name="prefix">Where it stands, ending with a dot unless it is the root.</param>
    public static IEnumerable<Problem> Check(SpecMap map, string prefix) => [.. Gpus(map, prefix), .. Accelerator(map, prefix), .. Custom(map, prefix), .. Labels(map, prefix)];

    private static IEnumerable<Problem> Gpus(SpecMap map, string prefix)
    {
        if (!map.TryGet("resources.gpus", out double gpus, out SourceLocation at))
            yield break;
        if (gpus > 1 && gpus != Math.Floor(gpus))
            yield return new(Catalogue.SpecValue, FormattableString.Invariant($"`{prefix}resources.gpus` is {gpus}: a replica takes whole GPUs, or a part of one."), $"{prefix}resources.gpus", at, FormattableString.Invariant($"Write {Math.Floor(gpus)} or {Math.Ceiling(gpus)}."));
        if (gpus is > 0 and < SpecKeys.SmallestShare)
            yield return new(Catalogue.SpecValue, FormattableString.Invariant($"`{prefix}resources.gpus` is {gpus}; the smallest part of a GPU is {SpecKeys.SmallestShare}."), $"{prefix}resources.gpus", at, "Write a larger part, or 0.");
    }

    private static IEnumerable<Problem> Accelerator(SpecMap map, string prefix)
    {
        if (map.TryGet("resources.accelerator", out string? accelerator, out SourceLocation at) && !AcceleratorName().IsMatch(accelerator))
            yield return new(Catalogue.SpecValue, $"`{prefix}resources.accelerator` is {SpecValues.Shorten(accelerator)}.", $"{prefix}resources.accelerator", at, "Write the name that Ray gives it, such as A100, L4 or TPU-V4.");
    }

    private static IEnumerable<Problem> Custom(SpecMap map, string prefix)
    {
        if (!map.TryGet("resources.custom", out ImmutableSortedDictionary<string, double>? custom, out SourceLocation at))
            yield break;
        foreach (string name in custom.Keys)
        {
            if (Own.TryGetValue(name, out string? key))
                yield return new(Catalogue.SpecName, $"`{prefix}resources.custom.{name}` is no resource of the cluster's own making.", $"{prefix}resources.custom", at, $"Write it as `resources.{key}`.");
        }
    }

    private static IEnumerable<Problem> Labels(SpecMap map, string prefix)
    {
        if (!map.TryGet("resources.labels", out ImmutableSortedDictionary<string, string>? labels, out SourceLocation at))
            yield break;
        foreach ((string name, string value) in labels)
        {
            if (!LabelValue().IsMatch(value))
                yield return new(Catalogue.SpecValue, $"`{prefix}resources.labels.{SpecValues.Shorten(name)}` is {SpecValues.Shorten(value)}.", $"{prefix}resources.labels", at, "Write a value, `!value`, `in(a, b)` or `!in(a, b)`; values are letters, digits and `_.-`, at most 63.");
        }
    }

    [GeneratedRegex(@"\A" + SpecKeys.AcceleratorPattern + @"\z")]
    private static partial Regex AcceleratorName();

    [GeneratedRegex(@"\A" + SpecKeys.LabelValuePattern + @"\z")]
    private static partial Regex LabelValue();
}

using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using Raywright.Core.Errors;

namespace Raywright.Core.Spec;

/// <summary>What a single value cannot show: names, paths, and keys that have to fit each other. Skips what could not be read.</summary>
public static partial class SpecRules
{
    public static bool IsModelName(string name) => ModelName().IsMatch(name);

    public static bool IsEnvironmentName(string name) => EnvironmentName().IsMatch(name);

    internal static IEnumerable<Problem> Check(SpecDocument spec)
    {
        SpecMap root = spec.Root;
        return [.. Source(root), .. Runtime(root), .. Layers(root), .. Quality(root), .. Parity(root), .. ContractRules.Check(root)];
    }

    /// <param name="map">The object of an environment, or the whole spec.</param>
    /// <param name="below">The layer that it lies over; null where there is none.</param>
    /// <param name="prefix">Where it stands, ending with a dot unless it is the root.</param>
    internal static IEnumerable<Problem> CheckLayer(SpecMap map, SpecMap? below, string prefix)
    {
        if (Effective("scaling.min", out int min, out SourceLocation minAt) && Effective("scaling.max", out int max, out _) && min > max)
            yield return new(Catalogue.SpecCombination, $"`{prefix}scaling.min` is {min}, above `max`, which is {max}.", $"{prefix}scaling.min", minAt, $"Write a `max` of {min} or more, or a smaller `min`.");
        if (Effective("rollout.steps", out ImmutableArray<long> steps, out SourceLocation stepsAt))
        {
            if (!steps.SequenceEqual(steps.Order().Distinct()))
                yield return new(Catalogue.SpecCombination, $"`{prefix}rollout.steps` do not rise: {string.Join(", ", steps)}.", $"{prefix}rollout.steps", stepsAt, $"Write [{string.Join(", ", steps.Order().Distinct())}].");
            if (!Effective("rollout.strategy", out string? strategy, out _) || strategy == "replace")
                yield return new(Catalogue.SpecCombination, $"`{prefix}rollout.steps` needs the strategy canary; here it is replace.", $"{prefix}rollout.steps", stepsAt, "Add `strategy: canary`, or remove `steps`.");
        }
        foreach (Problem problem in ResourceRules.Check(map, prefix))
            yield return problem;
        foreach ((string name, string value) in map.Get<ImmutableSortedDictionary<string, string>>("variables") ?? ImmutableSortedDictionary<string, string>.Empty)
        {
            if (name.StartsWith("RAYWRIGHT_", StringComparison.Ordinal))
                yield return new(Catalogue.SpecName, $"`{prefix}variables.{SpecValues.Shorten(name)}`: names that start with RAYWRIGHT_ belong to the product.", $"{prefix}variables", map.At("variables"));
            if (IsLoaders(name))
                yield return new(Catalogue.SpecName, $"`{prefix}variables.{SpecValues.Shorten(name)}` changes which code is loaded, and with it what the model may read.", $"{prefix}variables", map.At("variables"), "Remove it; put modules into `files`, and packages into `runtime.requirements`.");
            if (value.Contains('\0', StringComparison.Ordinal))
                yield return new(Catalogue.SpecValue, $"`{prefix}variables.{SpecValues.Shorten(name)}` holds a NUL character, which no environment variable can.", $"{prefix}variables", map.At("variables"), "Remove it.");
        }

        // An environment answers only for the objects that it writes into, so nothing is said twice.
        bool Effective<T>(string path, [NotNullWhen(true)] out T? value, out SourceLocation at) where T : notnull
        {
            (value, at) = (default, default);
            return map.Has(path.Split('.')[0]) && (map.TryGet(path, out value, out at) || (below is not null && !map.Writes(path) && below.TryGet(path, out value, out at)));
        }
    }

    private static bool IsLoaders(string name) =>
        name.StartsWith("LD_", StringComparison.Ordinal) || name.StartsWith("DYLD_", StringComparison.Ordinal) || name is "PYTHONPATH" or "PYTHONHOME" or "PYTHONSTARTUP" or "PYTHONUSERBASE" or "PATH";

    private static IEnumerable<Problem> Layers(SpecMap root)
    {
        foreach (Problem problem in CheckLayer(root, null, ""))
            yield return problem;
        foreach ((string name, SpecMap map) in root.Get<ImmutableSortedDictionary<string, SpecMap>>("environments") ?? ImmutableSortedDictionary<string, SpecMap>.Empty)
        {
            foreach (Problem problem in CheckLayer(map, root, $"environments.{SpecValues.Shorten(name)}."))
                yield return problem;
        }
    }

    private static IEnumerable<Problem> Source(SpecMap root)
    {
        if (root.TryGet("model", out string? model, out SourceLocation modelAt) && !IsModelName(model))
            yield return new(Catalogue.SpecName, $"`{SpecValues.Shorten(model)}` is no name for a model.", "model", modelAt, Proposal(model));
        if (!root.TryGet("source", out string? source, out SourceLocation at))
            yield break;
        int scheme = source.IndexOf("://", StringComparison.Ordinal);
        if (scheme >= 0 && !SpecKeys.Registries.Contains(source[..scheme]))
            yield return new(Catalogue.SpecValue, $"`source` names the registry {SpecValues.Shorten(source[..scheme])}, which is not known.", "source", at, $"{(Spelling.Nearest(source[..scheme], SpecKeys.Registries) is { } near ? $"Write {near}://…; known" : "Known")} are {string.Join(", ", SpecKeys.Registries)}, and paths.");
        else if (scheme < 0 && !Artifacts.FileSet.IsSafePath(source))
            yield return new(Catalogue.SpecPath, $"`source` is {SpecValues.Shorten(source)}, which is no plain path below the spec's folder.", "source", at, source.StartsWith("./", StringComparison.Ordinal) ? $"Write `{SpecValues.Shorten(source[2..])}`." : null);
    }

    /// <summary>What the name becomes where one only has to drop what is not allowed.</summary>
    private static string? Proposal(string name)
    {
        string[] words = Odd().Split(name.ToLowerInvariant()).Where(word => word.Length > 0).ToArray();
        string proposal = string.Join('-', words);
        return IsModelName(proposal) ? $"Write `{proposal}`." : null;
    }

    private static IEnumerable<Problem> Runtime(SpecMap root)
    {
        if (root.TryGet("runtime.python", out string? python, out SourceLocation at) && !Python().IsMatch(python))
            yield return new(Catalogue.SpecValue, $"`runtime.python` is {SpecValues.Shorten(python)}.", "runtime.python", at, "Write `current`, or a version such as \"3.11\".");
    }

    private static IEnumerable<Problem> Quality(SpecMap root)
    {
        if (!root.TryGet("tests.quality", out SpecMap? quality, out SourceLocation at))
            yield break;
        if (!quality.Names.Any(name => name is "at_least" or "at_most"))
            yield return new(Catalogue.SpecCombination, "`tests.quality` names a metric but no bar.", "tests.quality", at, "Add `at_least` or `at_most`.");
        if (!root.Writes("tests.cases"))
            yield return new(Catalogue.SpecCombination, "`tests.quality` is measured over the labelled cases, but there are no `tests.cases`.", "tests.quality", at, "Add `cases: tests/cases.jsonl`, or remove `quality`.");
        if (quality.GetValue<double>("at_least") > quality.GetValue<double>("at_most"))
            yield return new(Catalogue.SpecCombination, "`tests.quality.at_least` is above `at_most`, so nothing can pass.", "tests.quality.at_least", quality.At("at_least"));
        if (quality.Get<string>("metric") is not ("accuracy" or "f1"))
            yield break;
        foreach (string bound in new[] { "at_least", "at_most" })
        {
            if (quality.TryGet(bound, out double value, out SourceLocation boundAt) && value is < 0 or > 1)
                yield return new(Catalogue.SpecValue, FormattableString.Invariant($"`tests.quality.{bound}` is {value}; {quality.Get<string>("metric")} lies between 0 and 1."), $"tests.quality.{bound}", boundAt, value is > 1 and <= 100 ? FormattableString.Invariant($"Write {value / 100}.") : null);
        }
    }

    private static IEnumerable<Problem> Parity(SpecMap root)
    {
        if (!root.TryGet("tests.parity", out string? twin, out SourceLocation at))
            yield break;
        if (twin == root.Get<string>("source"))
            yield return new(Catalogue.SpecCombination, "`tests.parity` is the `source` itself, so the two could not differ.", "tests.parity", at, "Name the other form of the model, or remove `parity`.");
        if (!root.Writes("tests.cases"))
            yield return new(Catalogue.SpecCombination, "`tests.parity` is compared over the inputs of the cases, but there are no `tests.cases`.", "tests.parity", at, "Add `cases: tests/cases.jsonl`, or remove `parity`.");
    }

    [GeneratedRegex(@"\A" + SpecKeys.ModelPattern + @"\z")]
    private static partial Regex ModelName();

    [GeneratedRegex(@"\A" + SpecKeys.EnvironmentPattern + @"\z")]
    private static partial Regex EnvironmentName();

    [GeneratedRegex(@"\A" + SpecKeys.PythonPattern + @"\z")]
    private static partial Regex Python();

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex Odd();
}

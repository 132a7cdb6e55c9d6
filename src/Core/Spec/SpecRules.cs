using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Raywright.Core.Contracts;
using Raywright.Core.Errors;
using Raywright.Core.Tensors;

namespace Raywright.Core.Spec;

/// <summary>What a single value cannot show: names, and combinations of keys.</summary>
public static partial class SpecRules
{
    public static bool IsModelName(string name) => name.Length <= SpecKeys.LongestModel && DnsLabel().IsMatch(name);

    public static bool IsEnvironmentName(string name) => name.Length <= SpecKeys.LongestEnvironment && DnsLabel().IsMatch(name);

    internal static IEnumerable<Problem> Check(SpecDocument spec)
    {
        SpecMap root = spec.Root;
        if (!IsModelName(spec.Model))
            yield return new(Catalogue.SpecName, $"`{SpecValues.Shorten(spec.Model)}` is no name for a model.", "model", root.At("model"));
        if (!spec.Source.Contains("://", StringComparison.Ordinal) && !Artifacts.FileSet.IsSafePath(spec.Source))
            yield return new(Catalogue.SpecPath, $"`source` is {SpecValues.Shorten(spec.Source)}.", "source", root.At("source"));
        foreach (string file in root.TryGet("files", out ImmutableArray<string> files, out SourceLocation filesAt) ? files : [])
        {
            if (!Artifacts.FileSet.IsSafePath(file))
                yield return new(Catalogue.SpecPath, $"`files` names {SpecValues.Shorten(file)}.", "files", filesAt);
        }
        foreach (Problem problem in Layer(root, ""))
            yield return problem;
        if (root.TryGet("environments", out ImmutableSortedDictionary<string, SpecMap>? environments, out SourceLocation at))
        {
            foreach ((string name, SpecMap map) in environments)
            {
                if (!IsEnvironmentName(name))
                    yield return new(Catalogue.SpecName, $"`{SpecValues.Shorten(name)}` is no name for an environment.", $"environments.{name}", at);
                foreach (Problem problem in Layer(map, $"environments.{name}."))
                    yield return problem;
            }
        }
        if (root.TryGet("tests.quality", out SpecMap? quality, out SourceLocation qualityAt) && !quality.Names.Any(name => name is "at_least" or "at_most"))
            yield return new(Catalogue.SpecCombination, "`tests.quality` names a metric but no bar.", "tests.quality", qualityAt, "Add `at_least` or `at_most`.");
        foreach (Problem problem in Contracts(root))
            yield return problem;
    }

    private static IEnumerable<Problem> Layer(SpecMap map, string prefix)
    {
        if (map.TryGet("scaling.min", out int min, out SourceLocation at) && map.TryGet("scaling.max", out int max, out _) && min > max)
            yield return new(Catalogue.SpecCombination, $"`{prefix}scaling.min` is {min}, above `max`, which is {max}.", $"{prefix}scaling.min", at);
        if (map.TryGet("rollout.steps", out ImmutableArray<long> steps, out SourceLocation stepsAt))
        {
            if (!steps.SequenceEqual(steps.Order().Distinct()))
                yield return new(Catalogue.SpecCombination, $"`{prefix}rollout.steps` do not rise.", $"{prefix}rollout.steps", stepsAt);
            if (map.Get<string>("rollout.strategy") == "replace")
                yield return new(Catalogue.SpecCombination, $"`{prefix}rollout.steps` needs the strategy canary.", $"{prefix}rollout.steps", stepsAt);
        }
    }

    private static IEnumerable<Problem> Contracts(SpecMap root)
    {
        if (root.Get<string>("contract") is not null && root.Names.Any(name => name is "inputs" or "outputs"))
            yield return new(Catalogue.SpecCombination, "`contract: none` and `inputs` or `outputs` exclude each other.", "contract", root.At("contract"));
        ImmutableArray<(InputField Field, SpecMap Map)> inputs = SpecContract.Inputs(root);
        ImmutableArray<(OutputField Field, SpecMap Map)> outputs = SpecContract.Outputs(root);
        foreach ((InputField field, SpecMap map) in inputs)
        {
            foreach ((string what, string key) in Against(field))
                yield return new(Catalogue.SpecCombination, $"`inputs` {field.Name}: {what}", $"inputs.{field.Name}.{key}", map.At(key));
        }
        foreach ((OutputField field, SpecMap map) in outputs)
        {
            if (field.Labels is { } labels && field.Type.IsFloat && (field.Shape is not [_, .., var last] || (last >= 0 && last != labels.Names.Length)))
                yield return new(Catalogue.SpecCombination, $"`outputs` {field.Name}: {labels.Names.Length} labels do not fit the shape; a float output has one score a class along its last dimension.", $"outputs.{field.Name}.labels", map.At("labels"));
            if (field.Nullable && !field.Type.IsFloat && field.Type is not (DataType.String or DataType.Json))
                yield return new(Catalogue.SpecCombination, $"`outputs` {field.Name}: a {field.Type.Name} cannot be null.", $"outputs.{field.Name}.nullable", map.At("nullable"));
        }
        foreach ((string name, SpecMap map) in Repeated(inputs.Select(pair => (pair.Field.Name, pair.Map)).Concat(inputs.SelectMany(pair => pair.Field.Columns.Select(column => (column, pair.Map))))))
            yield return new(Catalogue.SpecCombination, $"Two inputs or columns are called {name}.", "inputs", map.At("name"));
        foreach ((string name, SpecMap map) in Repeated(outputs.Select(pair => (pair.Field.Name, pair.Map))))
            yield return new(Catalogue.SpecCombination, $"Two outputs are called {name}.", "outputs", map.At("name"));
    }

    private static IEnumerable<(string What, string Key)> Against(InputField field)
    {
        if (!field.Columns.IsEmpty && field.Shape is not [_, .. { Length: > 0 }])
            yield return ("columns need a dimension besides the batch.", "columns");
        else if (!field.Columns.IsEmpty && field.Shape[^1] >= 0 && field.Shape[^1] != field.Columns.Length)
            yield return ($"{field.Columns.Length} columns do not fit the last dimension, which is {field.Shape[^1]}.", "columns");
        if (field.Min > field.Max)
            yield return ("`min` is above `max`.", "min");
        if ((field.Min is not null || field.Max is not null) && !field.Type.IsFloat && !field.Type.IsInteger)
            yield return ($"`min` and `max` mean nothing for {field.Type.Name}.", field.Min is not null ? "min" : "max");
        if (!field.Values.IsEmpty && field.Type != DataType.String && !(field.Type.IsFloat || field.Type.IsInteger))
            yield return ($"`values` means nothing for {field.Type.Name}.", "values");
        if (!field.Values.IsEmpty && field.Type != DataType.String && !field.Values.All(value => double.TryParse(value, System.Globalization.CultureInfo.InvariantCulture, out _)))
            yield return ($"`values` of a {field.Type.Name} are numbers.", "values");
        if (field.Nullable && (field.Type.IsInteger || field.Type == DataType.Bool))
            yield return ($"a {field.Type.Name} cannot be null; only floats (as NaN) and texts can.", "nullable");
    }

    private static IEnumerable<(string Name, SpecMap Map)> Repeated(IEnumerable<(string Name, SpecMap Map)> names) =>
        names.GroupBy(pair => pair.Name, StringComparer.Ordinal).Where(group => group.Count() > 1).Select(group => group.Last());

    [GeneratedRegex("^[a-z]([a-z0-9-]*[a-z0-9])?$", RegexOptions.ExplicitCapture)]
    private static partial Regex DnsLabel();
}

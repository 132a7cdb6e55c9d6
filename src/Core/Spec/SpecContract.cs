using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using Raywright.Core.Contracts;
using Raywright.Core.Errors;
using Raywright.Core.Tensors;

namespace Raywright.Core.Spec;

/// <summary>The contract that a spec writes, and how it joins the one that the artifact declares.</summary>
internal static class SpecContract
{
    /// <summary>The inputs that read well, each with its place.</summary>
    public static ImmutableArray<(InputField Field, SpecMap Map)> Inputs(SpecMap root) => [.. Fields(root, "inputs").Select(map => (new InputField(
        map.Get<string>("name")!,
        Type(map),
        map.GetValue<ImmutableArray<long>>("shape")!.Value,
        map.GetValue<ImmutableArray<string>>("columns") ?? [],
        [.. (map.GetValue<ImmutableArray<string>>("values") ?? []).Select(value => Shortest(value, Type(map)))],
        map.GetValue<double>("min"),
        map.GetValue<double>("max"),
        map.GetValue<bool>("nullable") ?? false,
        map.GetValue<bool>("optional") ?? false,
        map.Get<string>("description"),
        map.GetValue<ImmutableArray<string>>("units")), map))];

    public static ImmutableArray<(OutputField Field, SpecMap Map)> Outputs(SpecMap root) => [.. Fields(root, "outputs").Select(map => (new OutputField(
        map.Get<string>("name")!,
        Type(map),
        map.GetValue<ImmutableArray<long>>("shape")!.Value,
        map.Get<SpecLabels>("labels") is { } labels ? Labels(labels, Type(map)) : null,
        map.GetValue<bool>("nullable") ?? false,
        map.Get<string>("description"),
        map.GetValue<ImmutableArray<string>>("units")), map))];

    /// <summary>
    /// The effective contract: what the spec writes, checked against the artifact; what it leaves out, from the artifact.
    /// A spec may describe a field further (columns, labels, ranges) and name sizes that the artifact leaves open.
    /// </summary>
    public static Contract Join(SpecMap root, Contract? artifact, List<Problem> problems)
    {
        if (root.Get<string>("contract") == "none")
            return Contract.None;
        ImmutableArray<(InputField Field, SpecMap Map)> inputs = Inputs(root);
        ImmutableArray<(OutputField Field, SpecMap Map)> outputs = Outputs(root);
        if (artifact is null || artifact.PassThrough)
        {
            if (inputs.IsEmpty || outputs.IsEmpty)
                problems.Add(new(Catalogue.SpecMissingKey, "`inputs` and `outputs` are missing, and the artifact does not declare them.", "inputs", root.Location, "Write both, or `contract: none`."));
            return ClassNames.Spread(new([.. inputs.Select(pair => pair.Field)], [.. outputs.Select(pair => pair.Field)]));
        }
        foreach ((InputField field, SpecMap map) in inputs)
        {
            Check("inputs", new(field.Name, field.Type, field.Shape), [.. artifact.Inputs.Select(input => new Tensors(input.Name, input.Type, input.Shape))], map, problems);
            if (field.Optional && artifact.Inputs.FirstOrDefault(input => input.Name == field.Name) is { Optional: false })
                problems.Add(new(Catalogue.ContractMismatch, $"The input {field.Name} is optional in the spec, but the artifact needs it.", $"inputs.{field.Name}.optional", map.At("optional"), "Remove `optional`."));
        }
        foreach ((OutputField field, SpecMap map) in outputs)
            Check("outputs", new(field.Name, field.Type, field.Shape), [.. artifact.Outputs.Select(output => new Tensors(output.Name, output.Type, output.Shape))], map, problems);
        // The order of the artifact is the order of the wire.
        Contract joined = ClassNames.Spread(new(
            [.. artifact.Inputs.Select(input => inputs.FirstOrDefault(pair => pair.Field.Name == input.Name) is { Field: { } written } pair ? Join(written, input, pair.Map) : input)],
            [.. artifact.Outputs.Select(output => outputs.FirstOrDefault(pair => pair.Field.Name == output.Name) is { Field: { } written } pair ? Join(written, output, pair.Map) : Usable(output))]));
        foreach ((string list, string name, ImmutableArray<long> shape) in joined.Inputs.Select(input => ("inputs", input.Name, input.Shape)).Concat(joined.Outputs.Select(output => ("outputs", output.Name, output.Shape))))
        {
            if (ContractRules.Elements(shape) > ContractRules.MostElements)
                problems.Add(new(Catalogue.SpecCombination, $"One row of {name} has more than {ContractRules.MostElements} elements: [{string.Join(", ", shape)}].", $"{list}.{name}.shape", root.Location, "Export the model with a smaller shape."));
        }
        return joined;
    }

    private static InputField Join(InputField written, InputField artifact, SpecMap map) => written with
    {
        Columns = map.Has("columns") ? written.Columns : artifact.Columns,
        Values = map.Has("values") ? written.Values : artifact.Values,
        Optional = map.Has("optional") ? written.Optional : artifact.Optional,
        Description = written.Description ?? artifact.Description,
    };

    private static OutputField Join(OutputField written, OutputField artifact, SpecMap map) => written with
    {
        Labels = written.Labels ?? Usable(artifact).Labels,
        Nullable = map.Has("nullable") ? written.Nullable : artifact.Nullable,
        Description = written.Description ?? artifact.Description,
    };

    /// <summary>A set that repeats a raw value names nothing for certain.</summary>
    private static OutputField Usable(OutputField output) =>
        output.Labels is { } labels && labels.Keys.Distinct(StringComparer.Ordinal).Count() < labels.Keys.Length ? output with { Labels = null } : output;

    private static void Check(string list, Tensors written, Tensors[] declared, SpecMap map, List<Problem> problems)
    {
        string singular = list[..^1];
        if (Array.Find(declared, candidate => candidate.Name == written.Name) is not { } found)
        {
            string nearest = Spelling.Nearest(written.Name, declared.Select(candidate => candidate.Name)) is { } near ? $"Write `{near}`; it" : "It";
            problems.Add(new(Catalogue.ContractMismatch, $"The artifact has no {singular} {SpecValues.Shorten(written.Name)}.", $"{list}.{written.Name}", map.At("name"), $"{nearest} has {string.Join(", ", declared.Select(candidate => candidate.Name))}."));
            return;
        }
        if (found.Type != written.Type)
            problems.Add(new(Catalogue.ContractMismatch, $"The {singular} {written.Name} is {written.Type.Name} in the spec and {found.Type.Name} in the artifact.", $"{list}.{written.Name}.type", map.At("type"), $"Write `type: {found.Type.Name}`."));
        bool fits = written.Shape.Length == found.Shape.Length && written.Shape.Zip(found.Shape).All(pair => pair.Second == -1 || pair.First == pair.Second);
        if (!fits)
            problems.Add(new(Catalogue.ContractMismatch, $"The {singular} {written.Name} has the shape [{string.Join(", ", written.Shape)}] in the spec and [{string.Join(", ", found.Shape)}] in the artifact.", $"{list}.{written.Name}.shape", map.At("shape"), $"Write `shape: [{string.Join(", ", found.Shape)}]`; a -1 may become a size."));
    }

    private static IEnumerable<SpecMap> Fields(SpecMap root, string key) =>
        (root.GetValue<ImmutableArray<SpecMap>>(key) ?? []).Where(map => map.Has("name") && map.Has("type") && map.Has("shape"));

    private static DataType Type(SpecMap map) => DataTypes.TryParse(map.Get<string>("type"), out DataType type) ? type : DataType.Json;

    /// <summary>A list names the classes 0, 1, 2 … of a number, and the texts themselves of a text.</summary>
    private static LabelSet Labels(SpecLabels labels, DataType type) => (labels.Keys.IsDefault, type) switch
    {
        (true, DataType.String) => new(labels.Names, labels.Names),
        (true, _) => LabelSet.List(labels.Names),
        (false, DataType.Bool) => new([.. labels.Keys.Select(key => key switch { "false" => "0", "true" => "1", _ => key })], labels.Names),
        _ => new(labels.Keys, labels.Names),
    };

    /// <summary>Numbers in their shortest form, so that 1 and 1.0 are the same contract.</summary>
    private static string Shortest(string value, DataType type)
    {
        if (type.IsInteger && value.Length <= ContractRules.LongestNumber && BigInteger.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out BigInteger whole))
            return whole.ToString(CultureInfo.InvariantCulture);
        return type.IsFloat && double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number)
            ? number.ToString("R", CultureInfo.InvariantCulture)
            : value;
    }

    private sealed record Tensors(string Name, DataType Type, ImmutableArray<long> Shape);
}

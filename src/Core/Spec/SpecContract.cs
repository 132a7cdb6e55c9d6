using System.Collections.Immutable;
using Raywright.Core.Contracts;
using Raywright.Core.Errors;
using Raywright.Core.Tensors;

namespace Raywright.Core.Spec;

/// <summary>The contract that a spec writes, and how it joins the one that the artifact declares.</summary>
internal static class SpecContract
{
    public static ImmutableArray<(InputField Field, SpecMap Map)> Inputs(SpecMap root) => [.. Objects(root, "inputs").Select(map => (new InputField(
        map.Get<string>("name")!,
        Type(map),
        map.GetValue<ImmutableArray<long>>("shape") ?? [],
        map.GetValue<ImmutableArray<string>>("columns") ?? [],
        map.GetValue<ImmutableArray<string>>("values") ?? [],
        map.GetValue<double>("min"),
        map.GetValue<double>("max"),
        map.GetValue<bool>("nullable") ?? false,
        map.GetValue<bool>("optional") ?? false,
        map.Get<string>("description")), map))];

    public static ImmutableArray<(OutputField Field, SpecMap Map)> Outputs(SpecMap root) => [.. Objects(root, "outputs").Select(map => (new OutputField(
        map.Get<string>("name")!,
        Type(map),
        map.GetValue<ImmutableArray<long>>("shape") ?? [],
        map.Get<LabelSet>("labels"),
        map.GetValue<bool>("nullable") ?? false,
        map.Get<string>("description")), map))];

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
        if (artifact is not null && !artifact.PassThrough)
        {
            foreach ((InputField field, SpecMap map) in inputs)
                Check("inputs", field.Name, field.Type, field.Shape, artifact.Inputs.Select(input => (input.Name, input.Type, input.Shape)), map, problems);
            foreach ((OutputField field, SpecMap map) in outputs)
                Check("outputs", field.Name, field.Type, field.Shape, artifact.Outputs.Select(output => (output.Name, output.Type, output.Shape)), map, problems);
            // The order of the artifact is the order of the wire.
            return Labelled(new(
                [.. artifact.Inputs.Select(input => inputs.FirstOrDefault(pair => pair.Field.Name == input.Name).Field ?? input)],
                [.. artifact.Outputs.Select(output => outputs.FirstOrDefault(pair => pair.Field.Name == output.Name).Field is { } written ? written with { Labels = written.Labels ?? output.Labels } : output)]));
        }
        if (inputs.IsEmpty || outputs.IsEmpty)
            problems.Add(new(Catalogue.SpecMissingKey, "`inputs` and `outputs` are missing, and the artifact does not declare them.", "inputs", root.Location, "Write both, or `contract: none`."));
        return Labelled(new([.. inputs.Select(pair => pair.Field)], [.. outputs.Select(pair => pair.Field)]));
    }

    /// <summary>
    /// Scores get the class names of the label beside them: a float output without labels, whose last dimension has as many
    /// elements as the contract's only set of labels, takes that set. So `probabilities` need not repeat the names.
    /// </summary>
    private static Contract Labelled(Contract contract)
    {
        LabelSet[] sets = [.. contract.Outputs.Select(output => output.Labels).OfType<LabelSet>().Distinct()];
        return sets is not [var only] ? contract : contract with
        {
            Outputs = [.. contract.Outputs.Select(output =>
                output.Labels is null && output.Type.IsFloat && output.Shape is [_, .., var last] && last == only.Names.Length && last > 1 ? output with { Labels = only } : output)],
        };
    }

    private static void Check(
        string list, string name, DataType type, ImmutableArray<long> shape,
        IEnumerable<(string Name, DataType Type, ImmutableArray<long> Shape)> declared, SpecMap map, List<Problem> problems)
    {
        (string Name, DataType Type, ImmutableArray<long> Shape)[] all = [.. declared];
        int index = Array.FindIndex(all, candidate => candidate.Name == name);
        string singular = list[..^1];
        if (index < 0)
        {
            string known = string.Join(", ", all.Select(candidate => candidate.Name));
            problems.Add(new(Catalogue.ContractMismatch, $"The artifact has no {singular} {name}.", $"{list}.{name}", map.At("name"), $"It has {known}."));
            return;
        }
        if (all[index].Type != type)
            problems.Add(new(Catalogue.ContractMismatch, $"The {singular} {name} is {type.Name} in the spec and {all[index].Type.Name} in the artifact.", $"{list}.{name}.type", map.At("type")));
        bool fits = shape.Length == all[index].Shape.Length && shape.Zip(all[index].Shape).All(pair => pair.Second == -1 || pair.First == pair.Second);
        if (!fits)
            problems.Add(new(Catalogue.ContractMismatch, $"The {singular} {name} has the shape [{string.Join(", ", shape)}] in the spec and [{string.Join(", ", all[index].Shape)}] in the artifact.", $"{list}.{name}.shape", map.At("shape")));
    }

    private static ImmutableArray<SpecMap> Objects(SpecMap root, string key) => root.GetValue<ImmutableArray<SpecMap>>(key) ?? [];

    private static DataType Type(SpecMap map) => DataTypes.TryParse(map.Get<string>("type"), out DataType type) ? type : DataType.Json;
}

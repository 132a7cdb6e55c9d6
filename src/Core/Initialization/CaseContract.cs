using System.Collections.Immutable;
using System.Text.Json;
using Raywright.Core.Bodies;
using Raywright.Core.Cases;
using Raywright.Core.Contracts;
using Raywright.Core.Errors;
using Raywright.Core.Tensors;

namespace Raywright.Core.Initialization;

/// <summary>What cases tell about a model that does not declare what it takes and gives.</summary>
internal static class CaseContract
{
    /// <summary>
    /// The contract that every case keeps; null where there is none: inputs without names or without a batch axis, answers of
    /// another number of rows. An input that some case leaves out is optional, so that the model itself may refuse.
    /// </summary>
    public static Contract? Infer(IReadOnlyList<Case> cases)
    {
        Dictionary<string, Shape> inputs = new(StringComparer.Ordinal), outputs = new(StringComparer.Ordinal);
        List<string> inputOrder = [], outputOrder = [];
        Dictionary<string, int> seen = new(StringComparer.Ordinal);
        foreach (Case one in cases)
        {
            using JsonDocument body = JsonDocument.Parse(one.Body);
            JsonElement given = body.RootElement.GetProperty("inputs");
            bool answers = one.Expected is not { } expected || (expected.ValueKind == JsonValueKind.Object && !expected.TryGetProperty("error", out _));
            if (!answers)
            {
                // What the model refuses says nothing about types, only what may be missing.
                Count(given, seen);
                continue;
            }
            if (!Collect(given, inputs, inputOrder, seen, out int? rows))
                return null;
            if (one.Expected is { } answer && (!Collect(answer, outputs, outputOrder, null, out int? answered) || answered != rows))
                return null;
        }
        if (inputs.Count == 0 || outputs.Count == 0)
            return null;
        Contract contract = new(
            [.. inputOrder.Select(name => new InputField(name, inputs[name].Type, inputs[name].Dimensions, Nullable: inputs[name].Nulls, Optional: seen[name] < cases.Count))],
            [.. outputOrder.Select(name => new OutputField(name, outputs[name].Type, outputs[name].Dimensions, Nullable: outputs[name].Nulls && outputs[name].Type != DataType.Json))]);
        NeutralParser parser = new(contract);
        return cases.All(one => Fits(parser, one)) ? contract : null;
    }

    /// <summary>
    /// A contract that a library declares, with the names and the trailing dimensions of 1 that the cases use: libraries name
    /// neither inputs nor outputs, people do.
    /// </summary>
    public static Contract Rename(Contract contract, IReadOnlyList<Case> cases)
    {
        Dictionary<string, Shape> inputs = new(StringComparer.Ordinal), outputs = new(StringComparer.Ordinal);
        List<string> inputOrder = [], outputOrder = [];
        foreach (Case one in cases)
        {
            using JsonDocument body = JsonDocument.Parse(one.Body);
            _ = Collect(body.RootElement.GetProperty("inputs"), inputs, inputOrder, null, out _);
            if (one.Expected is { } answer && !(answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty("error", out _)))
                _ = Collect(answer, outputs, outputOrder, null, out _);
        }
        bool columns = contract.Inputs.Any(input => inputOrder.Any(name => input.Columns.Contains(name, StringComparer.Ordinal)));
        string? input = columns ? null : Only(contract.Inputs.Select(field => field.Name), inputOrder);
        string? output = Only(contract.Outputs.Select(field => field.Name), outputOrder);
        return new(
            [.. contract.Inputs.Select(field => field with { Name = input is not null && !inputs.ContainsKey(field.Name) ? input : field.Name })
                .Select(field => inputs.TryGetValue(field.Name, out Shape? shape) ? field with { Shape = Ranked(field.Shape, shape.Rank), Nullable = field.Nullable || (shape.Nulls && !field.Type.IsInteger) } : field)],
            [.. contract.Outputs.Select(field => field with { Name = output is not null && !outputs.ContainsKey(field.Name) ? output : field.Name })
                .Select(field => outputs.TryGetValue(field.Name, out Shape? shape) ? field with { Shape = Ranked(field.Shape, shape.Rank) } : field)]);
    }

    /// <summary>The one name of the cases that the contract does not have, where the contract has one that the cases do not.</summary>
    private static string? Only(IEnumerable<string> declared, List<string> used)
    {
        string[] unknown = [.. used.Except(declared, StringComparer.Ordinal)], unused = [.. declared.Except(used, StringComparer.Ordinal)];
        return unknown is [var name] && unused is [_] ? name : null;
    }

    private static ImmutableArray<long> Ranked(ImmutableArray<long> shape, int rank) => (shape, rank) switch
    {
        ([_], 2) => [shape[0], 1],
        ([_, 1], 1) => [shape[0]],
        _ => shape,
    };

    private static void Count(JsonElement given, Dictionary<string, int> seen)
    {
        if (given.ValueKind != JsonValueKind.Object)
            return;
        foreach (JsonProperty property in given.EnumerateObject())
            seen[property.Name] = seen.GetValueOrDefault(property.Name) + 1;
    }

    /// <summary>False where it is no object of batches of equally many rows.</summary>
    private static bool Collect(JsonElement values, Dictionary<string, Shape> shapes, List<string> order, Dictionary<string, int>? seen, out int? rows)
    {
        rows = null;
        if (values.ValueKind != JsonValueKind.Object)
            return false;
        if (seen is not null)
            Count(values, seen);
        foreach (JsonProperty property in values.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.Array || (rows is { } before && before != property.Value.GetArrayLength()))
                return false;
            rows = property.Value.GetArrayLength();
            if (!shapes.TryGetValue(property.Name, out Shape? shape))
            {
                shapes[property.Name] = shape = new Shape();
                order.Add(property.Name);
            }
            shape.Add(property.Value);
        }
        return rows > 0;
    }

    private static bool Fits(NeutralParser parser, Case one)
    {
        Result<ParsedRequest> parsed = parser.Parse(one.Body.Span);
        if (!parsed.Ok)
            return false;
        parsed.Value.Dispose();
        return true;
    }

    /// <summary>Type and dimensions of all values of one name.</summary>
    private sealed class Shape
    {
        private readonly List<long> sizes = [];
        private bool numbers, fractions, texts, booleans, other, ragged;
        private bool any;

        public bool Nulls { get; private set; }

        public int Rank => sizes.Count;

        public DataType Type => other || ragged || (numbers ? 1 : 0) + (texts ? 1 : 0) + (booleans ? 1 : 0) != 1 ? DataType.Json
            : texts ? DataType.String
            : booleans ? DataType.Bool
            : fractions || Nulls ? DataType.Float64
            : DataType.Int64;

        public ImmutableArray<long> Dimensions => Type == DataType.Json ? [-1] : [-1, .. sizes.Skip(1)];

        public void Add(JsonElement value)
        {
            Walk(value, 0);
            any = true;
        }

        private void Walk(JsonElement value, int depth)
        {
            if (value.ValueKind == JsonValueKind.Array)
            {
                if (depth == sizes.Count && !any)
                    sizes.Add(value.GetArrayLength());
                else if (depth >= sizes.Count)
                    ragged = true;
                else if (sizes[depth] != value.GetArrayLength())
                    sizes[depth] = -1;
                foreach (JsonElement item in value.EnumerateArray())
                    Walk(item, depth + 1);
                return;
            }
            ragged |= any && depth != sizes.Count;
            Nulls |= value.ValueKind == JsonValueKind.Null;
            texts |= value.ValueKind == JsonValueKind.String;
            booleans |= value.ValueKind is JsonValueKind.True or JsonValueKind.False;
            other |= value.ValueKind == JsonValueKind.Object;
            numbers |= value.ValueKind == JsonValueKind.Number;
            fractions |= value.ValueKind == JsonValueKind.Number && !value.TryGetInt64(out _);
        }
    }
}

using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Raywright.Core.Bodies;
using Raywright.Core.Contracts;
using Raywright.Core.Tensors;

namespace Raywright.Core.Cases;

/// <summary>What a model predicted, in the terms in which a truth is written: a class name or a number a row.</summary>
public sealed class Predictions
{
    private readonly OutputPlan? plan;
    private readonly int output = -1;

    /// <summary>
    /// Chooses the output to be judged: the class output where there is one, else scores (the class with the highest),
    /// else the first number output.
    /// </summary>
    public Predictions(Contract contract)
    {
        OutputPlan[] plans = [.. contract.Outputs.Select(field => new OutputPlan(field))];
        output = Array.FindIndex(plans, candidate => candidate.IsClass);
        if (output < 0)
            output = Array.FindIndex(plans, candidate => candidate.Declared.Type == DataType.String || candidate.Declared.Type.IsInteger);
        if (output < 0)
            output = Array.FindIndex(plans, candidate => candidate.IsScore);
        if (output < 0)
            output = Array.FindIndex(plans, candidate => candidate.Declared.Type.IsFloat);
        plan = output >= 0 ? plans[output] : null;
    }

    /// <summary>One value a row: a class name, a raw class, or a number as text; a list of numbers for outputs of several.</summary>
    public ImmutableArray<ImmutableArray<string>> Of(Tensor[] outputs)
    {
        if (plan is null)
            return [];
        Tensor tensor = outputs[output];
        int perRow = (int)(tensor.Count / Math.Max(1, tensor.Rows));
        ImmutableArray<ImmutableArray<string>>.Builder rows = ImmutableArray.CreateBuilder<ImmutableArray<string>>();
        for (int row = 0; row < tensor.Rows; row++)
            rows.Add(Row(tensor, row * perRow, perRow));
        return rows.ToImmutable();
    }

    /// <summary>The truth of a case in the same terms, one entry a row: raw classes become names.</summary>
    public ImmutableArray<ImmutableArray<string>> Truth(JsonElement label, int rows)
    {
        if (rows == 1 && label.ValueKind != JsonValueKind.Array)
            return [[Name(label)]];
        if (label.ValueKind != JsonValueKind.Array)
            return [];
        // One row with several numbers (a forecast), or one value a row.
        ImmutableArray<JsonElement> items = [.. label.EnumerateArray()];
        if (rows == 1)
            return items is [{ ValueKind: JsonValueKind.Array }] ? [[.. items[0].EnumerateArray().Select(Name)]] : [[.. items.Select(Name)]];
        return items.Length == rows ? [.. items.Select(item => item.ValueKind == JsonValueKind.Array ? item.EnumerateArray().Select(Name).ToImmutableArray() : [Name(item)])] : [];
    }

    private ImmutableArray<string> Row(Tensor tensor, int start, int perRow)
    {
        if (plan!.IsScore)
        {
            int best = Enumerable.Range(start, perRow).MaxBy(at => Elements.Number(tensor, at));
            return [plan.Declared.Labels!.Names[(best - start) % plan.Classes.Length]];
        }
        return [.. Enumerable.Range(start, perRow).Select(at => plan.IsClass && plan.ClassOf(tensor, at) is { } name ? name.ToString()
            : tensor.Type == DataType.String ? tensor.Texts[at] ?? "" : Elements.Number(tensor, at).ToString("R", CultureInfo.InvariantCulture))];
    }

    private string Name(JsonElement label)
    {
        string text = label.ValueKind == JsonValueKind.String ? label.GetString()! : label.GetRawText();
        if (plan is not { IsClass: true } and not { IsScore: true } || plan.Declared.Labels is not { } labels || labels.Names.Contains(text, StringComparer.Ordinal))
            return text;
        int index = labels.Keys.IndexOf(text);
        return index >= 0 ? labels.Names[index] : text;
    }
}

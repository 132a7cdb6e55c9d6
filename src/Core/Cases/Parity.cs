using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Raywright.Core.Bodies;
using Raywright.Core.Contracts;
using Raywright.Core.Errors;
using Raywright.Core.Tensors;

namespace Raywright.Core.Cases;

/// <summary>One row that two forms of a model were asked; of its values the one that differs most.</summary>
/// <param name="Question">Index of the question, from 0.</param>
/// <param name="Row">Row within its question, from 0.</param>
/// <param name="Output">Name of the output, with the place in the row where it holds several values; empty where one gave no answer.</param>
/// <param name="One">What the first form answered, as a person reads it.</param>
/// <param name="Other">What the second form answered.</param>
/// <param name="Difference">Absolute difference; null for what is no number, such as classes and texts.</param>
/// <param name="Agrees">Whether it is within the tolerance.</param>
public sealed record ParityRow(int Question, int Row, string Output, string One, string Other, double? Difference, bool Agrees);

/// <summary>
/// Compares two forms of the same model row by row, under the tolerances that cases use (<see cref="CaseTolerance"/>). The first
/// form is what the second is measured against. Not safe for concurrent use.
/// </summary>
/// <param name="contract">The contract that both keep.</param>
public sealed class Parity(Contract contract)
{
    private const int MostKept = 20;
    private const int LongestText = 60;
    private readonly OutputPlan[] plans = [.. contract.Outputs.Select(output => new OutputPlan(output))];
    private readonly List<ParityRow> differences = [];
    private readonly List<ParityRow> agreements = [];
    private int questions;

    /// <summary>Rows that were compared; a question that one of them refused is one row.</summary>
    public int Rows { get; private set; }

    /// <summary>Rows that differ by more than the tolerance.</summary>
    public int Differing { get; private set; }

    /// <summary>Largest absolute difference between two numbers; classes are none.</summary>
    public double Largest { get; private set; }

    /// <summary>The first rows that differ.</summary>
    public ImmutableArray<ParityRow> Differences => [.. differences];

    /// <summary>A few rows for a person: those that differ first.</summary>
    public ImmutableArray<ParityRow> Shown => [.. differences.Concat(agreements).Take(MostKept)];

    /// <summary>In a few words.</summary>
    public string Summary => string.Create(CultureInfo.InvariantCulture,
        $"{(Differing > 0 ? $"{Differing} of " : "")}{Rows} row{(Rows == 1 ? "" : "s")}{(Differing > 0 ? " differ" : "")}, largest difference {Number(Largest)}");

    /// <summary>A difference with as many digits as say something.</summary>
    public static string Number(double value) => value.ToString("G2", CultureInfo.InvariantCulture).Replace("E", "e", StringComparison.Ordinal);

    /// <summary>Compares the answers to one question, which have passed <see cref="OutputCheck"/>.</summary>
    public void Add(Result<Tensor[]> one, Result<Tensor[]> other, CaseTolerance? tolerance = null)
    {
        int question = questions++;
        if (!one.Ok || !other.Ok)
        {
            // What both refuse they refuse each in its own words.
            Keep(new(question, 0, "", Said(one), Said(other), null, !one.Ok && !other.Ok));
            return;
        }
        int rows = contract.Batched ? (int)one.Value[0].Rows : 1;
        double[] allowed = [.. one.Value.Select(tensor => tolerance is null ? CaseTolerance.Default(LargestOf(tensor)) : tolerance.Absolute ?? 0)];
        for (int row = 0; row < rows; row++)
            Keep(Compare(question, row, rows, one.Value, other.Value, allowed, tolerance?.Relative ?? 0));
    }

    private ParityRow Compare(int question, int row, int rows, Tensor[] one, Tensor[] other, double[] allowed, double relative)
    {
        ParityRow? worst = null;
        for (int output = 0; output < one.Length; output++)
        {
            string name = contract.PassThrough ? "outputs" : plans[output].Declared.Name;
            if (!one[output].Shape.SequenceEqual(other[output].Shape))
                return new(question, row, name, $"[{string.Join(", ", one[output].Shape)}] values", $"[{string.Join(", ", other[output].Shape)}] values", null, false);
            int width = (int)(one[output].Count / Math.Max(1, rows));
            for (int at = 0; at < width; at++)
            {
                (string left, string right, double? difference, bool agrees) = Cell(output, one[output], other[output], (row * width) + at, allowed[output], relative);
                if (difference is { } distance && double.IsFinite(distance))
                    Largest = Math.Max(Largest, distance);
                ParityRow cell = new(question, row, width == 1 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}[{at}]"), left, right, difference, agrees);
                if (worst is null || IsWorse(cell, worst))
                    worst = cell;
            }
        }
        return worst ?? new(question, row, "", "", "", null, true);
    }

    /// <summary>A difference before none, another class before another number, a larger one before a smaller.</summary>
    private static bool IsWorse(ParityRow one, ParityRow other) =>
        one.Agrees != other.Agrees ? !one.Agrees : (one.Difference ?? (one.Agrees ? -1 : double.PositiveInfinity)) > (other.Difference ?? (other.Agrees ? -1 : double.PositiveInfinity));

    private (string One, string Other, double? Difference, bool Agrees) Cell(int output, Tensor one, Tensor other, int at, double allowed, double relative)
    {
        switch (one.Type)
        {
            case DataType.Json:
                using (JsonDocument left = JsonDocument.Parse(one.Blobs[at] ?? "null"u8.ToArray()), right = JsonDocument.Parse(other.Blobs[at] ?? "null"u8.ToArray()))
                {
                    double largest = Distance(left.RootElement, right.RootElement);
                    return (Short(left.RootElement.GetRawText()), Short(right.RootElement.GetRawText()), double.IsFinite(largest) ? largest : null, largest <= CaseTolerance.Default(LargestOf(left.RootElement)));
                }

            case DataType.Bytes:
                bool equal = one.Blobs[at].AsSpan().SequenceEqual(other.Blobs[at]);
                return ($"{one.Blobs[at]?.Length ?? 0} bytes", equal ? $"{other.Blobs[at]?.Length ?? 0} bytes" : $"{other.Blobs[at]?.Length ?? 0} other bytes", null, equal);
            case DataType.String:
                return (Short(one.Texts[at] ?? "null"), Short(other.Texts[at] ?? "null"), null, one.Texts[at] == other.Texts[at]);
            default:
                double mine = Elements.Number(one, at), theirs = Elements.Number(other, at);
                if (one.Type == DataType.Bool || (!contract.PassThrough && plans[output].IsClass))
                    return (Class(output, one, at), Class(output, other, at), null, mine.Equals(theirs));
                double distance = mine.Equals(theirs) ? 0 : Math.Abs(mine - theirs);
                return (Text(one, at), Text(other, at), distance, distance <= allowed || distance <= relative * Math.Abs(mine));
        }
    }

    private string Class(int output, Tensor tensor, int at) => plans[output].IsClass && plans[output].ClassOf(tensor, at) is { } name
        ? name.ToString()
        : tensor.Type == DataType.Bool ? (tensor.Bytes[at] != 0 ? "true" : "false") : Text(tensor, at);

    /// <summary>With as many digits as the element's type holds.</summary>
    private static string Text(Tensor tensor, int at) => tensor.Type == DataType.Float32
        ? ((float)Elements.Number(tensor, at)).ToString(CultureInfo.InvariantCulture)
        : Elements.Number(tensor, at).ToString(CultureInfo.InvariantCulture);

    private static string Short(string text) => text.Length <= LongestText ? text : text[..LongestText] + "…";

    private static string Said(Result<Tensor[]> answer) => answer.Ok ? "an answer" : Short($"error: {answer.Problems[0].Detail}");

    private static double LargestOf(Tensor tensor)
    {
        if (!tensor.Type.IsFloat && !tensor.Type.IsInteger)
            return 0;
        double largest = 0;
        for (int at = 0; at < tensor.Count; at++)
        {
            double value = Math.Abs(Elements.Number(tensor, at));
            largest = double.IsFinite(value) ? Math.Max(largest, value) : largest;
        }
        return largest;
    }

    private static double LargestOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => Math.Abs(value.GetDouble()),
        JsonValueKind.Array => value.EnumerateArray().Select(LargestOf).DefaultIfEmpty().Max(),
        JsonValueKind.Object => value.EnumerateObject().Select(property => LargestOf(property.Value)).DefaultIfEmpty().Max(),
        _ => 0,
    };

    /// <summary>Largest difference between the numbers of two values; infinite where they differ in anything else.</summary>
    private static double Distance(JsonElement one, JsonElement other) => (one.ValueKind, other.ValueKind) switch
    {
        (JsonValueKind.Number, JsonValueKind.Number) => Math.Abs(one.GetDouble() - other.GetDouble()),
        (JsonValueKind.Array, JsonValueKind.Array) when one.GetArrayLength() == other.GetArrayLength() =>
            one.EnumerateArray().Zip(other.EnumerateArray(), Distance).DefaultIfEmpty().Max(),
        (JsonValueKind.Object, JsonValueKind.Object) when one.GetPropertyCount() == other.GetPropertyCount() =>
            one.EnumerateObject().Select(property => other.TryGetProperty(property.Name, out JsonElement value) ? Distance(property.Value, value) : double.PositiveInfinity).DefaultIfEmpty().Max(),
        _ => JsonElement.DeepEquals(one, other) ? 0 : double.PositiveInfinity,
    };

    private void Keep(ParityRow row)
    {
        Rows++;
        if (!row.Agrees)
            Differing++;
        List<ParityRow> kept = row.Agrees ? agreements : differences;
        if (kept.Count < MostKept)
            kept.Add(row);
    }
}

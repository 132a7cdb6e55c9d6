using System.Collections.Immutable;
using System.Text.Json;

namespace Raywright.Server.App.Playground;

/// <summary>An answer of the gateway as a person reads it.</summary>
/// <param name="Rows">One list of outputs a row; none where only the JSON can be shown.</param>
public sealed record Answer(ImmutableArray<ImmutableArray<AnswerPart>> Rows)
{
    private const int MostRows = TableQuestion.MostRows;
    private const int LongestText = 2000;

    /// <summary>Reads <c>{"outputs": …}</c> in any of its forms (DESIGN 3).</summary>
    public static Answer Of(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object || !body.TryGetProperty("outputs", out JsonElement outputs))
            return new([]);
        if (outputs.ValueKind == JsonValueKind.Array && outputs.EnumerateArray().All(row => row.ValueKind == JsonValueKind.Object))
            return new([.. outputs.EnumerateArray().Take(MostRows).Select(Row)]);
        if (outputs.ValueKind != JsonValueKind.Object)
            return new([]);
        return body.TryGetProperty("labels", out JsonElement labels) || Batch(outputs) is not null
            ? ByName(outputs, labels)
            : new([Row(outputs)]);
    }

    /// <summary>What leads: the class, else the number, else the likeliest.</summary>
    public static AnswerPart? Headline(ImmutableArray<AnswerPart> row) =>
        row.FirstOrDefault(part => part.Kind == AnswerKind.Words) ?? row.FirstOrDefault(part => part.Kind == AnswerKind.Number) ?? row.FirstOrDefault(part => part.Kind == AnswerKind.Scores);

    private static ImmutableArray<AnswerPart> Row(JsonElement row) => [.. row.EnumerateObject().Select(output => Part(output.Name, output.Value, default))];

    /// <summary>Rows of a batch by name: class names stand beside the outputs.</summary>
    private static Answer ByName(JsonElement outputs, JsonElement labels)
    {
        if (Batch(outputs) is not { } rows)
            return new([Row(outputs)]);
        return new([.. Enumerable.Range(0, Math.Min(rows, MostRows)).Select(index => outputs.EnumerateObject()
            .Select(output => Part(output.Name, output.Value[index], LabelsOf(labels, output, index))).ToImmutableArray())]);
    }

    /// <summary>The number of rows, where every output is a list of one length.</summary>
    private static int? Batch(JsonElement outputs)
    {
        int[] lengths = [.. outputs.EnumerateObject().Select(output => output.Value.ValueKind == JsonValueKind.Array ? output.Value.GetArrayLength() : -1).Distinct()];
        // A single list may be one row's numbers; nested lists are rows.
        return lengths is [> 0 and var rows] && outputs.EnumerateObject().Any(output => output.Value[0].ValueKind == JsonValueKind.Array) ? rows : null;
    }

    /// <summary>Of classes the name in this row, of scores the names of the columns.</summary>
    private static JsonElement LabelsOf(JsonElement labels, JsonProperty output, int row)
    {
        if (labels.ValueKind != JsonValueKind.Object || !labels.TryGetProperty(output.Name, out JsonElement names) || names.ValueKind != JsonValueKind.Array)
            return default;
        bool columns = output.Value[row].ValueKind == JsonValueKind.Array && names.GetArrayLength() == output.Value[row].GetArrayLength() && names[0].ValueKind == JsonValueKind.String
            && output.Value[row].GetArrayLength() > 1;
        return columns ? names : row < names.GetArrayLength() ? names[row] : default;
    }

    private static AnswerPart Part(string name, JsonElement value, JsonElement names)
    {
        JsonElement only = Unwrap(value);
        if (Unwrap(names) is { ValueKind: JsonValueKind.String } label)
            return new(name, AnswerKind.Words, label.GetString()!);
        if (names.ValueKind == JsonValueKind.Array && value.ValueKind == JsonValueKind.Array)
            return Scored(name, names.EnumerateArray().Zip(value.EnumerateArray(), (column, score) => (column.GetString()!, score)));
        return only.ValueKind switch
        {
            JsonValueKind.String => new(name, AnswerKind.Words, Short(only.GetString()!)),
            JsonValueKind.True or JsonValueKind.False => new(name, AnswerKind.Words, only.ValueKind == JsonValueKind.True ? "yes" : "no"),
            JsonValueKind.Number => new(name, AnswerKind.Number, AnswerPart.Number(only.GetDouble()), Numbers: [only.GetDouble()]),
            JsonValueKind.Object when only.EnumerateObject().Any() && only.EnumerateObject().All(member => IsNumber(member.Value)) => Scored(name, only.EnumerateObject().Select(member => (member.Name, member.Value))),
            JsonValueKind.Array when AreShares(only) => Scored(name, only.EnumerateArray().Select((share, index) => (index.ToString(System.Globalization.CultureInfo.InvariantCulture), share))),
            JsonValueKind.Array when only.EnumerateArray().All(IsNumber) => Several(name, only),
            _ => new(name, AnswerKind.Json, Short(only.GetRawText())),
        };
    }

    private static AnswerPart Several(string name, JsonElement list)
    {
        ImmutableArray<double?> numbers = [.. list.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.Null ? (double?)null : item.GetDouble())];
        return new(name, AnswerKind.Numbers, Short(string.Join("  ", numbers.Select(number => number is { } value ? AnswerPart.Number(value) : "null"))), Numbers: numbers);
    }

    private static AnswerPart Scored(string name, IEnumerable<(string Name, JsonElement Value)> scores)
    {
        ImmutableArray<Score> sorted = [.. scores.Select(score => new Score(score.Name, score.Value.ValueKind == JsonValueKind.Number ? score.Value.GetDouble() : null)).OrderByDescending(score => score.Value)];
        return new(name, AnswerKind.Scores, sorted[0].Name, sorted);
    }

    /// <summary>Numbers that sum to 1 are shares of classes, though nobody named these.</summary>
    private static bool AreShares(JsonElement list) =>
        list.GetArrayLength() > 1 && list.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Number && item.GetDouble() is >= 0 and <= 1)
        && Math.Abs(list.EnumerateArray().Sum(item => item.GetDouble()) - 1) < 0.001;

    private static bool IsNumber(JsonElement value) => value.ValueKind is JsonValueKind.Number or JsonValueKind.Null;

    private static JsonElement Unwrap(JsonElement value)
    {
        while (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 1)
            value = value[0];
        return value;
    }

    private static string Short(string text) => text.Length <= LongestText ? text : text[..LongestText] + "…";
}

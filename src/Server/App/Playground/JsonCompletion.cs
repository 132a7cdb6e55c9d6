using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Raywright.Core;
using Raywright.Core.Bodies;
using Raywright.Core.Contracts;

namespace Raywright.Server.App.Playground;

/// <summary>What can be said of a body while it is written.</summary>
/// <param name="Complaint">What is wrong, with its place; null where nothing is.</param>
/// <param name="Missing">Keys of the contract that are not there yet, and can be put in.</param>
public sealed record JsonCompletion(string? Complaint, ImmutableArray<string> Missing)
{
    /// <summary>Looks at a body as far as it is written.</summary>
    public static JsonCompletion Of(Contract contract, string text)
    {
        JsonElement body;
        try
        {
            body = JsonElement.Parse(text);
        }
        catch (JsonException e)
        {
            return new(string.Create(CultureInfo.InvariantCulture, $"Not JSON yet at line {(e.LineNumber ?? 0) + 1}, column {(e.BytePositionInLine ?? 0) + 1}."), []);
        }
        if (body.ValueKind != JsonValueKind.Object || !body.TryGetProperty("inputs", out JsonElement inputs))
            return new("The body is an object with `inputs`.", []);
        if (body.EnumerateObject().Select(member => member.Name).FirstOrDefault(name => name is not ("inputs" or "parameters")) is { } odd)
            return new($"A body has `inputs` and `parameters`, and no `{odd}`.", []);
        if (contract.PassThrough || inputs.ValueKind != JsonValueKind.Object)
            return new(null, []);
        string[] known = [.. contract.Inputs.SelectMany(input => input.Columns.Prepend(input.Name))];
        ImmutableArray<string> missing = [.. contract.Inputs.Where(input => !inputs.TryGetProperty(input.Name, out _)).SelectMany(input => Absent(input, inputs))];
        string? unknown = inputs.EnumerateObject().Select(member => member.Name).FirstOrDefault(name => !known.Contains(name, StringComparer.Ordinal));
        return new(unknown is null ? null : $"The model has no input `{unknown}`{(Spelling.Nearest(unknown, known) is { } near ? $"; did you mean `{near}`?" : ".")}", missing);
    }

    /// <summary>The body with one more key, filled with a value that the contract allows; null where the text is no body.</summary>
    public static string? Add(Contract contract, string text, string key)
    {
        if (JsonText.Parse(text) is not { ValueKind: JsonValueKind.Object } body || JsonNode.Parse(body.GetRawText()) is not JsonObject whole || whole["inputs"] is not JsonObject inputs)
            return null;
        JsonNode sample = JsonNode.Parse(SampleInputs.Body(contract))!["inputs"]!;
        foreach (InputField input in contract.Inputs)
        {
            // A row that is written by its columns is one row, so the rest of it is one as well.
            bool oneRow = contract.Inputs.Any(other => other.Columns.Any(inputs.ContainsKey)) || inputs.Any(member => contract.Inputs.FirstOrDefault(other => other.Name == member.Key) is { } there && Depth(member.Value) < there.Shape.Length);
            JsonNode? value = sample[input.Name], row = value is JsonArray { Count: > 0 } rows ? rows[0] : value;
            if (input.Name == key)
                inputs[key] = (oneRow ? row : value)?.DeepClone();
            else if (input.Columns.IndexOf(key) is >= 0 and var column && row is JsonArray cells && column < cells.Count)
                inputs[key] = cells[column]?.DeepClone();
        }
        return JsonText.Readable(whole.ToJsonString());
    }

    private static IEnumerable<string> Absent(InputField input, JsonElement inputs)
    {
        string[] absent = [.. input.Columns.Where(column => !inputs.TryGetProperty(column, out _))];
        return absent.Length == input.Columns.Length ? [input.Name] : absent;
    }

    private static int Depth(JsonNode? value) => value is JsonArray list ? 1 + (list.Count > 0 ? Depth(list[0]) : 0) : 0;
}

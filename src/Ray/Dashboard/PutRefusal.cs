using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Raywright.Core.Errors;

namespace Raywright.Ray.Dashboard;

/// <summary>A 400 to a PUT of applications: who refused, and what.</summary>
internal static class PutRefusal
{
    private const int MostFaults = 20;

    /// <param name="body">Ray's answer.</param>
    /// <param name="sent">What was PUT, to call applications by their names and not by their numbers.</param>
    public static ImmutableArray<Problem> Read(byte[] body, ReadOnlySpan<byte> sent)
    {
        // The documented rule: the check of the whole begins with the number of its faults, a refusal by the controller, which
        // comes after it began to apply, with a colour. What is neither is taken for the worse.
        if (body is not [>= (byte)'0' and <= (byte)'9', ..])
            return [new Problem(Catalogue.RayConfigHalfApplied, $"Ray stopped in the middle of applying: {RayWords.Last(body)}")];
        string[] lines = RayWords.Lines(body);
        ImmutableArray<Problem> faults = Faults(lines, sent);
        return faults.IsEmpty ? [new Problem(Catalogue.RayConfigRefused, $"Ray refused the configuration and changed nothing: {RayWords.Line(lines[0])}")] : faults;
    }

    /// <summary>Each fault is a line with its place (none where it is the whole), then one with two blanks in front.</summary>
    private static ImmutableArray<Problem> Faults(string[] lines, ReadOnlySpan<byte> sent)
    {
        using JsonDocument? document = Parse(sent);
        ImmutableArray<Problem>.Builder faults = ImmutableArray.CreateBuilder<Problem>();
        string place = "";
        foreach (string line in lines.Skip(1).TakeWhile(_ => faults.Count < MostFaults))
        {
            if (line.StartsWith("    ", StringComparison.Ordinal) || line.Length == 0)
                continue;
            if (!line.StartsWith("  ", StringComparison.Ordinal))
            {
                place = line;
                continue;
            }
            string where = place.Length > 0 ? InWords(place, document?.RootElement) : "the whole";
            faults.Add(new(Catalogue.RayConfigRefused, $"Ray refused the configuration and changed nothing: {where}: {Said(line)}", Field: place.Length > 0 ? place : null));
            place = "";
        }
        return faults.DrainToImmutable();
    }

    /// <summary>Without <c>[type=…, input_value=…]</c>: the value may be a secret.</summary>
    private static string Said(string line)
    {
        int end = line.LastIndexOf(" [type=", StringComparison.Ordinal);
        string said = end < 0 ? line : line[..end];
        return RayWords.Line(said.Replace("Value error, ", "", StringComparison.Ordinal));
    }

    /// <summary><c>applications.0.deployments.0.max_ongoing_requests</c> as <c>application iris-prod-3, deployment Model, max_ongoing_requests</c>.</summary>
    private static string InWords(string place, JsonElement? document)
    {
        StringBuilder words = new();
        JsonElement? at = document;
        string list = "";
        foreach (string part in place.Split('.'))
        {
            bool index = int.TryParse(part, CultureInfo.InvariantCulture, out int number);
            at = Child(at, part, index ? number : null);
            if (index && words.Length > 0)
            {
                // "applications" became the start of "application iris-prod-3".
                words.Length -= list.Length;
                words.Append(CultureInfo.InvariantCulture, $"{list.TrimEnd('s')} {Name(at) ?? (number + 1).ToString(CultureInfo.InvariantCulture)}");
            }
            else
            {
                words.Append(words.Length > 0 ? ", " : "").Append(part);
            }
            list = part;
        }
        return words.ToString();
    }

    private static JsonElement? Child(JsonElement? element, string name, int? index) => element switch
    {
        { ValueKind: JsonValueKind.Array } array when index is { } at && at < array.GetArrayLength() => array[at],
        { ValueKind: JsonValueKind.Object } map when map.TryGetProperty(name, out JsonElement value) => value,
        _ => null,
    };

    private static string? Name(JsonElement? element) =>
        element is { ValueKind: JsonValueKind.Object } map && map.TryGetProperty("name", out JsonElement name) && name.ValueKind == JsonValueKind.String ? name.GetString() : null;

    private static JsonDocument? Parse(ReadOnlySpan<byte> sent)
    {
        try
        {
            return JsonDocument.Parse(sent.ToArray());
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

using System.Text;
using System.Text.Json;
using Raywright.Core.Errors;

namespace Raywright.Core.Cases;

/// <summary>Reads a cases file: one JSON object a line.</summary>
public static class CaseReader
{
    private const int MostCases = 100_000;
    private const int LongestLine = 16 << 20;
    private static readonly string[] Keys = ["inputs", "parameters", "expected", "tolerance", "label", "source", "name"];

    /// <summary>All cases, or every line that is wrong.</summary>
    /// <param name="path">The file.</param>
    /// <param name="shownAs">Its name in problems.</param>
    public static Result<IReadOnlyList<Case>> Read(string path, string shownAs)
    {
        if (!File.Exists(path))
            return new Problem(Catalogue.CaseFileMissing, $"There is no file {shownAs}.", Field: "tests.cases");
        List<Case> cases = [];
        List<Problem> problems = [];
        int number = 0;
        foreach (string line in File.ReadLines(path, Encoding.UTF8))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
                continue;
            if (line.Length > LongestLine || cases.Count >= MostCases)
                return new Problem(Catalogue.CaseUnreadable, $"{shownAs} is too large: {MostCases} cases and {LongestLine >> 20} MiB a line are allowed.", Location: new(shownAs, number, 1));
            Result<Case> read = Parse(PythonNumbers.ToNull(line), number, shownAs);
            if (read.Ok)
                cases.Add(read.Value);
            else
                problems.AddRange(read.Problems);
        }
        return problems.Count > 0 ? System.Collections.Immutable.ImmutableArray.CreateRange(problems) : cases;
    }

    private static Result<Case> Parse(string line, int number, string file)
    {
        Problem Wrong(string detail, int column = 1) => new(Catalogue.CaseUnreadable, detail, Location: new(file, number, column));
        try
        {
            using JsonDocument document = JsonDocument.Parse(line, new JsonDocumentOptions { AllowDuplicateProperties = false });
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("inputs", out JsonElement inputs))
                return Wrong("The line is no object with `inputs`.");
            if (root.EnumerateObject().Select(property => property.Name).FirstOrDefault(name => !Keys.Contains(name, StringComparer.Ordinal)) is { } unknown)
                return Wrong($"The key `{unknown}` is unknown{(Spelling.Nearest(unknown, Keys) is { } near ? $"; did you mean `{near}`?" : $"; known are {string.Join(", ", Keys)}.")}");
            if (Optional(root, "expected") is { ValueKind: not (JsonValueKind.Object or JsonValueKind.Array) })
                return Wrong("`expected` is no object of outputs.");
            Result<CaseTolerance?> tolerance = Tolerance(root, file, number);
            if (!tolerance.Ok)
                return tolerance.Problems;
            return new Case(number, Body(inputs, Optional(root, "parameters")), Optional(root, "expected")?.Clone(), tolerance.Value,
                Optional(root, "label")?.Clone(), Text(root, "source") == "recorded", Text(root, "name"));
        }
        catch (JsonException e)
        {
            return Wrong("The line is not JSON.", (int)Math.Min(int.MaxValue, (e.BytePositionInLine ?? 0) + 1));
        }
    }

    private static Result<CaseTolerance?> Tolerance(JsonElement root, string file, int number)
    {
        if (Optional(root, "tolerance") is not { } tolerance)
            return (CaseTolerance?)null;
        bool fine = tolerance.ValueKind == JsonValueKind.Object && tolerance.EnumerateObject().Any()
            && tolerance.EnumerateObject().All(property => property.Name is "abs" or "rel" && property.Value.ValueKind == JsonValueKind.Number && property.Value.GetDouble() >= 0);
        if (!fine)
            return new Problem(Catalogue.CaseUnreadable, "`tolerance` is no object of `abs` and `rel`, numbers from 0.", Location: new(file, number, 1));
        return new CaseTolerance(Optional(tolerance, "abs")?.GetDouble(), Optional(tolerance, "rel")?.GetDouble());
    }

    private static byte[] Body(JsonElement inputs, JsonElement? parameters)
    {
        using MemoryStream body = new();
        using (Utf8JsonWriter writer = new(body))
        {
            writer.WriteStartObject();
            writer.WritePropertyName("inputs");
            inputs.WriteTo(writer);
            if (parameters is { } given)
            {
                writer.WritePropertyName("parameters");
                given.WriteTo(writer);
            }
            writer.WriteEndObject();
        }
        return body.ToArray();
    }

    private static JsonElement? Optional(JsonElement root, string name) =>
        root.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static string? Text(JsonElement root, string name) =>
        Optional(root, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
}

using System.Text.Json;
using System.Text.Json.Nodes;
using Raywright.TestKit;

namespace Raywright.Ray.Tests.Configuration;

/// <summary>
/// Holds a document against Ray's own schema, more strictly than Ray: a key that the schema does not name is an error, where Ray
/// drops it without a word.
/// </summary>
internal sealed class ServeSchema
{
    public const string FileName = "serve-deploy-schema.json";

    private static readonly HashSet<string> Remarks = ["description", "title", "default", "properties", "required", "additionalProperties", "type", "items", "$defs"];

    private readonly JsonObject root = JsonNode.Parse(File.ReadAllText(Path))!.AsObject();

    public static string Path { get; } = RepositoryRoot.Combine("tests", "Ray.Tests", "Configuration", "Fixtures", FileName);

    /// <summary>Everything that does not fit; empty where all does.</summary>
    public string[] Check(ReadOnlySpan<byte> document) => [.. Check(JsonNode.Parse(document), root, "$")];

    private List<string> Check(JsonNode? value, JsonObject schema, string path)
    {
        if (schema["$ref"] is { } reference)
            return Check(value, root["$defs"]![reference.GetValue<string>().Split('/')[^1]]!.AsObject(), path);
        if (schema["anyOf"] is JsonArray choices)
        {
            List<string>[] all = [.. choices.Select(choice => Check(value, choice!.AsObject(), path))];
            return all.MinBy(problems => problems.Count)!;
        }
        List<string> problems = [];
        foreach ((string key, JsonNode? rule) in schema)
        {
            if (!Remarks.Contains(key) && !Holds(key, rule!, value))
                problems.Add($"{path} is {Shown(value)}: {key} {rule!.ToJsonString()}");
        }
        if (schema["type"] is { } type && !IsOfType(value, type.GetValue<string>()))
            problems.Add($"{path} is {Shown(value)}, not {type}");
        else if (value is JsonObject map)
            problems.AddRange(CheckObject(map, schema, path));
        else if (value is JsonArray list && schema["items"] is JsonObject items)
            problems.AddRange(list.SelectMany((item, index) => Check(item, items, $"{path}[{index}]")));
        return problems;
    }

    private IEnumerable<string> CheckObject(JsonObject map, JsonObject schema, string path)
    {
        JsonObject? known = schema["properties"]?.AsObject();
        foreach (string missing in (schema["required"]?.AsArray() ?? []).Select(name => name!.GetValue<string>()).Where(name => !map.ContainsKey(name)))
            yield return $"{path}.{missing} is missing";
        foreach ((string key, JsonNode? value) in map)
        {
            JsonNode? other = schema["additionalProperties"];
            JsonObject? rule = known?[key]?.AsObject() ?? other as JsonObject;
            if (rule is null && other?.GetValue<bool>() != true)
                yield return $"{path}.{key} is unknown";
            foreach (string problem in rule is null ? [] : Check(value, rule, $"{path}.{key}"))
                yield return problem;
        }
    }

    /// <summary>A rule that this does not know would hold for everything: that must not go unseen.</summary>
    private static bool Holds(string rule, JsonNode argument, JsonNode? value) => rule switch
    {
        "enum" => argument.AsArray().Any(allowed => JsonNode.DeepEquals(allowed, value)),
        "minimum" => Number(value) is not { } number || number >= argument.GetValue<double>(),
        "maximum" => Number(value) is not { } number || number <= argument.GetValue<double>(),
        "exclusiveMinimum" => Number(value) is not { } number || number > argument.GetValue<double>(),
        _ => throw new NotSupportedException($"The schema has a rule {rule}, which is not checked."),
    };

    private static bool IsOfType(JsonNode? value, string type) => type switch
    {
        "null" => value is null,
        "object" => value is JsonObject,
        "array" => value is JsonArray,
        "string" => value?.GetValueKind() == JsonValueKind.String,
        "boolean" => value?.GetValueKind() is JsonValueKind.True or JsonValueKind.False,
        "number" => Number(value) is not null,
        "integer" => Number(value) is { } number && number == Math.Floor(number),
        _ => throw new NotSupportedException($"The schema has a type {type}, which is not checked."),
    };

    private static double? Number(JsonNode? value) => value?.GetValueKind() == JsonValueKind.Number ? value.GetValue<double>() : null;

    private static string Shown(JsonNode? value) => value?.ToJsonString() ?? "null";
}

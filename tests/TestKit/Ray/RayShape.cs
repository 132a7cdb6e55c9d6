using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Raywright.TestKit.Ray;

/// <summary>
/// Whether an answer has the shape of a recorded one: the same members and kinds of values everywhere, and the same words where a
/// client decides by them. Names that are data, figures and traces may differ.
/// </summary>
public static partial class RayShape
{
    /// <summary>Maps from names that are data.</summary>
    private static readonly HashSet<string> Maps = new(StringComparer.Ordinal)
    {
        "proxies", "nodes", "resources_total", "required_resources", "labels", "env_vars", "metadata",
    };

    /// <summary>Words that must be the same.</summary>
    private static readonly HashSet<string> Words = new(StringComparer.Ordinal)
    {
        "status", "status_trigger", "source", "type", "error_type", "authentication_mode", "protocol", "proxy_location", "result", "error", "stopped", "deleted",
    };

    /// <summary>Figures of the controller, and settings of an autoscaler that the product does not use.</summary>
    private static readonly HashSet<string> Ignored = new(StringComparer.Ordinal) { "controller_health_metrics", "autoscaling_config" };

    /// <summary>What differs, one line each.</summary>
    public static IEnumerable<string> Differences(JsonNode? recorded, JsonNode? answered, string at = "$")
    {
        string name = at[(at.LastIndexOf('.') + 1)..];
        // What may be null was null at one time and not at another.
        if (Ignored.Contains(name) || recorded is null || answered is null)
            return [];
        if (Kind(recorded) != Kind(answered))
            return [$"{at} is {Kind(answered)} and was {Kind(recorded)}"];
        return recorded switch
        {
            JsonObject map when name == "deployed_app_config" => JsonNode.DeepEquals(map, answered) ? [] : [$"{at} is {answered.ToJsonString()} and was {map.ToJsonString()}"],
            JsonObject map when Maps.Contains(name) => Elements([.. map.Select(pair => pair.Value)], [.. answered.AsObject().Select(pair => pair.Value)], at),
            JsonObject map => Members(map, answered.AsObject(), at),
            JsonArray list => Elements([.. list], [.. answered.AsArray()], at),
            JsonValue value when value.GetValueKind() == JsonValueKind.String && at == "$" => Text(value.ToString(), answered.ToString()),
            _ when Words.Contains(name) => Word(recorded) == Word(answered) ? [] : [$"{at} is {answered} and was {recorded}"],
            _ => [],
        };
    }

    /// <summary>Of a refusal the count, the places, the words and the kinds; of a trace its last line begins alike; else the text.</summary>
    private static IEnumerable<string> Text(string recorded, string answered)
    {
        string was = Comparable(recorded);
        string says = Comparable(answered);
        return was == says ? [] : [$"the text is\n{says}\nand was\n{was}"];
    }

    private static string Comparable(string text)
    {
        if (char.IsAsciiDigit(text.FirstOrDefault()) && text.Contains("[type=", StringComparison.Ordinal))
            return Address().Replace(InputValue().Replace(text, "$1]"), "");
        bool controller = text.StartsWith('\u001b');
        if (!controller && !text.StartsWith("Traceback", StringComparison.Ordinal))
            return Session().Replace(text, "session");
        string last = text.Split('\n').Last(line => line.Any(char.IsLetter));
        return (controller ? "controller: " : "trace: ") + last.Split(':')[0];
    }

    private static string Word(JsonNode node) => node.ToString().Split(": ")[0].Split(". ")[0];

    private static IEnumerable<string> Members(JsonObject recorded, JsonObject answered, string at)
    {
        IEnumerable<string> missing = recorded.Select(pair => pair.Key).Where(key => !answered.ContainsKey(key) && !Ignored.Contains(key)).Select(key => $"{at}.{key} is missing");
        IEnumerable<string> more = answered.Select(pair => pair.Key).Where(key => !recorded.ContainsKey(key)).Select(key => $"{at}.{key} is too much");
        return missing.Concat(more).Concat(recorded.Where(pair => answered.ContainsKey(pair.Key)).SelectMany(pair => Differences(pair.Value, answered[pair.Key], $"{at}.{pair.Key}")));
    }

    /// <summary>Each element answered has the shape of one recorded.</summary>
    private static IEnumerable<string> Elements(JsonNode?[] recorded, JsonNode?[] answered, string at)
    {
        if (recorded.Length == 0)
            return [];
        return answered.SelectMany(one => recorded.Select(other => Differences(other, one, at + "[]").ToArray()).MinBy(differences => differences.Length)!);
    }

    private static string Kind(JsonNode node) => node.GetValueKind() is JsonValueKind.True or JsonValueKind.False ? "Boolean" : node.GetValueKind().ToString();

    [GeneratedRegex(@"( \[type=[a-z_]+), input_value=[^\n]*\]")]
    private static partial Regex InputValue();

    [GeneratedRegex("session_[0-9_-]+")]
    private static partial Regex Session();

    [GeneratedRegex(@"/2\.[0-9]+/v/")]
    private static partial Regex Address();
}

using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Raywright.TestKit.Ray;

/// <summary>One exchange with a real Ray 2.60, as it was recorded.</summary>
/// <param name="File">The recording without its ending, e.g. <c>scale-ok</c>.</param>
/// <param name="Target">Who answered: <c>dashboard</c>, <c>proxy</c> or <c>node</c>.</param>
public sealed partial record RayRecording(string File, string Name, string Target, string Method, string Path, IReadOnlyDictionary<string, string> Headers, JsonNode? Body, int Status, string? ContentType, JsonNode? Answer)
{
    /// <summary>Names of the files; one that skips where they are absent.</summary>
    public static IReadOnlyList<string> Files() => SharedFiles.Present
        ? [.. Directory.EnumerateFiles(SharedFiles.Path("ray", "recordings"), "*.json").Select(path => System.IO.Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal)]
        : ["absent"];

    public static IReadOnlyList<RayRecording> Load(string file)
    {
        JsonArray exchanges = (JsonArray)JsonNode.Parse(System.IO.File.ReadAllText(SharedFiles.Path("ray", "recordings", $"{file}.json")))!;
        return [.. exchanges.Select(exchange => Read(file, exchange!))];
    }

    /// <summary>The body as it was sent; of binary ones only the size was recorded.</summary>
    public byte[] Bytes() => Body switch
    {
        null => [],
        JsonValue text when (string?)text is { } sent => Binary().Match(sent) is { Success: true } size ? new byte[int.Parse(size.Groups[1].ValueSpan)] : Encoding.UTF8.GetBytes(sent),
        _ => Encoding.UTF8.GetBytes(Body.ToJsonString()),
    };

    private static RayRecording Read(string file, JsonNode exchange)
    {
        JsonNode request = exchange["request"]!;
        JsonNode response = exchange["response"]!;
        Dictionary<string, string> headers = ((JsonObject)request["headers"]!).ToDictionary(pair => pair.Key, pair => pair.Value!.ToString(), StringComparer.OrdinalIgnoreCase);
        return new(file, (string)exchange["name"]!, (string)exchange["target"]!, (string)request["method"]!, (string)request["path"]!, headers, request["body"], (int)response["status"]!, (string?)response["headers"]?["Content-Type"], response["body"]);
    }

    [GeneratedRegex("^<binary ([0-9]+) bytes")]
    private static partial Regex Binary();
}

using System.Text.Json.Nodes;

namespace Raywright.TestKit.Ray;

/// <summary>What the fake answers, before faults have their way with it.</summary>
internal sealed record FakeAnswer(int Status, string? ContentType, string Body)
{
    /// <summary>In the place of <see cref="Body"/> where it is no text.</summary>
    public byte[]? Bytes { get; init; }

    /// <summary>Header fields.</summary>
    public IReadOnlyList<(string Name, string Value)>? Fields { get; init; }

    public static FakeAnswer Empty { get; } = new(200, null, "");

    public static FakeAnswer NotFound { get; } = Text(404, "404: Not Found");

    public static FakeAnswer MethodNotAllowed { get; } = Text(405, "405: Method Not Allowed");

    /// <summary>What aiohttp says where a handler raised outside of Ray's own guard.</summary>
    public static FakeAnswer Trouble { get; } = Text(500, "500 Internal Server Error\n\nServer got itself in trouble");

    public static FakeAnswer Text(int status, string text) => new(status, "text/plain; charset=utf-8", text);

    public static FakeAnswer Json(JsonNode node, int status = 200) => new(status, "application/json; charset=utf-8", node.ToJsonString());

    public static FakeAnswer Error(int status, string text) => Json(new JsonObject { ["error"] = text }, status);

    public static FakeAnswer Trace(int status, string last) => Text(status, Traced(last));

    /// <summary>A Python trace: only its last line matters to anybody.</summary>
    public static string Traced(string last) => $"Traceback (most recent call last):\n  File \"<site-packages>/ray/dashboard/optional_utils.py\", line 241, in decorator\n    return await f(self, *args, **kwargs)\n{last}\n";

    /// <summary>The envelope of the state API.</summary>
    public static FakeAnswer State(JsonNode? result, string message = "", int status = 200) => Json(
        new JsonObject { ["result"] = status == 200, ["msg"] = message, ["data"] = new JsonObject { ["result"] = result } }, status);

    /// <summary>A list of the state API.</summary>
    public static FakeAnswer States(IEnumerable<JsonNode> rows)
    {
        JsonArray list = [.. rows];
        return State(new JsonObject
        {
            ["total"] = list.Count,
            ["num_after_truncation"] = list.Count,
            ["num_filtered"] = list.Count,
            ["result"] = list,
            ["partial_failure_warning"] = "",
            ["warnings"] = null,
        });
    }
}

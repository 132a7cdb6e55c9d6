using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Raywright.Server.App.Playground;

/// <summary>JSON as a person writes it: what fits into a line stays in one.</summary>
internal static class JsonText
{
    private const int Wide = 72;
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Null where it is no JSON.</summary>
    public static JsonElement? Parse(string text)
    {
        try
        {
            return JsonElement.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static string OneLine(JsonElement value) => JsonSerializer.Serialize(value, Relaxed);

    public static string Readable(string json) => Parse(json) is { } value ? Readable(value) : json;

    public static string Readable(JsonElement value)
    {
        StringBuilder text = new();
        Write(text, value, 0);
        return text.ToString();
    }

    private static void Write(StringBuilder text, JsonElement value, int depth)
    {
        string line = OneLine(value);
        if (value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array) || line.Length + (depth * 2) <= Wide || IsFlat(value))
        {
            text.Append(line);
            return;
        }
        bool list = value.ValueKind == JsonValueKind.Array;
        text.Append(list ? '[' : '{');
        string between = "";
        foreach ((string? name, JsonElement item) in list ? value.EnumerateArray().Select(item => ((string?)null, item)) : value.EnumerateObject().Select(member => ((string?)member.Name, member.Value)))
        {
            text.Append(between).Append('\n').Append(' ', (depth + 1) * 2);
            if (name is not null)
                text.Append(JsonSerializer.Serialize(name, Relaxed)).Append(": ");
            Write(text, item, depth + 1);
            between = ",";
        }
        text.Append('\n').Append(' ', depth * 2).Append(list ? ']' : '}');
    }

    /// <summary>A list of plain values is no easier to read with one on each line.</summary>
    private static bool IsFlat(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(item => item.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array));
}

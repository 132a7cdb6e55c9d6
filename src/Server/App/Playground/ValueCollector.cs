using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

namespace Raywright.Server.App.Playground;

/// <summary>
/// Takes the values of a stream as they come, while a page looks at them now and then. Whoever reads the stream may be on another
/// thread than the page.
/// </summary>
public sealed class ValueCollector
{
    private const int LongestText = 20_000;
    private const int LongestJson = 100_000;
    private const int MostRows = 100;

    /// <summary>What models that write a text call a piece of it, where they say more beside it.</summary>
    private static readonly string[] TextNames = ["token", "text", "delta", "content"];

    private readonly Lock gate = new();
    private readonly StringBuilder text = new();
    private readonly StringBuilder json = new();
    private readonly Queue<ImmutableArray<AnswerPart>> rows = new();
    private bool textIsCut;
    private bool jsonIsFull;
    private long rowsBefore;
    private long count;

    /// <summary>From the question to the first value; set by whoever reads the stream.</summary>
    public double? FirstMilliseconds { get; set; }

    public long Count => Volatile.Read(ref count);

    /// <summary>Takes one value, <c>{"outputs": …}</c>.</summary>
    public void Add(JsonElement body)
    {
        JsonElement outputs = body.ValueKind == JsonValueKind.Object && body.TryGetProperty("outputs", out JsonElement given) ? given : body;
        lock (gate)
        {
            if (PieceOf(outputs) is { } piece)
                Append(piece);
            else
                Append(outputs, Answer.Of(body));
            AppendJson(outputs);
            Volatile.Write(ref count, count + 1);
        }
    }

    public StreamedValues Look()
    {
        lock (gate)
            return new(text.ToString(), textIsCut, [.. rows], rowsBefore, json.ToString(), count);
    }

    /// <summary>The piece of a text that a value is; null where it is something else.</summary>
    private static string? PieceOf(JsonElement outputs)
    {
        if (outputs.ValueKind == JsonValueKind.String)
            return outputs.GetString();
        if (outputs.ValueKind != JsonValueKind.Object)
            return null;
        JsonProperty[] members = [.. outputs.EnumerateObject()];
        if (members is [{ Value.ValueKind: JsonValueKind.String } only])
            return only.Value.GetString();
        JsonElement named = members.FirstOrDefault(member => member.Value.ValueKind == JsonValueKind.String && TextNames.Contains(member.Name, StringComparer.Ordinal)).Value;
        return named.ValueKind == JsonValueKind.String ? named.GetString() : null;
    }

    private void Append(string piece)
    {
        text.Append(piece);
        if (text.Length <= LongestText)
            return;
        textIsCut = true;
        text.Remove(0, text.Length - LongestText);
    }

    private void Append(JsonElement outputs, Answer answer)
    {
        if (answer.Rows.IsEmpty)
            rows.Enqueue([new AnswerPart("value", AnswerKind.Json, JsonText.OneLine(outputs))]);
        foreach (ImmutableArray<AnswerPart> row in answer.Rows)
            rows.Enqueue(row);
        for (; rows.Count > MostRows; rowsBefore++)
            rows.Dequeue();
    }

    private void AppendJson(JsonElement outputs)
    {
        if (jsonIsFull)
            return;
        string line = JsonText.OneLine(outputs);
        jsonIsFull = json.Length + line.Length > LongestJson;
        json.Append(json.Length == 0 ? "" : "\n").Append(jsonIsFull ? "… cut off here" : line);
    }
}

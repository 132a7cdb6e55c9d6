using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Raywright.Ray.Configuration;

/// <summary>
/// A piece of a Serve configuration that knows its reason. Ray drops keys that it does not know without a word, so every key is
/// written on purpose, and the tree is built by hand rather than from records.
/// </summary>
/// <param name="Why">Null where the reason of what it lies in holds for it too.</param>
public abstract record ServeNode(ServeReason? Why)
{
    /// <summary>UTF-8, as Ray's REST interface takes it.</summary>
    public byte[] ToJson(bool indented = false)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer, new JsonWriterOptions { Indented = indented, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            WriteTo(json);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>As <c>serve deploy</c> reads it.</summary>
    /// <param name="explained">Whether the reason of each line stands above it, as a comment.</param>
    public string ToYaml(bool explained = false) => ServeYaml.Write(this, explained);

    public abstract void WriteTo(Utf8JsonWriter json);

    /// <summary>Every single value with its path and its reason, in order.</summary>
    public ImmutableArray<ServeLine> Lines() => [.. Lines("", Why)];

    private IEnumerable<ServeLine> Lines(string path, ServeReason? above)
    {
        ServeReason? why = Why ?? above;
        return this switch
        {
            ServeMap { Entries: { IsEmpty: false } entries } => entries.SelectMany(entry => entry.Value.Lines(path.Length == 0 ? entry.Key : $"{path}.{entry.Key}", why)),
            ServeList { Items: { IsEmpty: false } items } => items.SelectMany((item, index) => item.Lines(string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]"), why)),
            _ => [new ServeLine(path, this, why ?? throw new InvalidOperationException($"Nobody says why {path} is what it is."))],
        };
    }
}

/// <param name="Path">Dotted, items of lists by number: <c>applications[0].name</c>.</param>
public sealed record ServeLine(string Path, ServeNode Value, ServeReason Why);

public sealed record ServeText(string Value, ServeReason? Why = null) : ServeNode(Why)
{
    public override void WriteTo(Utf8JsonWriter json) => json.WriteStringValue(Value);
}

public sealed record ServeWhole(long Value, ServeReason? Why = null) : ServeNode(Why)
{
    public override void WriteTo(Utf8JsonWriter json) => json.WriteNumberValue(Value);
}

public sealed record ServeNumber(double Value, ServeReason? Why = null) : ServeNode(Why)
{
    public override void WriteTo(Utf8JsonWriter json) => json.WriteNumberValue(Value);
}

public sealed record ServeTruth(bool Value, ServeReason? Why = null) : ServeNode(Why)
{
    public override void WriteTo(Utf8JsonWriter json) => json.WriteBooleanValue(Value);
}

public sealed record ServeNothing(ServeReason? Why = null) : ServeNode(Why)
{
    public override void WriteTo(Utf8JsonWriter json) => json.WriteNullValue();
}

/// <summary>Keys in the order in which a person reads them.</summary>
public sealed record ServeMap(ImmutableArray<(string Key, ServeNode Value)> Entries, ServeReason? Why = null) : ServeNode(Why)
{
    /// <summary>The node at a key; null where there is none.</summary>
    public ServeNode? this[string key] => Entries.FirstOrDefault(entry => entry.Key == key).Value;

    public override void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        foreach ((string key, ServeNode value) in Entries)
        {
            json.WritePropertyName(key);
            value.WriteTo(json);
        }
        json.WriteEndObject();
    }
}

public sealed record ServeList(ImmutableArray<ServeNode> Items, ServeReason? Why = null) : ServeNode(Why)
{
    public override void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartArray();
        foreach (ServeNode item in Items)
            item.WriteTo(json);
        json.WriteEndArray();
    }
}

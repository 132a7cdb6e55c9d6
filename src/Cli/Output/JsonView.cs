using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Raywright.Cli.Output;

/// <summary>JSON on standard output: indented for a person, on one line for a program.</summary>
internal static class JsonView
{
    public static void WriteJson<T>(this Terminal terminal, T value, JsonTypeInfo<T> type) =>
        terminal.WriteLine(Text(writer => JsonSerializer.Serialize(writer, value, type), terminal.IsLive));

    /// <summary>One document of several: always on one line.</summary>
    public static void WriteJsonLine<T>(this Terminal terminal, T value, JsonTypeInfo<T> type) =>
        terminal.WriteLine(Text(writer => JsonSerializer.Serialize(writer, value, type), indented: false));

    /// <summary>Text that is JSON already, laid out for whoever reads it.</summary>
    public static void WriteJson(this Terminal terminal, JsonElement value) =>
        terminal.WriteLine(Text(value.WriteTo, terminal.IsLive));

    public static string OneLine(JsonElement value) => Text(value.WriteTo, indented: false);

    private static string Text(Action<Utf8JsonWriter> write, bool indented)
    {
        ArrayBufferWriter<byte> buffer = new();
        // Standard output is no web page: quotes and signs stay readable.
        using (Utf8JsonWriter writer = new(buffer, new JsonWriterOptions { Indented = indented, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            write(writer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}

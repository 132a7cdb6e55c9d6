using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;
using Raywright.Gateway.Pipeline;

namespace Raywright.Gateway.Records;

/// <summary>The one line a request leaves in the log: JSON, written straight into a buffer, because a logging framework costs more than the request. Not safe for concurrent use.</summary>
internal sealed class LogLine : IDisposable
{
    private const int LongestPath = 64;
    private readonly Utf8JsonWriter writer = new(Stream.Null, new JsonWriterOptions { SkipValidation = true });

    public void Write(ArrayBufferWriter<byte> into, ServedRecord record, int? version, in Trace trace)
    {
        writer.Reset(into);
        writer.WriteStartObject();
        WriteTime(record.AtMicros);
        writer.WriteString("level"u8, record.Status >= 500 ? "error"u8 : record.Status >= 400 ? "warning"u8 : "information"u8);
        writer.WriteString("requestId"u8, record.RequestId);
        writer.WriteString("traceId"u8, trace.Id);
        writer.WriteString("environment"u8, Cut(record.Environment));
        writer.WriteString("model"u8, Cut(record.Model));
        if (version is { } number)
            writer.WriteNumber("version"u8, number);
        if (record.Revision.Length > 0)
            writer.WriteString("revision"u8, record.Revision);
        writer.WriteNumber("status"u8, record.Status);
        if (record.Code.Length > 0)
            writer.WriteString("code"u8, record.Code);
        writer.WriteNumber("ms"u8, record.LatencyMicros / 1000.0);
        writer.WriteNumber("rows"u8, record.Rows);
        if (record.Key.Length > 0)
            writer.WriteString("key"u8, record.Key);
        writer.WriteEndObject();
        writer.Flush();
        into.Write("\n"u8);
    }

    public void Dispose() => writer.Dispose();

    private void WriteTime(long micros)
    {
        Span<byte> text = stackalloc byte[33];
        Utf8Formatter.TryFormat(DateTime.UnixEpoch.AddMicroseconds(micros), text, out int length, 'O');
        writer.WriteString("time"u8, text[..length]);
    }

    /// <summary>Of a name that nobody has checked: an address may be as long as the server's limit.</summary>
    private static ReadOnlySpan<char> Cut(string name) => name.AsSpan(0, Math.Min(name.Length, LongestPath));
}

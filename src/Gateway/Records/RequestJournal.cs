using System.Buffers;
using System.Text.Json;
using Raywright.Gateway.Pipeline;

namespace Raywright.Gateway.Records;

/// <summary>
/// Takes down every answered request: a record for the store and a line for the log. Requests only append to a buffer in memory;
/// one timer hands the buffers to files. When files cannot keep up, entries are dropped and counted, and requests go on.
/// </summary>
public sealed class RequestJournal : IDisposable
{
    private const int MostBuffered = 8 << 20;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(200);
    private readonly RecordStore records;
    private readonly Stream log;
    private readonly TimeProvider clock;
    private readonly int sampleEvery;
    private readonly ITimer timer;
    private readonly Lock gate = new();
    private readonly Lock writing = new();
    private ArrayBufferWriter<byte> lines = new(1 << 16);
    private ArrayBufferWriter<byte> entries = new(1 << 16);
    private ArrayBufferWriter<byte> spareLines = new(1 << 16);
    private ArrayBufferWriter<byte> spareEntries = new(1 << 16);
    private readonly Utf8JsonWriter writer;
    private long dropped;
    private int turn;

    /// <param name="records">Where records go.</param>
    /// <param name="log">Where lines go; <see cref="Stream.Null"/> for none.</param>
    /// <param name="sampleEvery">One in so many requests keeps its inputs.</param>
    /// <param name="clock">Paces the writing.</param>
    public RequestJournal(RecordStore records, Stream log, int sampleEvery, TimeProvider clock)
    {
        this.records = records;
        this.log = log;
        this.sampleEvery = sampleEvery;
        this.clock = clock;
        writer = new Utf8JsonWriter(lines, new JsonWriterOptions { SkipValidation = true });
        timer = clock.CreateTimer(_ => Flush(), null, Pace, Pace);
    }

    /// <summary>Entries that were dropped because files could not keep up.</summary>
    public long Dropped => Volatile.Read(ref dropped);

    /// <summary>Whether the next request keeps its inputs.</summary>
    public bool TakesSample() => sampleEvery > 0 && (uint)Interlocked.Increment(ref turn) % (uint)sampleEvery == 0;

    internal void Add(ServedRequest request, long latencyMicros, long nowMicros)
    {
        ServedRecord record = new(
            request.Trace.RequestId, request.Address.Environment ?? "", request.Address.Model ?? "", request.Revision?.Config.Id ?? "",
            request.Status, request.Problem?.Code ?? "", nowMicros, latencyMicros, request.Rows, request.RequestBytes, request.AnswerBytes,
            request.Key?.Id ?? "", request.Sample);
        lock (gate)
        {
            if (entries.WrittenCount + lines.WrittenCount > MostBuffered)
            {
                dropped++;
                return;
            }
            if (request.Revision is not null)
                RecordFormat.Write(entries, record);
            WriteLine(record);
        }
    }

    /// <summary>Hands everything to the files now.</summary>
    public void Flush()
    {
        lock (writing)
        {
            lock (gate)
            {
                (lines, spareLines) = (spareLines, lines);
                (entries, spareEntries) = (spareEntries, entries);
            }
            try
            {
                log.Write(spareLines.WrittenSpan);
                log.Flush();
                records.Append(spareEntries.WrittenSpan, clock.GetUtcNow().ToUnixTimeMilliseconds() * 1000);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
            {
                // A full disk must not stop answers; what could not be written is counted.
                Interlocked.Increment(ref dropped);
            }
            spareLines.ResetWrittenCount();
            spareEntries.ResetWrittenCount();
        }
    }

    public void Dispose()
    {
        timer.Dispose();
        Flush();
        writer.Dispose();
        records.Dispose();
        log.Dispose();
    }

    private void WriteLine(ServedRecord record)
    {
        writer.Reset(lines);
        writer.WriteStartObject();
        writer.WriteNumber("at"u8, record.AtMicros);
        writer.WriteString("requestId"u8, record.RequestId);
        writer.WriteString("environment"u8, record.Environment);
        writer.WriteString("model"u8, record.Model);
        writer.WriteString("revision"u8, record.Revision);
        writer.WriteNumber("status"u8, record.Status);
        if (record.Code.Length > 0)
            writer.WriteString("code"u8, record.Code);
        writer.WriteNumber("micros"u8, record.LatencyMicros);
        writer.WriteNumber("rows"u8, record.Rows);
        writer.WriteString("key"u8, record.Key);
        writer.WriteEndObject();
        writer.Flush();
        lines.Write("\n"u8);
    }
}

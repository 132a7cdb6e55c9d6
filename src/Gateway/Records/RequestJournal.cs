using System.Buffers;
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
    private readonly LogLine? line;
    private readonly long[] refused = new long[6];
    private Buffers filling = new();
    private Buffers spare = new();
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
        line = log == Stream.Null ? null : new LogLine();
        timer = clock.CreateTimer(_ => Flush(), null, Pace, Pace);
    }

    /// <summary>Records and lines that were dropped because files could not keep up or could not be written.</summary>
    public long Dropped => Volatile.Read(ref dropped);

    /// <summary>Requests that reached no revision, by class of status: 4 for 400 to 499.</summary>
    public long Refused(int statusClass) => Volatile.Read(ref refused[statusClass]);

    /// <summary>Whether the next request keeps its inputs.</summary>
    public bool TakesSample() => sampleEvery > 0 && (uint)Interlocked.Increment(ref turn) % (uint)sampleEvery == 0;

    internal void Add(ServedRequest request, long latencyMicros, long nowMicros)
    {
        ServedRecord record = new(
            request.Trace.RequestId, request.Address.Environment ?? "", request.Address.Model ?? "", request.Revision?.Config.Id ?? "",
            request.Status, request.Problem?.Code ?? "", nowMicros, latencyMicros, request.Rows, request.RequestBytes, request.AnswerBytes,
            request.Key?.Id ?? "", request.Sample);
        if (request.Revision is null)
            Interlocked.Increment(ref refused[Math.Clamp(request.Status / 100, 0, 5)]);
        lock (gate)
        {
            if (filling.Bytes > MostBuffered)
            {
                dropped++;
                return;
            }
            filling.Entries++;
            if (request.Revision is not null)
                RecordFormat.Write(filling.Records, record);
            line?.Write(filling.Lines, record, request.Revision?.Config.Version, request.Trace);
        }
    }

    /// <summary>Hands everything to the files now.</summary>
    public void Flush()
    {
        lock (writing)
        {
            lock (gate)
                (filling, spare) = (spare, filling);
            bool lost = !Written(() =>
            {
                log.Write(spare.Lines.WrittenSpan);
                log.Flush();
            });
            lost |= !Written(() => records.Append(spare.Records.WrittenSpan, clock.GetUtcNow().ToUnixTimeMilliseconds() * 1000));
            if (lost)
                Interlocked.Add(ref dropped, spare.Entries);
            spare.Clear();
        }
    }

    public void Dispose()
    {
        timer.Dispose();
        Flush();
        line?.Dispose();
        records.Dispose();
        log.Dispose();
    }

    /// <summary>A full disk must not stop answers; what could not be written is counted.</summary>
    private static bool Written(Action write)
    {
        try
        {
            write();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            return false;
        }
    }

    private sealed class Buffers
    {
        private const int Least = 1 << 16;

        public ArrayBufferWriter<byte> Lines { get; private set; } = new(Least);

        public ArrayBufferWriter<byte> Records { get; private set; } = new(Least);

        public long Entries { get; set; }

        public int Bytes => Lines.WrittenCount + Records.WrittenCount;

        public void Clear()
        {
            Entries = 0;
            Lines = Emptied(Lines);
            Records = Emptied(Records);
        }

        /// <summary>A burst must not keep its memory for good.</summary>
        private static ArrayBufferWriter<byte> Emptied(ArrayBufferWriter<byte> buffer)
        {
            if (buffer.WrittenCount < buffer.Capacity / 8 && buffer.Capacity > Least)
                return new(Least);
            buffer.ResetWrittenCount();
            return buffer;
        }
    }
}

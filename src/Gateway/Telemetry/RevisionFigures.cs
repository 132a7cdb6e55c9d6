using Raywright.Statistics.Latency;

namespace Raywright.Gateway.Telemetry;

/// <summary>
/// Counts of one revision since it started, and its last minute. Adding is a handful of atomic increments; everything else is
/// worked out when somebody asks.
/// </summary>
public sealed class RevisionFigures(TimeProvider clock)
{
    /// <summary>Of a minute.</summary>
    public const int Slots = 6;

    public static readonly TimeSpan SlotLength = TimeSpan.FromSeconds(10);

    private readonly LatencySketch all = new();
    private readonly Slot[] slots = [.. Enumerable.Range(0, Slots).Select(_ => new Slot())];
    private readonly long[] byClass = new long[6];
    private long latencySumMicros;
    private long rows;
    private long streamedValues;
    private long firstValueSumMicros;

    public long Rows => Volatile.Read(ref rows);

    public double LatencySeconds => Volatile.Read(ref latencySumMicros) / 1e6;

    public LatencySketch Latency => all;

    /// <summary>Values that streams have sent, also those of streams under way.</summary>
    public long StreamedValues => Volatile.Read(ref streamedValues);

    /// <summary>Microseconds from a request's head to the first value of its stream.</summary>
    public LatencySketch FirstValue { get; } = new();

    public double FirstValueSeconds => Volatile.Read(ref firstValueSumMicros) / 1e6;

    /// <summary>Answers with a status of this class, e.g. 2 for 200 to 299.</summary>
    public long Answers(int statusClass) => Volatile.Read(ref byClass[statusClass]);

    public long Total
    {
        get
        {
            long sum = 0;
            for (int index = 0; index < byClass.Length; index++)
                sum += Volatile.Read(ref byClass[index]);
            return sum;
        }
    }

    public void Add(int status, long micros, long requestRows)
    {
        Interlocked.Increment(ref byClass[Math.Clamp(status / 100, 0, 5)]);
        Interlocked.Add(ref latencySumMicros, micros);
        Interlocked.Add(ref rows, requestRows);
        all.Add(micros);
        long number = Number();
        Slot slot = slots[number % Slots];
        slot.Become(number);
        slot.Latency.Add(micros);
        if (status >= 500)
            Interlocked.Increment(ref slot.Errors);
    }

    /// <param name="started">Timestamp of the request whose stream has its first value now.</param>
    public void AddFirstValue(long started)
    {
        long micros = (long)clock.GetElapsedTime(started).TotalMicroseconds;
        Interlocked.Add(ref firstValueSumMicros, micros);
        FirstValue.Add(micros);
    }

    public void AddStreamedValue() => Interlocked.Increment(ref streamedValues);

    /// <summary>The last minute: requests a second, part of errors, quantiles in milliseconds (NaN without requests).</summary>
    public (double PerSecond, double ErrorRate, double P50, double P99) LastMinute()
    {
        long now = Number();
        LatencySketch sum = new();
        long errors = 0;
        foreach (Slot slot in slots.Where(slot => slot.Covers(now - Slots + 1)))
        {
            sum.Add(slot.Latency);
            errors += Volatile.Read(ref slot.Errors);
        }
        long count = sum.Count;
        return (count / (Slots * SlotLength.TotalSeconds), count == 0 ? 0 : errors / (double)count, sum.Quantile(0.5) / 1000, sum.Quantile(0.99) / 1000);
    }

    /// <summary>Number of the slot that runs now, the same for all revisions of a clock.</summary>
    public static long SlotNow(TimeProvider clock) => clock.GetTimestamp() / SlotTicks(clock);

    /// <summary>When a slot began or begins, as a timestamp.</summary>
    public static long SlotStart(TimeProvider clock, long number) => number * SlotTicks(clock);

    /// <summary>Adds what was counted in one slot of the last minute.</summary>
    /// <returns>Errors among it.</returns>
    public long AddSlot(long number, LatencySketch sum)
    {
        Slot slot = slots[number % Slots];
        if (!slot.Is(number))
            return 0;
        sum.Add(slot.Latency);
        return Volatile.Read(ref slot.Errors);
    }

    private static long SlotTicks(TimeProvider clock) => (long)(clock.TimestampFrequency * SlotLength.TotalSeconds);

    private long Number() => SlotNow(clock);

    /// <summary>Ten seconds. At the change of slots a few requests may be counted in the neighbour, which no reader can see.</summary>
    private sealed class Slot
    {
        private long number = -1;

        public LatencySketch Latency { get; } = new();

        public long Errors;

        public void Become(long wanted)
        {
            long now = Volatile.Read(ref number);
            if (now == wanted || Interlocked.CompareExchange(ref number, wanted, now) != now)
                return;
            Latency.Clear();
            Volatile.Write(ref Errors, 0);
        }

        public bool Is(long wanted) => Volatile.Read(ref number) == wanted;

        public bool Covers(long oldest) => Volatile.Read(ref number) >= oldest;
    }
}

using System.Globalization;

namespace Raywright.Core.Spec;

/// <summary>Writes values as a spec does, so that what is shown can be pasted.</summary>
public static class SpecFormat
{
    /// <summary>In the largest binary unit that gives a whole number: <c>512Mi</c>.</summary>
    public static string Size(long bytes)
    {
        (string Unit, int Shift)[] units = [("Ti", 40), ("Gi", 30), ("Mi", 20), ("Ki", 10), ("", 0)];
        (string unit, int shift) = units.First(unit => bytes % (1L << unit.Shift) == 0);
        return string.Create(CultureInfo.InvariantCulture, $"{bytes >> shift}{unit}");
    }

    /// <summary>In the largest unit that gives a whole number: <c>5ms</c>.</summary>
    public static string Duration(TimeSpan time)
    {
        if (time == TimeSpan.Zero)
            return "0ms";
        (string Unit, long Ticks)[] units = [("h", TimeSpan.TicksPerHour), ("m", TimeSpan.TicksPerMinute), ("s", TimeSpan.TicksPerSecond), ("ms", TimeSpan.TicksPerMillisecond), ("us", 1)];
        (string unit, long ticks) = units.First(unit => time.Ticks % unit.Ticks == 0);
        ticks = unit == "us" ? TimeSpan.TicksPerMicrosecond : ticks;
        return string.Create(CultureInfo.InvariantCulture, $"{(double)time.Ticks / ticks:0.#}{unit}");
    }

    public static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    public static string Shape(IEnumerable<long> shape) => $"[{string.Join(", ", shape)}]";
}

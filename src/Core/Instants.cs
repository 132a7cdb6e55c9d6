namespace Raywright.Core;

/// <summary>Instants of the product: UTC microseconds since 1970, as a <c>long</c> (DESIGN 4, Data).</summary>
public static class Instants
{
    /// <summary>Now, in UTC microseconds since 1970.</summary>
    public static long NowMicros(this TimeProvider clock) => Micros(clock.GetUtcNow());

    /// <summary>An instant in UTC microseconds since 1970.</summary>
    public static long Micros(DateTimeOffset instant) => (instant.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond;
}

namespace Raywright.Cli.Tests.Fakes;

/// <summary>A clock that stands still for what is shown, while waiting works as ever.</summary>
internal sealed class FixedClock : TimeProvider
{
    public static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override DateTimeOffset GetUtcNow() => Now;

    public override long GetTimestamp() => 0;

    /// <summary>UTC microseconds, some seconds before <see cref="Now"/>.</summary>
    public static long Ago(double seconds) => (Now.AddSeconds(-seconds) - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}

namespace Raywright.Bench.Serving;

/// <summary>One subject in one round.</summary>
/// <param name="CpuMicros">CPU time of the server a request, user and system, closed loop at 64 connections.</param>
/// <param name="PerSecond">Requests a second of the same.</param>
/// <param name="AloneCpuMicros">CPU time a request at one connection.</param>
/// <param name="AloneMillis">Median latency at one connection.</param>
/// <param name="HalfCpuMicros">CPU time a request, open loop at half the rate of the closed one.</param>
/// <param name="HalfP50Millis">Median latency of the same.</param>
/// <param name="HalfP99Millis">99th percentile of the same.</param>
/// <param name="Errors">Answers other than 200.</param>
internal sealed record Measurement(double CpuMicros, double PerSecond, double AloneCpuMicros, double AloneMillis, double HalfCpuMicros, double HalfP50Millis, double HalfP99Millis, long Errors)
{
    private const int Connections = 64;
    private const int OpenConnections = 16;

    /// <summary>What runs for months is measured: every subject is compiled through by then.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(20);

    public static async Task<Measurement> OfAsync(Subject subject, TimeSpan duration)
    {
        await LoadGenerator.ClosedAsync(subject.Request, Connections, WarmUp);
        TimeSpan before = subject.CpuTime();
        LoadResult closed = await LoadGenerator.ClosedAsync(subject.Request, Connections, duration);
        TimeSpan used = subject.CpuTime() - before;
        before = subject.CpuTime();
        LoadResult alone = await LoadGenerator.ClosedAsync(subject.Request, 1, duration / 2);
        TimeSpan usedAlone = subject.CpuTime() - before;
        before = subject.CpuTime();
        LoadResult half = await LoadGenerator.OpenAsync(subject.Request, OpenConnections, duration / 2, closed.PerSecond / 2);
        TimeSpan usedHalf = subject.CpuTime() - before;
        return new(
            used.TotalMicroseconds / Math.Max(1, closed.Requests), closed.PerSecond, usedAlone.TotalMicroseconds / Math.Max(1, alone.Requests), alone.Milliseconds(50),
            usedHalf.TotalMicroseconds / Math.Max(1, half.Requests), half.Milliseconds(50), half.Milliseconds(99), closed.Errors + alone.Errors + half.Errors);
    }
}

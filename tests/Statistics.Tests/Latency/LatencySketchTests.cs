using CsCheck;
using Raywright.Statistics.Latency;
using Xunit;

namespace Raywright.Statistics.Tests.Latency;

public sealed class LatencySketchTests
{
    private static readonly Gen<long[]> AnyDurations = Gen.OneOf(Gen.Long[0, 40], Gen.Long[0, 100_000], Gen.Long[0, long.MaxValue]).Array[1, 300];

    [Fact]
    public void Quantile_IsWithinASixteenthOfTheTrueOne() => Gen.Select(AnyDurations, Gen.Double[0, 1]).Sample((durations, quantile) =>
    {
        LatencySketch sketch = Of(durations);
        long[] sorted = [.. durations.Order()];
        long exact = sorted[Math.Clamp((int)Math.Ceiling(quantile * sorted.Length), 1, sorted.Length) - 1];
        return Math.Abs(sketch.Quantile(quantile) - exact) <= Math.Max(0.5, exact / 16.0);
    });

    [Fact]
    public void Sum_CountsAsOneSketchWould() => Gen.Select(AnyDurations, AnyDurations).Sample((left, right) =>
    {
        LatencySketch sum = Of(left);
        sum.Add(Of(right));
        LatencySketch whole = Of([.. left, .. right]);
        return sum.Count == whole.Count && sum.Quantile(0.5) == whole.Quantile(0.5) && sum.Quantile(0.99) == whole.Quantile(0.99);
    });

    [Fact]
    public void CountUpTo_IsRightExceptWithinTheBucket() => Gen.Select(AnyDurations, Gen.Long[0, 1_000_000]).Sample((durations, bound) =>
    {
        long counted = Of(durations).CountUpTo(bound);
        long most = durations.LongCount(duration => duration <= bound);
        long least = durations.LongCount(duration => duration <= bound - (bound / 16) - 1);
        return counted >= least && counted <= most;
    });

    [Fact]
    public void Cleared_IsEmpty()
    {
        LatencySketch sketch = Of([1, 2, 3]);
        sketch.Clear();
        Assert.Equal(0, sketch.Count);
        Assert.True(double.IsNaN(sketch.Quantile(0.5)));
    }

    [Fact]
    public async Task AddingFromManyThreads_LosesNothing()
    {
        LatencySketch sketch = new();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (int value = 0; value < 10_000; value++)
                sketch.Add(value % 100);
        }, TestContext.Current.CancellationToken)));
        Assert.Equal(40_000, sketch.Count);
    }

    private static LatencySketch Of(long[] durations)
    {
        LatencySketch sketch = new();
        foreach (long duration in durations)
            sketch.Add(duration);
        return sketch;
    }
}

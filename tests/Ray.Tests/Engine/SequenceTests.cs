using System.Collections.Concurrent;
using System.Globalization;
using Xunit;

namespace Raywright.Ray.Tests.Engine;

/// <summary>
/// Whatever happens to a cluster and in which order: once it stops, what is desired runs, answers, and nothing else of ours is there;
/// what is not ours was never touched. <c>RAYWRIGHT_PROVE=1</c> for 500 of them, <c>RAYWRIGHT_SEED</c> to repeat one.
/// </summary>
public sealed class SequenceTests
{
    private const int AtOnce = 3;
    private static readonly int Count = Environment.GetEnvironmentVariable("RAYWRIGHT_PROVE") == "1" ? 500 : 25;

    [Fact]
    public async Task RandomSequences_Converge_AndTouchNothingOfOthers()
    {
        IEnumerable<int> seeds = Environment.GetEnvironmentVariable("RAYWRIGHT_SEED") is { Length: > 0 } one ? [int.Parse(one, CultureInfo.InvariantCulture)] : Enumerable.Range(1, Count);
        using Adders adders = new();
        int sequences = 0, operations = 0, faults = 0;
        ConcurrentQueue<string> wrong = new();
        long start = TimeProvider.System.GetTimestamp();
        await Parallel.ForEachAsync(seeds, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = TestContext.Current.CancellationToken }, async (seed, _) =>
        {
            await using Sequence sequence = new(seed, adders);
            if (await sequence.RunAsync() is { } reason)
                wrong.Enqueue(reason);
            Interlocked.Increment(ref sequences);
            Interlocked.Add(ref operations, sequence.Operations);
            Interlocked.Add(ref faults, sequence.Faults);
        });
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{sequences} sequences, {operations} operations, {faults} requests that met a fault, {TimeProvider.System.GetElapsedTime(start).TotalSeconds:0} s"));
        Assert.True(wrong.IsEmpty, string.Join("\n\n", wrong));
    }
}

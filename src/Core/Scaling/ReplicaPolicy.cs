using Raywright.Core.Engines;

namespace Raywright.Core.Scaling;

/// <summary>
/// How many replicas a revision is to have, by how many requests the gateway has inside for it. More come at once; fewer only when
/// fewer would have been enough for a while, because a replica that is stopped too soon costs a start. Not safe for concurrent use.
/// </summary>
/// <param name="perReplica">Requests that one replica is to have at once; what is above waits or makes another replica worth its start.</param>
public sealed class ReplicaPolicy(double perReplica)
{
    /// <summary>What is inside is averaged over so long: one burst of a moment starts nothing.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(2);

    /// <summary>So long fewer must have been enough.</summary>
    public static readonly TimeSpan DownDelay = TimeSpan.FromSeconds(60);

    /// <summary>So long nobody must have asked before the last replica goes.</summary>
    public static readonly TimeSpan ZeroDelay = TimeSpan.FromSeconds(120);

    private readonly Queue<(TimeSpan At, double Inside)> samples = new();
    private readonly Queue<(TimeSpan At, int Enough)> enough = new();
    private TimeSpan lastAsked = TimeSpan.MinValue;

    /// <summary>Of a revision: half a batch, so that the next one fills while one is worked on; a single request where it takes no batches.</summary>
    public static ReplicaPolicy Of(RevisionConfig revision) =>
        new(revision.Contract.Batched ? Math.Max(1, revision.Batching.MaxSize / 2.0) : 1);

    /// <param name="now">Time since any fixed moment; never less than before.</param>
    /// <param name="inside">Requests that are inside now, waiting ones included.</param>
    /// <param name="current">Replicas that are wanted now.</param>
    /// <param name="min">Fewest; 0 lets the last one go.</param>
    /// <param name="max">Most.</param>
    public int Decide(TimeSpan now, double inside, int current, int min, int max)
    {
        if (inside > 0 || lastAsked == TimeSpan.MinValue)
            lastAsked = now;
        samples.Enqueue((now, inside));
        while (now - samples.Peek().At > Window)
            samples.Dequeue();
        double mean = samples.Average(sample => sample.Inside);
        int fewest = min == 0 && now - lastAsked >= ZeroDelay ? 0 : Math.Max(1, min);
        int wanted = Math.Clamp((int)Math.Ceiling(mean / perReplica), fewest, Math.Max(fewest, max));
        enough.Enqueue((now, wanted));
        while (now - enough.Peek().At > DownDelay)
            enough.Dequeue();
        if (wanted >= current)
            return wanted;
        // Whoever asks nothing at all for so long has asked nothing in the shorter time either.
        return fewest == 0 && wanted == 0 ? 0 : Math.Min(current, enough.Max(one => one.Enough));
    }
}

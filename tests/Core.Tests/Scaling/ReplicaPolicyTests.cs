using CsCheck;
using Raywright.Core.Scaling;
using Xunit;

namespace Raywright.Core.Tests.Scaling;

public sealed class ReplicaPolicyTests
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(250);

    [Fact]
    public void Load_BringsReplicas_AsManyAsItTakes_AndNoMoreThanMayBe()
    {
        Watched policy = new(perReplica: 4, min: 1, max: 5);
        Assert.Equal(1, policy.For(TimeSpan.FromSeconds(10), inside: 3));
        Assert.Equal(3, policy.For(TimeSpan.FromSeconds(10), inside: 12));
        Assert.Equal(5, policy.For(TimeSpan.FromSeconds(10), inside: 1000));
    }

    [Fact]
    public void ABurstOfAMoment_StartsNothing()
    {
        Watched policy = new(perReplica: 4, min: 1, max: 5);
        policy.For(TimeSpan.FromSeconds(10), inside: 0);
        Assert.Equal(1, policy.For(Pace, inside: 20));
        Assert.Equal(1, policy.For(TimeSpan.FromSeconds(5), inside: 0));
    }

    [Fact]
    public void WhatIsNotNeeded_StaysForAWhile_AndGoesThen()
    {
        Watched policy = new(perReplica: 4, min: 1, max: 5);
        policy.For(TimeSpan.FromSeconds(10), inside: 20);
        Assert.Equal(5, policy.For(ReplicaPolicy.DownDelay - TimeSpan.FromSeconds(5), inside: 4));
        Assert.Equal(1, policy.For(TimeSpan.FromSeconds(10), inside: 4));
    }

    [Fact]
    public void TheLastReplica_GoesOnlyWhereItMay_AndNobodyHasAskedForLong()
    {
        Watched one = new(perReplica: 4, min: 1, max: 5), none = new(perReplica: 4, min: 0, max: 5);
        one.For(TimeSpan.FromSeconds(1), inside: 1);
        none.For(TimeSpan.FromSeconds(1), inside: 1);
        Assert.Equal(1, none.For(ReplicaPolicy.ZeroDelay - TimeSpan.FromSeconds(5), inside: 0));
        Assert.Equal(0, none.For(TimeSpan.FromSeconds(10), inside: 0));
        Assert.Equal(1, one.For(ReplicaPolicy.ZeroDelay * 2, inside: 0));
        Assert.Equal(1, none.For(Pace, inside: 1));
    }

    /// <summary>A revision that starts with nobody asking is not taken away at once.</summary>
    [Fact]
    public void ANewRevision_IsGivenTime() => Assert.Equal(1, new Watched(perReplica: 1, min: 0, max: 1).For(ReplicaPolicy.ZeroDelay / 2, inside: 0));

    [Fact]
    public void WhateverComes_TheBoundsHold() => Gen.Select(Gen.Int[0, 3], Gen.Int[0, 5], Gen.Double[0.5, 64], Gen.Select(Gen.Double[0, 500], Gen.Int[1, 400]).Array[1, 30]).Sample((min, more, perReplica, loads) =>
    {
        int max = Math.Max(1, min + more);
        Watched policy = new(perReplica, min, max);
        foreach ((double inside, int steps) in loads)
        {
            int wanted = policy.For(Pace * steps, inside);
            Assert.InRange(wanted, min, max);
            // Whoever asks is answered.
            Assert.True(inside == 0 || wanted > 0);
        }
    });

    private sealed class Watched(double perReplica, int min, int max)
    {
        private readonly ReplicaPolicy policy = new(perReplica);
        private TimeSpan now;
        private int current = Math.Max(1, min);

        /// <summary>Replicas after so much time with so many requests inside.</summary>
        public int For(TimeSpan time, double inside)
        {
            for (TimeSpan end = now + time; now < end; now += Pace)
                current = policy.Decide(now, inside, current, min, max);
            return current;
        }
    }
}

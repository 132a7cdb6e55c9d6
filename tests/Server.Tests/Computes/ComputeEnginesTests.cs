using System.Collections.Immutable;
using Microsoft.Extensions.Logging.Abstractions;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Core.Probing;
using Raywright.Engine;
using Raywright.Server.Computes;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Server.Tests.Computes;

/// <summary>What the engines of other computes are told, and when.</summary>
public sealed class ComputeEnginesTests
{
    /// <summary>A cluster stops what it is not told of: a server that has just started must not tell it that nothing is wanted.</summary>
    [Fact]
    public async Task AnEngine_IsToldNothing_BeforeItIsKnownWhatIsWanted()
    {
        using TemporaryFolder home = new();
        await using ComputeEngines engines = new(new EmbeddedEngine(
            new ProbeClient(new ProbeCommand("none", []), home.Combine("environments"), TimeProvider.System), home.Path, TimeProvider.System, NullLogger<EmbeddedEngine>.Instance));
        Listening early = new(), late = new();
        engines.Add("early", Task.FromResult<Result<IEngine>>(early));
        Assert.Empty(early.Told);
        await engines.ApplyAsync([], TestContext.Current.CancellationToken);
        Assert.Equal([0], early.Told);
        engines.Add("late", Task.FromResult<Result<IEngine>>(late));
        Assert.Equal([0], late.Told);
    }

    /// <summary>Keeps how many revisions it is told to run, time by time.</summary>
    private sealed class Listening : IEngine
    {
        public List<int> Told { get; } = [];

        public string Name => "listening";

        public Task ApplyAsync(IReadOnlyCollection<RevisionSource> desired, CancellationToken cancellation)
        {
            Told.Add(desired.Count);
            return Task.CompletedTask;
        }

        public ImmutableArray<RevisionState> Observe() => [];

        public IReplicaTarget? Target(string revisionId) => null;

        public Task<ImmutableArray<Problem>> PreflightAsync(RevisionSource source, Action<string> tell, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<RevisionState> SettledAsync(string revisionId, Action<string> tell, CancellationToken cancellation) => throw new NotSupportedException();

        public Task ScaleAsync(string revisionId, int replicas, CancellationToken cancellation) => throw new NotSupportedException();

        public IAsyncEnumerable<ReplicaLogLine> LogsAsync(string revisionId, bool follow, CancellationToken cancellation) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

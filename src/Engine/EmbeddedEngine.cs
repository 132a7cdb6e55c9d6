using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Raywright.Core;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Core.Probing;
using Raywright.Engine.Onnx;

namespace Raywright.Engine;

/// <summary>Runs revisions in this process (DESIGN 4, Embedded). What it loads has survived a probe child before.</summary>
public sealed partial class EmbeddedEngine(ProbeClient probe, TimeProvider clock, ILogger<EmbeddedEngine> log) : IEngine
{
    private static readonly TimeSpan TrialTimeout = TimeSpan.FromSeconds(10);
    private readonly ConcurrentDictionary<string, Running> running = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim applying = new(1, 1);

    public string Name => "embedded";

    public async Task<ImmutableArray<Problem>> PreflightAsync(RevisionSource source, CancellationToken cancellation)
    {
        Result<ProbeReport> report = await probe.RunAsync(source, source.Question is { } question ? [question] : [], TrialTimeout, cancellation).ConfigureAwait(false);
        if (!report.Ok)
            return report.Problems;
        using ProbeReport kept = report.Value;
        return kept.Answers[0].Outputs.Problems;
    }

    public async Task ApplyAsync(IReadOnlyCollection<RevisionSource> desired, CancellationToken cancellation)
    {
        await applying.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            HashSet<string> wanted = [.. desired.Select(source => source.Revision.Id)];
            foreach (string id in running.Keys.Where(id => !wanted.Contains(id)))
            {
                if (running.TryRemove(id, out Running? gone) && gone.Target is { } target)
                    await target.CloseAsync().ConfigureAwait(false);
            }
            foreach (RevisionSource source in desired)
            {
                // One that failed stays failed: only another revision, or a restart, tries again.
                if (!running.ContainsKey(source.Revision.Id))
                    running[source.Revision.Id] = await Task.Run(() => Start(source), cancellation).ConfigureAwait(false);
            }
        }
        finally
        {
            applying.Release();
        }
    }

    public ImmutableArray<RevisionState> Observe() => [.. running.Select(pair => new RevisionState(
        pair.Key,
        pair.Value.Target is null ? RevisionHealth.Unhealthy : RevisionHealth.Healthy,
        pair.Value.Target?.Concurrency ?? 0,
        pair.Value.Problem))];

    public Task ScaleAsync(string revisionId, int replicas, CancellationToken cancellation)
    {
        if (running.TryGetValue(revisionId, out Running? found) && found.Target is { } target)
            target.Concurrency = Math.Max(1, replicas);
        return Task.CompletedTask;
    }

    public async IAsyncEnumerable<ReplicaLogLine> LogsAsync(string revisionId, bool follow, [EnumeratorCancellation] CancellationToken cancellation)
    {
        // An ONNX model writes nothing of its own, so what there is to say is said when it starts.
        await Task.CompletedTask.ConfigureAwait(false);
        foreach (ReplicaLogLine line in running.TryGetValue(revisionId, out Running? found) ? found.Log : [])
            yield return line;
    }

    public IReplicaTarget? Target(string revisionId) => running.GetValueOrDefault(revisionId)?.Target;

    public async ValueTask DisposeAsync()
    {
        await ApplyAsync([], CancellationToken.None).ConfigureAwait(false);
        applying.Dispose();
    }

    private Running Start(RevisionSource source)
    {
        long start = clock.GetTimestamp();
        RevisionConfig revision = source.Revision;
        Result<OnnxModel> model = OnnxModel.Load(Path.Combine(source.Folder, revision.Artifact), revision.Contract, revision.Resources, clock);
        if (!model.Ok)
        {
            LogFailed(revision.Id, model.Problems[0].Detail);
            return new(null, model.Problems[0], [Line($"not loaded: {model.Problems[0].Detail}")]);
        }
        model.Value.WarmUp();
        double milliseconds = clock.GetElapsedTime(start).TotalMilliseconds;
        LogLoaded(revision.Id, model.Value.Provider, milliseconds);
        return new(new OnnxTarget(model.Value, revision.Replicas), null,
            [Line(FormattableString.Invariant($"loaded {revision.Artifact} in {milliseconds:0} ms, {model.Value.Provider}, {revision.Replicas} replica{(revision.Replicas == 1 ? "" : "s")}"))]);
    }

    private ReplicaLogLine Line(string text) => new(clock.NowMicros(), "engine", text);

    [LoggerMessage(Level = LogLevel.Information, Message = "Revision {Revision} loaded on {Provider} in {Milliseconds:0} ms")]
    private partial void LogLoaded(string revision, string provider, double milliseconds);

    [LoggerMessage(Level = LogLevel.Error, Message = "Revision {Revision} cannot be loaded: {Reason}")]
    private partial void LogFailed(string revision, string reason);

    private sealed record Running(OnnxTarget? Target, Problem? Problem, ImmutableArray<ReplicaLogLine> Log);
}

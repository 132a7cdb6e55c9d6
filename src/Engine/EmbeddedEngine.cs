using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Raywright.Core;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Core.Probing;
using Raywright.Engine.Onnx;
using Raywright.Engine.Python;

namespace Raywright.Engine;

/// <summary>
/// Runs revisions on this machine (DESIGN 4, Embedded): ONNX models in this process, Python models in children of it. What it
/// loads has survived a trial before.
/// </summary>
/// <param name="probe">For trials.</param>
/// <param name="home">Home of the server: two servers on one machine keep their children apart by it.</param>
/// <param name="clock">For deadlines and log lines.</param>
/// <param name="log">The server's own log.</param>
public sealed partial class EmbeddedEngine(ProbeClient probe, string home, TimeProvider clock, ILogger<EmbeddedEngine> log) : IEngine
{
    /// <summary>Python environments that no model has asked for so long are made again when one does.</summary>
    private static readonly TimeSpan EnvironmentLife = TimeSpan.FromDays(30);

    private readonly Lazy<RunFolder> run = new(() => RunFolder.Of(home));
    private bool collected;
    private static readonly TimeSpan TrialTimeout = TimeSpan.FromSeconds(10);
    private readonly ConcurrentDictionary<string, Running> running = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim applying = new(1, 1);

    public string Name => "embedded";

    public async Task<ImmutableArray<Problem>> PreflightAsync(RevisionSource source, Action<string> tell, CancellationToken cancellation)
    {
        Result<ProbeReport> report = await probe.RunAsync(source, source.Question is { } question ? [question] : [], TrialTimeout, cancellation, tell).ConfigureAwait(false);
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
                    running[source.Revision.Id] = await Task.Run(() => StartAsync(source, cancellation), cancellation).ConfigureAwait(false);
            }
            CollectEnvironments();
        }
        finally
        {
            applying.Release();
        }
    }

    public ImmutableArray<RevisionState> Observe() => [.. running.Select(pair => new RevisionState(
        pair.Key,
        pair.Value.Target is { ReadyReplicas: > 0 } ? RevisionHealth.Healthy : RevisionHealth.Unhealthy,
        pair.Value.Target?.ReadyReplicas ?? 0,
        pair.Value.Target is { } target ? target.Problem : pair.Value.Problem))];

    public Task ScaleAsync(string revisionId, int replicas, CancellationToken cancellation)
    {
        if (running.TryGetValue(revisionId, out Running? found) && found.Target is { } target)
            target.Scale(replicas);
        return Task.CompletedTask;
    }

    public async IAsyncEnumerable<ReplicaLogLine> LogsAsync(string revisionId, bool follow, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        if (!running.TryGetValue(revisionId, out Running? found))
            yield break;
        foreach (ReplicaLogLine line in found.Target?.Log ?? found.Log)
            yield return line;
    }

    public IReplicaTarget? Target(string revisionId) => running.GetValueOrDefault(revisionId)?.Target;

    public async ValueTask DisposeAsync()
    {
        await ApplyAsync([], CancellationToken.None).ConfigureAwait(false);
        applying.Dispose();
        if (run.IsValueCreated)
            run.Value.Dispose();
    }

    private async Task<Running> StartAsync(RevisionSource source, CancellationToken cancellation)
    {
        RevisionConfig revision = source.Revision;
        Result<IRevisionTarget> started = revision.Runtime == RuntimeKind.Python
            ? await StartPythonAsync(source, cancellation).ConfigureAwait(false)
            : LoadOnnx(source);
        if (started.Ok)
            return new(started.Value, null, []);
        LogFailed(revision.Id, started.Problems[0].Detail);
        return new(null, started.Problems[0], [Line($"not loaded: {started.Problems[0].Detail}")]);
    }

    private Result<IRevisionTarget> LoadOnnx(RevisionSource source)
    {
        long start = clock.GetTimestamp();
        RevisionConfig revision = source.Revision;
        Result<OnnxModel> model = OnnxModel.Load(Path.Combine(source.Folder, revision.Artifact), revision.Contract, revision.Resources, clock);
        if (!model.Ok)
            return model.Problems;
        model.Value.WarmUp();
        double milliseconds = clock.GetElapsedTime(start).TotalMilliseconds;
        LogLoaded(revision.Id, model.Value.Provider, milliseconds);
        return new OnnxTarget(model.Value, revision.Replicas,
            Line(FormattableString.Invariant($"loaded {revision.Artifact} in {milliseconds:0} ms, {model.Value.Provider}, {revision.Replicas} replica{(revision.Replicas == 1 ? "" : "s")}")));
    }

    private async Task<Result<IRevisionTarget>> StartPythonAsync(RevisionSource source, CancellationToken cancellation)
    {
        Result<PythonInterpreter> interpreter = await new PackageEnvironments(probe.Environments, clock).EnsureAsync(source.Revision.Python!, source.Folder, cancellation).ConfigureAwait(false);
        if (!interpreter.Ok)
            return interpreter.Problems;
        long start = clock.GetTimestamp();
        Result<PythonTarget> target = await PythonTarget.StartAsync(source, interpreter.Value, run.Value, clock).ConfigureAwait(false);
        if (!target.Ok)
            return target.Problems;
        string provider = $"Python {interpreter.Value.Facts.Version}";
        double milliseconds = clock.GetElapsedTime(start).TotalMilliseconds;
        LogLoaded(source.Revision.Id, provider, milliseconds);
        return target.Value;
    }

    /// <summary>Once, after what runs has asked for its own.</summary>
    private void CollectEnvironments()
    {
        if (collected)
            return;
        collected = true;
        new PackageEnvironments(probe.Environments, clock).Collect((clock.GetUtcNow() - EnvironmentLife).UtcDateTime);
    }

    private ReplicaLogLine Line(string text) => new(clock.NowMicros(), "engine", text);

    [LoggerMessage(Level = LogLevel.Information, Message = "Revision {Revision} loaded on {Provider} in {Milliseconds:0} ms")]
    private partial void LogLoaded(string revision, string provider, double milliseconds);

    [LoggerMessage(Level = LogLevel.Error, Message = "Revision {Revision} cannot be loaded: {Reason}")]
    private partial void LogFailed(string revision, string reason);

    private sealed record Running(IRevisionTarget? Target, Problem? Problem, ImmutableArray<ReplicaLogLine> Log);
}

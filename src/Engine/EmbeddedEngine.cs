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

    /// <summary>Models that are loaded at once.</summary>
    private readonly SemaphoreSlim loading = new(Math.Max(2, Environment.ProcessorCount));

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
                if (running.TryRemove(id, out Running? gone))
                    await gone.DisposeAsync().ConfigureAwait(false);
            }
            // One that failed stays failed: only another revision, or a restart, tries again.
            foreach (RevisionSource source in desired.Where(source => !running.ContainsKey(source.Revision.Id)))
                running[source.Revision.Id] = new Running(stop => StartAsync(source, stop));
            CollectEnvironments([.. running.Values.Select(one => one.Started)]);
        }
        finally
        {
            applying.Release();
        }
    }

    public async Task<RevisionState> SettledAsync(string revisionId, Action<string> tell, CancellationToken cancellation)
    {
        if (!running.TryGetValue(revisionId, out Running? found))
            return new(revisionId, RevisionHealth.Unhealthy, 0);
        await found.Started.WaitAsync(cancellation).ConfigureAwait(false);
        return found.State(revisionId);
    }

    public ImmutableArray<RevisionState> Observe() => [.. running.Select(pair => pair.Value.State(pair.Key))];

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
        foreach (ReplicaLogLine line in found.Log)
            yield return line;
    }

    public IReplicaTarget? Target(string revisionId) => running.GetValueOrDefault(revisionId)?.Target;

    public async ValueTask DisposeAsync()
    {
        await ApplyAsync([], CancellationToken.None).ConfigureAwait(false);
        applying.Dispose();
        loading.Dispose();
        if (run.IsValueCreated)
            run.Value.Dispose();
    }

    private async Task<Outcome> StartAsync(RevisionSource source, CancellationToken cancellation)
    {
        RevisionConfig revision = source.Revision;
        await loading.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            Result<IRevisionTarget> started = revision.Runtime == RuntimeKind.Python
                ? await StartPythonAsync(source, cancellation).ConfigureAwait(false)
                : LoadOnnx(source);
            if (started.Ok)
                return new(started.Value, null, []);
            LogFailed(revision.Id, started.Problems[0].Detail);
            return new(null, started.Problems[0], [Line($"not loaded: {started.Problems[0].Detail}")]);
        }
        finally
        {
            loading.Release();
        }
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
    private void CollectEnvironments(Task[] starts)
    {
        if (collected)
            return;
        collected = true;
        _ = CollectAsync(starts);
    }

    private async Task CollectAsync(Task[] starts)
    {
        await Task.WhenAll(starts).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        new PackageEnvironments(probe.Environments, clock).Collect((clock.GetUtcNow() - EnvironmentLife).UtcDateTime);
    }

    private ReplicaLogLine Line(string text) => new(clock.NowMicros(), "engine", text);

    [LoggerMessage(Level = LogLevel.Information, Message = "Revision {Revision} loaded on {Provider} in {Milliseconds:0} ms")]
    private partial void LogLoaded(string revision, string provider, double milliseconds);

    [LoggerMessage(Level = LogLevel.Error, Message = "Revision {Revision} cannot be loaded: {Reason}")]
    private partial void LogFailed(string revision, string reason);

    private sealed record Outcome(IRevisionTarget? Target, Problem? Problem, ImmutableArray<ReplicaLogLine> Log);

    /// <summary>A revision from the moment that it is desired.</summary>
    private sealed class Running : IAsyncDisposable
    {
        private readonly CancellationTokenSource stop = new();

        public Running(Func<CancellationToken, Task<Outcome>> start) => Started = Task.Run(() => start(stop.Token), stop.Token);

        public Task<Outcome> Started { get; }

        public IRevisionTarget? Target => Started.IsCompletedSuccessfully ? Started.Result.Target : null;

        public ImmutableArray<ReplicaLogLine> Log => Target?.Log ?? (Started.IsCompletedSuccessfully ? Started.Result.Log : []);

        public RevisionState State(string id)
        {
            if (!Started.IsCompleted)
                return new(id, RevisionHealth.Starting, 0);
            if (Started.Exception?.InnerException is { } bug)
                return new(id, RevisionHealth.Unhealthy, 0, new Problem(Catalogue.Internal, bug.Message));
            return Target is { } target
                ? new(id, target.ReadyReplicas > 0 ? RevisionHealth.Healthy : RevisionHealth.Unhealthy, target.ReadyReplicas, target.Problem)
                : new(id, RevisionHealth.Unhealthy, 0, Started.IsCanceled ? null : Started.Result.Problem);
        }

        /// <summary>Also one that is still being loaded: then it is given up.</summary>
        public async ValueTask DisposeAsync()
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await ((Task)Started).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (Target is { } target)
                await target.CloseAsync().ConfigureAwait(false);
            stop.Dispose();
        }
    }
}

using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Engine;

namespace Raywright.Server.Computes;

/// <summary>
/// All computes as one engine: each revision is the business of the engine of its compute. An engine may come later than what is
/// desired of it, as a cluster does that has to be started first.
/// </summary>
/// <param name="embedded">The engine of this process.</param>
public sealed class ComputeEngines(EmbeddedEngine embedded) : IEngine
{
    private readonly ConcurrentDictionary<string, Slot> slots = new(StringComparer.Ordinal) { [embedded.Name] = new(Task.FromResult<Result<IEngine>>(embedded)) };
    private readonly ConcurrentDictionary<string, string> places = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim applying = new(1, 1);

    /// <summary>Not known (default) until somebody says it: an engine stops what it is not told of.</summary>
    private ImmutableArray<RevisionSource> wanted;

    public string Name => "computes";

    /// <summary>The engine of a compute; null where it is not there, or not yet.</summary>
    public IEngine? Find(string compute) => slots.GetValueOrDefault(compute)?.Ready;

    /// <summary>Why the engine of a compute cannot be had; null where it can, or is still awaited.</summary>
    public Problem? Against(string compute) => slots.GetValueOrDefault(compute)?.Against;

    /// <summary>From now on revisions of the compute are its business; what is desired of it is applied as soon as it is there.</summary>
    public void Add(string compute, Task<Result<IEngine>> engine)
    {
        slots[compute] = new(engine);
        _ = ApplyWhenReadyAsync(compute, engine);
    }

    /// <summary>Lets go of an engine; what it runs is not stopped.</summary>
    public async Task RemoveAsync(string compute)
    {
        if (slots.TryRemove(compute, out Slot? slot) && slot.Ready is { } engine)
            await engine.DisposeAsync();
    }

    public async Task<ImmutableArray<Problem>> PreflightAsync(RevisionSource source, Action<string> tell, CancellationToken cancellation)
    {
        Result<IEngine> engine = await EngineAsync(source.Revision.Compute, tell, cancellation);
        return engine.Ok ? await engine.Value.PreflightAsync(source, tell, cancellation) : engine.Problems;
    }

    public async Task ApplyAsync(IReadOnlyCollection<RevisionSource> desired, CancellationToken cancellation)
    {
        await applying.WaitAsync(cancellation);
        try
        {
            wanted = [.. desired];
            foreach (RevisionSource source in desired)
                places[source.Revision.Id] = source.Revision.Compute;
            await Task.WhenAll(slots.Keys.ToArray().Select(compute => ApplyToAsync(compute, cancellation)));
        }
        finally
        {
            applying.Release();
        }
    }

    public async Task<RevisionState> SettledAsync(string revisionId, Action<string> tell, CancellationToken cancellation)
    {
        if (places.GetValueOrDefault(revisionId) is not { } compute)
            return new(revisionId, RevisionHealth.Unhealthy, 0);
        Result<IEngine> engine = await EngineAsync(compute, tell, cancellation);
        return engine.Ok ? await engine.Value.SettledAsync(revisionId, tell, cancellation) : new(revisionId, RevisionHealth.Unhealthy, 0, engine.Problems[0]);
    }

    public ImmutableArray<RevisionState> Observe() =>
    [
        .. slots.Values.SelectMany(slot => slot.Ready?.Observe() ?? []),
        .. (wanted.IsDefault ? [] : wanted).Where(source => Find(source.Revision.Compute) is null).Select(source => Awaited(source.Revision)),
    ];

    public Task ScaleAsync(string revisionId, int replicas, CancellationToken cancellation) =>
        Of(revisionId)?.ScaleAsync(revisionId, replicas, cancellation) ?? Task.CompletedTask;

    public async IAsyncEnumerable<ReplicaLogLine> LogsAsync(string revisionId, bool follow, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (Of(revisionId) is not { } engine)
            yield break;
        await foreach (ReplicaLogLine line in engine.LogsAsync(revisionId, follow, cancellation))
            yield return line;
    }

    public IReplicaTarget? Target(string revisionId) => Of(revisionId)?.Target(revisionId);

    public async ValueTask DisposeAsync()
    {
        // It is known by two names, and disposed of under each.
        foreach (string compute in slots.Keys.ToArray())
            await RemoveAsync(compute);
    }

    private IEngine? Of(string revisionId) => places.TryGetValue(revisionId, out string? compute) ? Find(compute) : null;

    private async Task<Result<IEngine>> EngineAsync(string compute, Action<string> tell, CancellationToken cancellation)
    {
        if (!slots.TryGetValue(compute, out Slot? slot))
            return Unknown(compute);
        if (!slot.Engine.IsCompleted)
            tell($"waiting for {compute}");
        return await slot.Engine.WaitAsync(cancellation);
    }

    private async Task ApplyWhenReadyAsync(string compute, Task<Result<IEngine>> engine)
    {
        if (!(await engine).Ok)
            return;
        await applying.WaitAsync();
        try
        {
            await ApplyToAsync(compute, CancellationToken.None);
        }
        finally
        {
            applying.Release();
        }
    }

    private Task ApplyToAsync(string compute, CancellationToken cancellation) => !wanted.IsDefault && Find(compute) is { } engine
        ? engine.ApplyAsync([.. wanted.Where(source => source.Revision.Compute == compute)], cancellation)
        : Task.CompletedTask;

    private RevisionState Awaited(RevisionConfig revision)
    {
        Problem? against = slots.ContainsKey(revision.Compute) ? Against(revision.Compute) : Unknown(revision.Compute);
        return new(revision.Id, against is null ? RevisionHealth.Starting : RevisionHealth.Unhealthy, 0, against);
    }

    private static Problem Unknown(string compute) => new(Catalogue.ComputeUnknown, $"There is no compute {compute}.", "compute");

    private sealed record Slot(Task<Result<IEngine>> Engine)
    {
        public IEngine? Ready => Engine is { IsCompletedSuccessfully: true, Result: { Ok: true, Value: var engine } } ? engine : null;

        public Problem? Against => Engine switch
        {
            { IsCompletedSuccessfully: true, Result: { Ok: false, Problems: [var first, ..] } } => first,
            { IsFaulted: true, Exception: var bug } => new(Catalogue.Internal, bug.InnerException!.Message),
            _ => null,
        };
    }
}

using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Core.Replicas;
using Raywright.Core.Tensors;

namespace Raywright.Engine.Python;

/// <summary>
/// The replicas of one revision, one call at a time on each. While one is started again its calls wait for it or for another:
/// only what was in flight on it fails.
/// </summary>
internal sealed class PythonTarget : IRevisionTarget, IStreamingTarget
{
    /// <summary>Each has a thread in the replica.</summary>
    private const int MostStreams = 64;
    private readonly Func<int, PythonReplica> make;
    private readonly ReplicaLog log;
    private readonly TimeProvider clock;
    private readonly InFlight calls = new();
    private readonly ReplicaPool<PythonReplica> ready;
    private ImmutableArray<PythonReplica> replicas = [];
    private int streams;
    private int turn;

    private PythonTarget(Func<int, ReplicaPool<PythonReplica>, PythonReplica> make, ReplicaLog log, TimeProvider clock)
    {
        ready = new(clock);
        (this.make, this.log, this.clock) = (number => make(number, ready), log, clock);
    }

    public int Concurrency => replicas.Length;

    public int ReadyReplicas => replicas.Count(replica => replica.IsReady);

    public bool Streams => replicas.Any(replica => replica.Streams);

    public Problem? Problem => replicas.Any(replica => replica.IsReady) ? null : replicas.Select(replica => replica.Problem).FirstOrDefault(problem => problem is not null);

    public ImmutableArray<ReplicaLogLine> Log => log.Lines();

    /// <summary>Starts the replicas and waits until each is ready or has failed; a problem where none is ready.</summary>
    public static async Task<Result<PythonTarget>> StartAsync(RevisionSource source, PythonInterpreter interpreter, RunFolder run, TimeProvider clock)
    {
        ReplicaLog lines = new(clock);
        PythonTarget target = new((number, ready) => new PythonReplica(number, source, interpreter, run, ready, lines, clock), lines, clock);
        Problem?[] problems = await Task.WhenAll(target.Add(source.Revision.Replicas)).ConfigureAwait(false);
        if (problems.Contains(null))
            return target;
        await target.CloseAsync().ConfigureAwait(false);
        return problems[0]!;
    }

    public async ValueTask<Result<Tensor[]>> InferAsync(InferenceCall call, CancellationToken cancellation)
    {
        if (!calls.TryEnter())
            throw new ObjectDisposedException(nameof(PythonTarget), "The revision was stopped while a request was routed to it.");
        try
        {
            long start = clock.GetTimestamp();
            while (true)
            {
                TimeSpan left = call.Timeout - clock.GetElapsedTime(start);
                if (await NextAsync(left, cancellation).ConfigureAwait(false) is not { } seat)
                    return new Problem(Catalogue.ReplicaStarting, Problem?.Detail ?? "Every replica is being started again.", RetryAfter: TimeSpan.FromSeconds(1));
                try
                {
                    return await AskAsync(seat, call with { Timeout = call.Timeout - clock.GetElapsedTime(start) }, cancellation).ConfigureAwait(false);
                }
                catch (ReplicaGoneException)
                {
                    // It died in its sleep; the call goes to the next one that is ready.
                }
            }
        }
        finally
        {
            calls.Exit();
        }
    }

    public async IAsyncEnumerable<Result<byte[]>> StreamAsync(InferenceCall call, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (!calls.TryEnter())
            throw new ObjectDisposedException(nameof(PythonTarget), "The revision was stopped while a request was routed to it.");
        try
        {
            if (Interlocked.Increment(ref streams) > MostStreams * replicas.Length)
            {
                yield return new Problem(Catalogue.Overloaded, $"{MostStreams * replicas.Length} streams are open already.", RetryAfter: TimeSpan.FromSeconds(1));
                yield break;
            }
            await foreach (Result<byte[]> value in OpenAsync(call, cancellation).ConfigureAwait(false))
                yield return value;
        }
        finally
        {
            Interlocked.Decrement(ref streams);
            calls.Exit();
        }
    }

    public void Scale(int wanted)
    {
        wanted = Math.Max(1, wanted);
        if (wanted > replicas.Length)
            _ = Add(wanted - replicas.Length);
        while (replicas.Length > wanted)
        {
            PythonReplica last = replicas[^1];
            replicas = replicas.RemoveAt(replicas.Length - 1);
            _ = last.DisposeAsync().AsTask();
        }
    }

    public async Task CloseAsync()
    {
        await calls.CloseAsync().ConfigureAwait(false);
        foreach (PythonReplica replica in replicas)
            await replica.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Null where none is ready in time, or none will be for a while.</summary>
    private async ValueTask<ReplicaPool<PythonReplica>.Seat?> NextAsync(TimeSpan timeout, CancellationToken cancellation) =>
        timeout <= TimeSpan.Zero || (ready.Count == 0 && replicas.All(replica => replica.Rests)) ? null : await ready.TakeAsync(timeout, cancellation).ConfigureAwait(false);

    private async ValueTask<Result<Tensor[]>> AskAsync(ReplicaPool<PythonReplica>.Seat seat, InferenceCall call, CancellationToken cancellation)
    {
        try
        {
            return await seat.Replica.InferAsync(call, cancellation).ConfigureAwait(false);
        }
        finally
        {
            ready.Release(seat);
        }
    }

    private Task<Problem?>[] Add(int count)
    {
        Task<Problem?>[] starts = new Task<Problem?>[count];
        for (int index = 0; index < count; index++)
        {
            PythonReplica replica = make(replicas.Length + 1);
            replicas = replicas.Add(replica);
            starts[index] = replica.StartAsync();
        }
        return starts;
    }

    /// <summary>Values of one replica, taken in turn; its death is the last of them.</summary>
    private async IAsyncEnumerable<Result<byte[]>> OpenAsync(InferenceCall call, [EnumeratorCancellation] CancellationToken cancellation)
    {
        PythonReplica? replica = replicas.Where(replica => replica.IsReady).Skip((int)((uint)Interlocked.Increment(ref turn) % Math.Max(1, ReadyReplicas))).FirstOrDefault() ?? replicas.FirstOrDefault(replica => replica.IsReady);
        IAsyncEnumerator<Result<byte[]>>? values = replica is null ? null : Open(replica, call, cancellation);
        if (values is null)
        {
            yield return new Problem(Catalogue.ReplicaStarting, Problem?.Detail ?? "Every replica is being started again.", RetryAfter: TimeSpan.FromSeconds(1));
            yield break;
        }
        await using (values.ConfigureAwait(false))
        {
            while (await NextAsync(values).ConfigureAwait(false) is { } value)
                yield return value;
        }
    }

    private static IAsyncEnumerator<Result<byte[]>>? Open(PythonReplica replica, InferenceCall call, CancellationToken cancellation)
    {
        try
        {
            return replica.OpenStream().AskAsync(call, cancellation).GetAsyncEnumerator(cancellation);
        }
        catch (ReplicaGoneException)
        {
            return null;
        }
    }

    private static async Task<Result<byte[]>?> NextAsync(IAsyncEnumerator<Result<byte[]>> values)
    {
        try
        {
            return await values.MoveNextAsync().ConfigureAwait(false) ? values.Current : (Result<byte[]>?)null;
        }
        catch (IOException)
        {
            return new Problem(Catalogue.ReplicaDied, "The replica ended in the middle of the stream.", RetryAfter: TimeSpan.FromSeconds(1));
        }
    }
}

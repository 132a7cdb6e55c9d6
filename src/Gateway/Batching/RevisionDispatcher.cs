using System.Text.Json;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Core.Tensors;

namespace Raywright.Gateway.Batching;

/// <summary>
/// The one batcher of the product (DESIGN 4), in front of the replicas of one revision.
/// <para>
/// While a replica is idle a request runs at once, on its caller's thread: no queue, no timer, no hop. While all are busy
/// requests queue; the replica that comes free takes what has queued, up to <c>batching.max_size</c> rows, as one call, and the
/// answers are split again. So a batch is as large as the load makes it and nobody waits for one to fill.
/// </para>
/// <para>
/// Invariant under <see cref="gate"/>: where somebody waits, at least one replica is busy, and whoever frees it looks into the
/// queue; so nobody is forgotten, also while the number of replicas changes.
/// </para>
/// </summary>
public sealed class RevisionDispatcher
{
    private const int MostWaiting = 4096;

    /// <summary>How late a deadline in the queue may be noticed.</summary>
    private static readonly TimeSpan SweepPace = TimeSpan.FromMilliseconds(25);
    private readonly IReplicaTarget target;
    private readonly TimeProvider clock;
    private readonly int maxRows;
    private readonly Lock gate = new();
    private readonly WaitingQueue queue = new();
    private readonly ITimer sweep;
    private readonly Action<WaitingRequest> leave;
    private bool sweeping;
    private int busy;
    private long batches;
    private long batchedRows;

    public RevisionDispatcher(RevisionConfig config, IReplicaTarget target, TimeProvider clock)
    {
        this.target = target;
        this.clock = clock;
        maxRows = config.Contract.Batched ? Math.Max(1, config.Batching.MaxSize) : 0;
        leave = Leave;
        sweep = clock.CreateTimer(static dispatcher => ((RevisionDispatcher)dispatcher!).Sweep(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Requests that wait for a replica now.</summary>
    public int Waiting
    {
        get
        {
            lock (gate)
                return queue.Count;
        }
    }

    /// <summary>Calls to replicas so far; with <see cref="BatchedRows"/> it gives the mean batch.</summary>
    public long Batches => Volatile.Read(ref batches);

    public long BatchedRows => Volatile.Read(ref batchedRows);

    /// <summary>Answers one request. Inputs stay the caller's; outputs become the caller's.</summary>
    public ValueTask<Result<Tensor[]>> InferAsync(Tensor?[] inputs, long rows, string requestId, JsonElement? parameters, TimeSpan timeout, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
            return ValueTask.FromCanceled<Result<Tensor[]>>(cancellation);
        int replicas = target.Concurrency;
        WaitingRequest? waiting = null;
        lock (gate)
        {
            if (busy < replicas)
                busy++;
            else if (busy == 0)
                return Refused(new(Catalogue.NoRevision, "No replica is ready.", RetryAfter: TimeSpan.FromSeconds(1)));
            else if (queue.Count >= MostWaiting)
                return Refused(new(Catalogue.Overloaded, $"{MostWaiting} requests are waiting already.", RetryAfter: TimeSpan.FromSeconds(1)));
            else
                queue.Add(waiting = new WaitingRequest(inputs, rows, requestId, parameters, clock.GetTimestamp() + (long)(timeout.TotalSeconds * clock.TimestampFrequency), cancellation));
            if (waiting is not null)
                WatchDeadlines();
        }
        return waiting is null
            ? RunAloneAsync(new InferenceCall(inputs, requestId, timeout, parameters), rows, cancellation)
            : waiting.WaitAsync(leave);
    }

    private static ValueTask<Result<Tensor[]>> Refused(Problem problem) => ValueTask.FromResult<Result<Tensor[]>>(problem);

    private async ValueTask<Result<Tensor[]>> RunAloneAsync(InferenceCall call, long rows, CancellationToken cancellation)
    {
        try
        {
            Count(rows);
            return await target.InferAsync(call, cancellation).ConfigureAwait(false);
        }
        finally
        {
            FreeReplica();
        }
    }

    /// <summary>Hands the replica to those who wait, on a thread of the pool so that its last caller need not stay; or lets it idle.</summary>
    private void FreeReplica()
    {
        lock (gate)
        {
            if (LetsIdle())
                return;
        }
        ThreadPool.UnsafeQueueUserWorkItem(static dispatcher => _ = dispatcher.DrainAsync(), this, preferLocal: false);
    }

    /// <summary>Called under the gate by the owner of a replica, which no longer is one where this is true.</summary>
    private bool LetsIdle()
    {
        if (queue.Count > 0 && busy <= Math.Max(1, target.Concurrency))
            return false;
        busy--;
        return true;
    }

    /// <summary>Owns one replica until nobody waits.</summary>
    private async Task DrainAsync()
    {
        List<WaitingRequest> batch = [];
        while (true)
        {
            batch.Clear();
            lock (gate)
            {
                if (LetsIdle())
                    return;
                queue.TakeBatch(batch, maxRows);
            }
            if (batch.Count == 1)
                await RunOneAsync(batch[0]).ConfigureAwait(false);
            else
                await RunJoinedAsync(batch).ConfigureAwait(false);
        }
    }

    private async Task RunOneAsync(WaitingRequest request)
    {
        if (request.Left(clock) == TimeSpan.Zero)
        {
            request.Expire();
            return;
        }
        try
        {
            Count(request.Rows);
            request.Complete(await target.InferAsync(request.Call(clock), request.Cancellation).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            request.Cancel();
        }
        catch (Exception e)
        {
            request.Fail(e);
        }
    }

    private async Task RunJoinedAsync(List<WaitingRequest> batch)
    {
        using JoinedCall joined = new(batch);
        SetRun(batch, joined);
        try
        {
            InferenceCall call = joined.Call(clock);
            Count(joined.Rows);
            if (joined.TrySplit(await target.InferAsync(call, joined.Abandoned).ConfigureAwait(false)))
                return;
        }
        catch (OperationCanceledException)
        {
            // Every caller has left; each is told below.
        }
        catch (Exception e)
        {
            foreach (WaitingRequest request in batch)
                request.Fail(e);
            return;
        }
        finally
        {
            SetRun(batch, null);
        }
        // One row can spoil a whole batch, so each is asked again by itself: only the guilty one fails.
        foreach (WaitingRequest request in batch)
        {
            if (request.Cancellation.IsCancellationRequested)
                request.Cancel();
            else
                await RunOneAsync(request).ConfigureAwait(false);
        }
    }

    private void SetRun(List<WaitingRequest> batch, JoinedCall? run)
    {
        bool abandoned = false;
        lock (gate)
        {
            foreach (WaitingRequest request in batch)
            {
                request.Joined = run;
                // One that left between the queue and here could not be counted yet.
                if (run is not null && request.Cancellation.IsCancellationRequested)
                    abandoned |= run.Leave(request);
            }
        }
        if (abandoned)
            run!.Abandon();
    }

    /// <summary>
    /// A caller leaves. In the queue it is gone at once; in a run it is released when that ends, because its inputs are being
    /// read, and the run ends early where nobody waits for it any more.
    /// </summary>
    private void Leave(WaitingRequest request)
    {
        bool queued;
        JoinedCall? abandoned = null;
        lock (gate)
        {
            queued = queue.Remove(request);
            if (!queued && request.Joined is { } run && run.Leave(request))
                abandoned = run;
        }
        if (queued)
            request.Cancel();
        abandoned?.Abandon();
    }

    /// <summary>Called under the gate: one timer for the whole queue, which rests while nobody waits.</summary>
    private void WatchDeadlines()
    {
        if (sweeping)
            return;
        sweeping = true;
        sweep.Change(SweepPace, Timeout.InfiniteTimeSpan);
    }

    private void Sweep()
    {
        List<WaitingRequest> overdue = [];
        lock (gate)
        {
            queue.TakeOverdue(overdue, clock.GetTimestamp());
            sweeping = false;
            if (queue.Count > 0)
                WatchDeadlines();
        }
        foreach (WaitingRequest request in overdue)
            request.Expire();
    }

    private void Count(long rows)
    {
        Interlocked.Increment(ref batches);
        Interlocked.Add(ref batchedRows, rows);
    }
}

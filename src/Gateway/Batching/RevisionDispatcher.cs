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
/// Invariant under <see cref="gate"/>: the queue is empty unless <see cref="busy"/> equals the concurrency, so a free replica and
/// a waiting request never coexist.
/// </para>
/// </summary>
public sealed class RevisionDispatcher
{
    private const int MostWaiting = 4096;
    private readonly IReplicaTarget target;
    private readonly TimeProvider clock;
    private readonly int maxRows;
    private readonly bool joins;
    private readonly Lock gate = new();
    private readonly LinkedList<WaitingRequest> queue = new();
    private int busy;
    private long batches;
    private long batchedRows;

    public RevisionDispatcher(RevisionConfig config, IReplicaTarget target, TimeProvider clock)
    {
        this.target = target;
        this.clock = clock;
        joins = config.Contract.Batched && config.Batching.MaxSize > 1;
        maxRows = joins ? config.Batching.MaxSize : 1;
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
        WaitingRequest? waiting = null;
        lock (gate)
        {
            if (busy < target.Concurrency)
                busy++;
            else if (queue.Count >= MostWaiting)
                return ValueTask.FromResult<Result<Tensor[]>>(new Problem(Catalogue.Overloaded, $"{MostWaiting} requests are waiting already.", RetryAfter: TimeSpan.FromSeconds(1)));
            else
                queue.AddLast(waiting = new WaitingRequest(inputs, rows, requestId, parameters, clock.GetTimestamp() + (long)(timeout.TotalSeconds * clock.TimestampFrequency), cancellation));
        }
        return waiting is null
            ? RunAloneAsync(new InferenceCall(inputs, requestId, timeout, parameters), rows, cancellation)
            : new ValueTask<Result<Tensor[]>>(waiting.WaitAsync(timeout, clock));
    }

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
            if (queue.Count == 0)
            {
                busy--;
                return;
            }
        }
        ThreadPool.UnsafeQueueUserWorkItem(static dispatcher => _ = dispatcher.DrainAsync(), this, preferLocal: false);
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
                TakeBatch(batch);
                if (batch.Count == 0)
                {
                    busy--;
                    return;
                }
            }
            if (batch.Count == 1)
                await RunOneAsync(batch[0]).ConfigureAwait(false);
            else
                await RunJoinedAsync(batch).ConfigureAwait(false);
        }
    }

    /// <summary>The oldest request and those behind it that may travel with it.</summary>
    private void TakeBatch(List<WaitingRequest> batch)
    {
        long rows = 0;
        long now = clock.GetTimestamp();
        for (LinkedListNode<WaitingRequest>? node = queue.First; node is not null;)
        {
            LinkedListNode<WaitingRequest>? next = node.Next;
            WaitingRequest request = node.Value;
            if (request.Deadline <= now)
            {
                queue.Remove(node);
                request.Expire();
            }
            else if (batch.Count == 0 || (joins && rows + request.Rows <= maxRows && batch[0].JoinsWith(request)))
            {
                queue.Remove(node);
                // One whose caller has left meanwhile is simply gone.
                if (request.TryBegin())
                {
                    batch.Add(request);
                    rows += request.Rows;
                }
            }
            if (batch.Count > 0 && (!joins || rows >= maxRows))
                return;
            node = next;
        }
    }

    private async Task RunOneAsync(WaitingRequest request)
    {
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
        using JoinedCall joined = JoinedCall.Of(batch);
        Count(joined.Rows);
        try
        {
            Result<Tensor[]> answer = await target.InferAsync(joined.Call(batch, clock), CancellationToken.None).ConfigureAwait(false);
            if (joined.TrySplit(answer, batch))
                return;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            foreach (WaitingRequest request in batch)
                request.Fail(e);
            return;
        }
        // One row can spoil a whole batch, so each is asked again by itself: only the guilty one fails.
        foreach (WaitingRequest request in batch)
        {
            if (request.Left(clock) > TimeSpan.Zero)
                await RunOneAsync(request).ConfigureAwait(false);
            else
                request.Complete(new Problem(Catalogue.DeadlineExceeded, "The batch that the request was in did not end before its deadline."));
        }
    }

    private void Count(long rows)
    {
        Interlocked.Increment(ref batches);
        Interlocked.Add(ref batchedRows, rows);
    }
}

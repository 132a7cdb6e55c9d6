using System.Text.Json;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Core.Tensors;

namespace Raywright.Gateway.Batching;

/// <summary>A request in the queue. It is completed exactly once: by its run, its deadline, or its caller leaving.</summary>
internal sealed class WaitingRequest(Tensor?[] inputs, long rows, string requestId, JsonElement? parameters, long deadline, CancellationToken cancellation)
{
    private readonly TaskCompletionSource<Result<Tensor[]>> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>0 in the queue, 1 once a run reads the inputs (its caller must not give their buffers back before), 2 given up.</summary>
    private int state;

    public Tensor?[] Inputs => inputs;

    public long Rows => rows;

    public string RequestId => requestId;

    /// <summary>Timestamp of the clock at which an answer comes too late.</summary>
    public long Deadline => deadline;

    public CancellationToken Cancellation => cancellation;

    /// <summary>Waits for the answer. A caller that leaves is released at once while queued, and after its run when that has begun.</summary>
    public async Task<Result<Tensor[]>> WaitAsync(TimeSpan timeout, TimeProvider clock)
    {
        using CancellationTokenRegistration left = cancellation.UnsafeRegister(static request => ((WaitingRequest)request!).LeaveQueue(), this);
        await using ITimer overdue = clock.CreateTimer(static request => ((WaitingRequest)request!).Expire(), this, timeout, Timeout.InfiniteTimeSpan);
        return await answer.Task.ConfigureAwait(false);
    }

    public InferenceCall Call(TimeProvider clock) => new(inputs, requestId, Left(clock), parameters);

    public TimeSpan Left(TimeProvider clock)
    {
        long now = clock.GetTimestamp();
        return deadline > now ? clock.GetElapsedTime(now, deadline) : TimeSpan.Zero;
    }

    /// <summary>Whether both may be rows of one batch: the same inputs, equal in every dimension but the first.</summary>
    public bool JoinsWith(WaitingRequest other)
    {
        if (parameters is not null || other.HasParameters)
            return false;
        for (int index = 0; index < inputs.Length; index++)
        {
            if ((inputs[index], other.Inputs[index]) is not ({ } mine, { } theirs))
            {
                if (inputs[index] is not null || other.Inputs[index] is not null)
                    return false;
            }
            else if (!mine.Shape.AsSpan(1).SequenceEqual(theirs.Shape.AsSpan(1)))
            {
                return false;
            }
        }
        return true;
    }

    public void Complete(Result<Tensor[]> result)
    {
        if (!answer.TrySetResult(result) && result.Ok)
        {
            foreach (Tensor tensor in result.Value)
                tensor.Dispose();
        }
    }

    public void Cancel() => answer.TrySetCanceled(cancellation.IsCancellationRequested ? cancellation : new CancellationToken(canceled: true));

    public void Fail(Exception exception) => answer.TrySetException(exception);

    /// <summary>Ends a request whose deadline passed in the queue.</summary>
    public void Expire()
    {
        if (Interlocked.CompareExchange(ref state, 2, 0) == 0)
            Complete(new Problem(Catalogue.DeadlineExceeded, "The request waited for a replica until its deadline."));
    }

    /// <summary>Called when the request leaves the queue for a run; false where it has been given up meanwhile.</summary>
    public bool TryBegin() => Interlocked.CompareExchange(ref state, 1, 0) == 0;

    private bool HasParameters => parameters is not null;

    private void LeaveQueue()
    {
        if (Interlocked.CompareExchange(ref state, 2, 0) == 0)
            Cancel();
    }
}

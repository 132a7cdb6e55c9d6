using System.Text.Json;
using System.Threading.Tasks.Sources;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Core.Tensors;

namespace Raywright.Gateway.Batching;

/// <summary>
/// A request in the queue: its inputs, its place, and the task that its caller awaits, in one object. It is completed exactly
/// once: by its run, its deadline, or its caller leaving the queue.
/// </summary>
internal sealed class WaitingRequest(Tensor?[] inputs, long rows, string requestId, JsonElement? parameters, long deadline, CancellationToken cancellation)
    : IValueTaskSource<Result<Tensor[]>>
{
    // Callers go on on threads of their own: whoever completes a batch owns a replica and must not be held up by them.
    private ManualResetValueTaskSourceCore<Result<Tensor[]>> answer = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration registration;
    private Action<WaitingRequest>? leave;
    private JoinedOutputs? joinedOutputs;
    private long joinedStart;
    private int completed;

    public Tensor?[] Inputs => inputs;

    public long Rows => rows;

    public string RequestId => requestId;

    /// <summary>Timestamp of the clock at which an answer comes too late.</summary>
    public long Deadline => deadline;

    public CancellationToken Cancellation => cancellation;

    /// <summary>Neighbours in the queue, and whether it is in there; guarded by the dispatcher's gate.</summary>
    public WaitingRequest? Previous { get; set; }

    public WaitingRequest? Next { get; set; }

    public bool Queued { get; set; }

    /// <summary>The run it travels in with others, and whether its caller has left that; guarded by the dispatcher's gate.</summary>
    public JoinedCall? Joined { get; set; }

    public bool HasLeft { get; set; }

    /// <summary>The task of the caller. <paramref name="onLeave"/> is called when the caller cancels.</summary>
    public ValueTask<Result<Tensor[]>> WaitAsync(Action<WaitingRequest> onLeave)
    {
        if (cancellation.CanBeCanceled)
        {
            leave = onLeave;
            registration = cancellation.UnsafeRegister(static state => ((WaitingRequest)state!).Leave(), this);
        }
        return new(this, answer.Version);
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
        if (Interlocked.Exchange(ref completed, 1) == 0)
            answer.SetResult(result);
        else if (result.Ok)
            JoinedOutputs.Dispose(result.Value);
    }

    /// <summary>Completes with the rows of a joined call from <paramref name="start"/> on.</summary>
    public void Complete(JoinedOutputs outputs, long start)
    {
        if (Interlocked.Exchange(ref completed, 1) != 0)
        {
            outputs.Drop();
            return;
        }
        joinedOutputs = outputs;
        joinedStart = start;
        answer.SetResult(default);
    }

    public void Fail(Exception exception)
    {
        if (Interlocked.Exchange(ref completed, 1) == 0)
            answer.SetException(exception);
    }

    public void Cancel() => Fail(new OperationCanceledException(cancellation.IsCancellationRequested ? cancellation : new CancellationToken(canceled: true)));

    /// <summary>Ends a request whose deadline passed in the queue.</summary>
    public void Expire() => Complete(new Problem(Catalogue.DeadlineExceeded, "The request waited for a replica until its deadline."));

    Result<Tensor[]> IValueTaskSource<Result<Tensor[]>>.GetResult(short token)
    {
        registration.Unregister();
        Result<Tensor[]> result = answer.GetResult(token);
        return joinedOutputs is { } joined ? joined.Take(joinedStart, rows) : result;
    }

    ValueTaskSourceStatus IValueTaskSource<Result<Tensor[]>>.GetStatus(short token) => answer.GetStatus(token);

    void IValueTaskSource<Result<Tensor[]>>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        answer.OnCompleted(continuation, state, token, flags);

    private bool HasParameters => parameters is not null;

    private void Leave() => leave!(this);
}

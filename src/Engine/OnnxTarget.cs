using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Core.Tensors;
using Raywright.Engine.Onnx;

namespace Raywright.Engine;

/// <summary>
/// The in-process shortcut of the replica protocol: a call runs on the caller's thread. A replica of an ONNX model is one
/// run at a time on the shared session; its threads come from <c>resources.cpus</c>.
/// </summary>
internal sealed class OnnxTarget(OnnxModel model, int replicas) : IReplicaTarget
{
    private readonly TaskCompletionSource idle = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Runs in flight, plus one until the target is closed: zero means that the model may go.</summary>
    private int holders = 1;
    private int concurrency = replicas;

    public int Concurrency
    {
        get => Volatile.Read(ref concurrency);
        set => Volatile.Write(ref concurrency, value);
    }

    public ValueTask<Result<Tensor[]>> InferAsync(InferenceCall call, CancellationToken cancellation)
    {
        if (!TryHold())
            throw new ObjectDisposedException(nameof(OnnxTarget), "The revision was stopped while a request was routed to it.");
        try
        {
            return ValueTask.FromResult(model.Run(call, cancellation));
        }
        finally
        {
            Release();
        }
    }

    /// <summary>Takes no more calls, waits for those in flight, and gives the model back.</summary>
    public async Task CloseAsync()
    {
        Release();
        await idle.Task.ConfigureAwait(false);
        model.Dispose();
    }

    private bool TryHold()
    {
        for (int now = Volatile.Read(ref holders); now > 0;)
        {
            int seen = Interlocked.CompareExchange(ref holders, now + 1, now);
            if (seen == now)
                return true;
            now = seen;
        }
        return false;
    }

    private void Release()
    {
        if (Interlocked.Decrement(ref holders) == 0)
            idle.TrySetResult();
    }
}

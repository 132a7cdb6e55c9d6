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
    private readonly InFlight runs = new();
    private int concurrency = replicas;

    public int Concurrency
    {
        get => Volatile.Read(ref concurrency);
        set => Volatile.Write(ref concurrency, value);
    }

    public ValueTask<Result<Tensor[]>> InferAsync(InferenceCall call, CancellationToken cancellation)
    {
        if (!runs.TryEnter())
            throw new ObjectDisposedException(nameof(OnnxTarget), "The revision was stopped while a request was routed to it.");
        try
        {
            return ValueTask.FromResult(model.Run(call, cancellation));
        }
        finally
        {
            runs.Exit();
        }
    }

    /// <summary>Takes no more calls, waits for those in flight, and gives the model back.</summary>
    public async Task CloseAsync()
    {
        await runs.CloseAsync().ConfigureAwait(false);
        model.Dispose();
    }
}

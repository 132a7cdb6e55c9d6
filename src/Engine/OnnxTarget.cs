using System.Collections.Immutable;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Core.Tensors;
using Raywright.Engine.Onnx;

namespace Raywright.Engine;

/// <summary>
/// The in-process shortcut of the replica protocol: a call runs on the caller's thread. A replica of an ONNX model is one
/// run at a time on the shared session; its threads come from <c>resources.cpus</c>.
/// </summary>
internal sealed class OnnxTarget(OnnxModel model, int replicas, ReplicaLogLine loaded) : IRevisionTarget
{
    private readonly InFlight runs = new();
    private int concurrency = replicas;

    public int Concurrency => Volatile.Read(ref concurrency);

    public int ReadyReplicas => Concurrency;

    public Problem? Problem => null;

    /// <summary>An ONNX model writes nothing of its own, so what there is to say is said when it starts.</summary>
    public ImmutableArray<ReplicaLogLine> Log { get; } = [loaded];

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

    public void Scale(int replicas) => Volatile.Write(ref concurrency, Math.Max(1, replicas));

    public async Task CloseAsync()
    {
        await runs.CloseAsync().ConfigureAwait(false);
        model.Dispose();
    }
}

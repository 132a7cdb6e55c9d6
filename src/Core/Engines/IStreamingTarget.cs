using Raywright.Core.Errors;

namespace Raywright.Core.Engines;

/// <summary>Replicas whose model can answer in parts.</summary>
public interface IStreamingTarget : IReplicaTarget
{
    /// <summary>
    /// Whether the model says of itself that it streams, known once a replica has been ready. One that does not say so may be asked all
    /// the same.
    /// </summary>
    bool Streams { get; }

    /// <summary>
    /// Asks for the values of one call as they are made, each as UTF-8 JSON; a problem is the last. It takes no place in the batcher:
    /// a stream lasts as long as its reader wants. Leaving the enumeration cancels the model.
    /// </summary>
    IAsyncEnumerable<Result<byte[]>> StreamAsync(InferenceCall call, CancellationToken cancellation);
}

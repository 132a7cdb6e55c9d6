using System.Text.Json;
using Raywright.Core.Errors;
using Raywright.Core.Tensors;

namespace Raywright.Core.Engines;

/// <summary>
/// The replicas of one revision, as the gateway's batcher sees them: the replica protocol of DESIGN 4, or the in-process
/// shortcut of it. It never batches by itself.
/// </summary>
public interface IReplicaTarget
{
    /// <summary>Calls it can work on at once; more wait in the batcher.</summary>
    int Concurrency { get; }

    /// <summary>
    /// Answers one call. The target does not dispose of the inputs; the caller disposes of the outputs.
    /// May complete synchronously. Failures are problems; cancellation is <see cref="OperationCanceledException"/>.
    /// </summary>
    ValueTask<Result<Tensor[]>> InferAsync(InferenceCall call, CancellationToken cancellation);
}

/// <param name="Inputs">One tensor an input, in the contract's order; null for an optional one that is absent.</param>
/// <param name="RequestId">The request's ID; of a batch, that of its first request.</param>
/// <param name="Timeout">Time left until the deadline.</param>
/// <param name="Parameters">The request's <c>parameters</c>, where it had any.</param>
public readonly record struct InferenceCall(Tensor?[] Inputs, string RequestId, TimeSpan Timeout, JsonElement? Parameters = null);

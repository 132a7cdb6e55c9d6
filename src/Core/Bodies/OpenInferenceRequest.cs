using Raywright.Core.Tensors;

namespace Raywright.Core.Bodies;

/// <summary>An inference request of the Open Inference Protocol v2 as typed tensors. Whoever holds it disposes of it.</summary>
/// <param name="Id">The caller's own ID, given back in the answer.</param>
/// <param name="Inputs">One an input of the contract, in its order; null for an optional one that was left out.</param>
/// <param name="Rows">Rows of the batch; 1 where the contract has no batch axis.</param>
/// <param name="Outputs">Indexes of the outputs that are asked for, each with whether it is wanted as binary data.</param>
public sealed record OpenInferenceRequest(string? Id, Tensor?[] Inputs, long Rows, IReadOnlyList<(int Output, bool Binary)> Outputs) : IDisposable
{
    public void Dispose()
    {
        foreach (Tensor? tensor in Inputs)
            tensor?.Dispose();
    }
}

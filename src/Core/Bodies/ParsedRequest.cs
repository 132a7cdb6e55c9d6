using System.Text.Json;
using Raywright.Core.Tensors;

namespace Raywright.Core.Bodies;

/// <summary>How the caller wrote the inputs; the answer takes the same form (DESIGN 3, The neutral body).</summary>
public enum BodyForm : byte
{
    /// <summary>Tensors by name, with the batch axis.</summary>
    ByName,

    /// <summary>A list of rows.</summary>
    Rows,

    /// <summary>One row, without the batch axis.</summary>
    OneRow,
}

/// <summary>A request as typed tensors. Whoever holds it disposes of it.</summary>
/// <param name="Inputs">One an input of the contract, in its order; null for an optional one that was left out.</param>
/// <param name="Form">How it was written.</param>
/// <param name="Rows">Rows of the batch; 1 where the contract has no batch axis.</param>
/// <param name="Parameters">What stood under <c>parameters</c>.</param>
public sealed record ParsedRequest(Tensor?[] Inputs, BodyForm Form, long Rows, JsonElement? Parameters) : IDisposable
{
    public void Dispose()
    {
        foreach (Tensor? tensor in Inputs)
            tensor?.Dispose();
    }
}

/// <summary>Budgets that hold before anything is allocated.</summary>
/// <param name="Bytes">Most bytes of a body.</param>
/// <param name="Rows">Most rows of one request.</param>
public sealed record BodyLimits(long Bytes = 32L << 20, int Rows = 100_000)
{
    public static readonly BodyLimits Default = new();
}

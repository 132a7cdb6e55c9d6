using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Core.Tensors;

namespace Raywright.Gateway.Batching;

/// <summary>Several requests as one call: inputs joined on the batch axis, outputs split again.</summary>
internal sealed class JoinedCall : IDisposable
{
    private readonly Tensor?[] inputs;

    private JoinedCall(Tensor?[] inputs, long rows) => (this.inputs, Rows) = (inputs, rows);

    public long Rows { get; }

    public static JoinedCall Of(List<WaitingRequest> batch)
    {
        Tensor?[] whole = new Tensor?[batch[0].Inputs.Length];
        Tensor[] parts = new Tensor[batch.Count];
        for (int index = 0; index < whole.Length; index++)
        {
            if (batch[0].Inputs[index] is null)
                continue;
            for (int request = 0; request < parts.Length; request++)
                parts[request] = batch[request].Inputs[index]!;
            whole[index] = Tensor.Join(parts);
        }
        return new(whole, batch.Sum(request => request.Rows));
    }

    /// <summary>The call, with the deadline of the request that is due first.</summary>
    public InferenceCall Call(List<WaitingRequest> batch, TimeProvider clock) =>
        new(inputs, batch[0].RequestId, batch.MinBy(request => request.Deadline)!.Left(clock));

    /// <summary>Gives each request its rows; false where they have to be asked one by one.</summary>
    public bool TrySplit(Result<Tensor[]> answer, List<WaitingRequest> batch)
    {
        if (!answer.Ok)
            return false;
        if (answer.Value.Any(output => output.Rank == 0 || output.Rows != Rows))
        {
            Dispose(answer.Value);
            return false;
        }
        long start = 0;
        foreach (WaitingRequest request in batch)
        {
            request.Complete(answer.Value.Select(output => output.Slice(start, request.Rows)).ToArray());
            start += request.Rows;
        }
        Dispose(answer.Value);
        return true;
    }

    public void Dispose() => Dispose(inputs);

    private static void Dispose(Tensor?[] tensors)
    {
        foreach (Tensor? tensor in tensors)
            tensor?.Dispose();
    }
}

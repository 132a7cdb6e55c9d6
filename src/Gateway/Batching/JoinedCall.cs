using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Core.Tensors;

namespace Raywright.Gateway.Batching;

/// <summary>Several requests as one call: inputs joined on the batch axis, outputs split again.</summary>
internal sealed class JoinedCall(List<WaitingRequest> batch) : IDisposable
{
    /// <summary>Never disposed of: it has no timer, and the last caller may leave just when the run ends.</summary>
    private readonly CancellationTokenSource abandoned = new();
    private Tensor?[] inputs = [];
    private int waiting = batch.Count;

    /// <summary>Cancelled when every caller has left: as long as one waits, its row is worth the run.</summary>
    public CancellationToken Abandoned => abandoned.Token;

    /// <summary>Counts a caller that left; true where it was the last. Called under the dispatcher's gate.</summary>
    public bool Leave(WaitingRequest request)
    {
        if (request.HasLeft)
            return false;
        request.HasLeft = true;
        return --waiting == 0;
    }

    public void Abandon() => abandoned.Cancel();

    /// <summary>The call, with the deadline of the request that is due first.</summary>
    public InferenceCall Call(TimeProvider clock)
    {
        inputs = new Tensor?[batch[0].Inputs.Length];
        Tensor[] parts = new Tensor[batch.Count];
        for (int index = 0; index < inputs.Length; index++)
        {
            if (batch[0].Inputs[index] is null)
                continue;
            for (int request = 0; request < parts.Length; request++)
                parts[request] = batch[request].Inputs[index]!;
            inputs[index] = Tensor.Join(parts);
        }
        return new(inputs, batch[0].RequestId, batch.MinBy(request => request.Deadline)!.Left(clock));
    }

    /// <summary>Gives each request its rows; false where they have to be asked one by one.</summary>
    public bool TrySplit(Result<Tensor[]> answer)
    {
        if (!answer.Ok)
            return false;
        long rows = batch.Sum(request => request.Rows);
        try
        {
            if (answer.Value.Any(output => output.Rank == 0 || output.Rows != rows))
                return false;
            long start = 0;
            foreach (WaitingRequest request in batch)
            {
                Tensor[] mine = new Tensor[answer.Value.Length];
                for (int index = 0; index < mine.Length; index++)
                    mine[index] = answer.Value[index].Slice(start, request.Rows);
                request.Complete(mine);
                start += request.Rows;
            }
            return true;
        }
        finally
        {
            Dispose(answer.Value);
        }
    }

    public void Dispose() => Dispose(inputs);

    private static void Dispose(Tensor?[] tensors)
    {
        foreach (Tensor? tensor in tensors)
            tensor?.Dispose();
    }
}

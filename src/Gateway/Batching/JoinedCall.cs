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
    private long rows;

    public long Rows => rows;

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
        long earliest = long.MaxValue;
        WaitingRequest due = batch[0];
        foreach (WaitingRequest request in batch)
        {
            rows += request.Rows;
            if (request.Deadline < earliest)
                (earliest, due) = (request.Deadline, request);
        }
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
        return new(inputs, batch[0].RequestId, due.Left(clock));
    }

    /// <summary>Gives each request its rows; false where they have to be asked one by one.</summary>
    public bool TrySplit(Result<Tensor[]> answer)
    {
        if (!answer.Ok)
            return false;
        Tensor[] outputs = answer.Value;
        foreach (Tensor output in outputs)
        {
            if (output.Rank > 0 && output.Rows == rows)
                continue;
            JoinedOutputs.Dispose(outputs);
            return false;
        }
        JoinedOutputs shared = new(outputs, batch.Count);
        long start = 0;
        foreach (WaitingRequest request in batch)
        {
            request.Complete(shared, start);
            start += request.Rows;
        }
        return true;
    }

    public void Dispose()
    {
        foreach (Tensor? tensor in inputs)
            tensor?.Dispose();
    }
}

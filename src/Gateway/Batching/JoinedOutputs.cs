using Raywright.Core.Tensors;

namespace Raywright.Gateway.Batching;

/// <summary>
/// Outputs of a joined call, which each of its requests cuts its rows out of on its own thread: the owner of the replica is not
/// held up by copying. The last one gives the buffers back.
/// </summary>
internal sealed class JoinedOutputs(Tensor[] outputs, int takers)
{
    private int left = takers;

    public Tensor[] Take(long start, long rows)
    {
        try
        {
            Tensor[] mine = new Tensor[outputs.Length];
            for (int index = 0; index < mine.Length; index++)
                mine[index] = outputs[index].Slice(start, rows);
            return mine;
        }
        finally
        {
            Drop();
        }
    }

    /// <summary>In place of <see cref="Take"/>, for a request that wants its rows no more.</summary>
    public void Drop()
    {
        if (Interlocked.Decrement(ref left) == 0)
            Dispose(outputs);
    }

    public static void Dispose(Tensor[] tensors)
    {
        foreach (Tensor tensor in tensors)
            tensor.Dispose();
    }
}

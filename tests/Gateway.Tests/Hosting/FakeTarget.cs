using System.Collections.Concurrent;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Core.Tensors;

namespace Raywright.Gateway.Tests.Hosting;

/// <summary>
/// A model whose answer can be worked out: <c>sum</c> of each row, and how many calls have been made. It may wait at a gate, and
/// fail on rows that hold a magic number.
/// </summary>
internal sealed class FakeTarget(int concurrency = 1) : IReplicaTarget
{
    /// <summary>A row that begins with it is refused as the caller's fault.</summary>
    public const float Guilty = 13;

    /// <summary>A row that begins with it makes the model throw.</summary>
    public const float Crashing = 14;

    /// <summary>A row that begins with it is answered with NaN.</summary>
    public const float Strange = 15;

    private int running;

    public int Concurrency { get; set; } = concurrency;

    /// <summary>Rows of each call so far.</summary>
    public ConcurrentQueue<long> Calls { get; } = new();

    public ConcurrentQueue<InferenceCall> Seen { get; } = new();

    public int Running => Volatile.Read(ref running);

    public int MostRunning { get; private set; }

    /// <summary>Calls wait for this before they answer; null lets them through.</summary>
    public Func<CancellationToken, Task>? Wait { get; set; }

    public async ValueTask<Result<Tensor[]>> InferAsync(InferenceCall call, CancellationToken cancellation)
    {
        MostRunning = Math.Max(MostRunning, Interlocked.Increment(ref running));
        try
        {
            Calls.Enqueue(call.Inputs[0]!.Rows);
            Seen.Enqueue(call);
            if (Wait is { } wait)
                await wait(cancellation).ConfigureAwait(false);
            return Answer(call.Inputs[0]!);
        }
        finally
        {
            Interlocked.Decrement(ref running);
        }
    }

    public static float Sum(ReadOnlySpan<float> row)
    {
        float sum = 0;
        foreach (float value in row)
            sum += value;
        return sum;
    }

    private static Result<Tensor[]> Answer(Tensor input)
    {
        int width = (int)(input.Count / input.Rows);
        Tensor sums = Tensor.Rent(DataType.Float32, [input.Rows]);
        for (int row = 0; row < input.Rows; row++)
        {
            ReadOnlySpan<float> values = input.Values<float>().Slice(row * width, width);
            if (values[0] == Guilty)
                return new Problem(Catalogue.InputRange, "A row is guilty.", Field: "inputs.features");
            if (values[0] == Crashing)
                throw new InvalidOperationException("secret of the model");
            sums.Values<float>()[row] = values[0] == Strange ? float.NaN : Sum(values);
        }
        return new[] { sums };
    }
}

using System.Runtime.CompilerServices;
using System.Text;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Core.Tensors;

namespace Raywright.Gateway.Tests.Hosting;

/// <summary>A model whose stream is given: each text is a value as JSON, and after them a problem where there is one.</summary>
internal sealed class FakeStream(params string[] values) : IStreamingTarget
{
    private readonly FakeTarget whole = new();

    public int Concurrency => 1;

    public bool Streams { get; init; } = true;

    /// <summary>The last of the stream.</summary>
    public Problem? Problem { get; init; }

    /// <summary>After the last value the stream waits until its reader leaves.</summary>
    public bool NeverEnds { get; init; }

    public ValueTask<Result<Tensor[]>> InferAsync(InferenceCall call, CancellationToken cancellation) => whole.InferAsync(call, cancellation);

    public async IAsyncEnumerable<Result<byte[]>> StreamAsync(InferenceCall call, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (string value in values)
            yield return Encoding.UTF8.GetBytes(value);
        if (NeverEnds)
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation).ConfigureAwait(false);
        if (Problem is not null)
            yield return Problem;
    }
}

using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.ML.OnnxRuntime;
using Raywright.Core.Bodies;
using Raywright.Core.Contracts;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Core.Probing;
using Raywright.Core.Spec;
using Raywright.Core.Tensors;
using Raywright.Engine;
using Raywright.Gateway.Batching;

namespace Raywright.Bench.Floors;

/// <summary>Rows a second of batcher and engine against a tight loop over raw ONNX Runtime, both at the batch where that is fastest.</summary>
internal static class BatchingComparison
{
    private static readonly int[] Sizes = [1, 4, 16, 64, 256, 1024];
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(2);

    public static async Task RunAsync(string model, int pairs)
    {
        RevisionConfig template = PipelineSubject.Revision(model);
        if (!template.Contract.Batched)
        {
            Console.WriteLine($"{model}: has no batch axis");
            return;
        }
        using InferenceSession session = Open(model);
        int best = Sizes.MaxBy(size => Raw(session, template.Contract, size, TimeSpan.FromSeconds(0.5)));
        RevisionConfig revision = template with { Batching = new(best, TimeSpan.FromMilliseconds(5)) };
        EmbeddedEngine engine = new(new ProbeClient(ProbeCommand.Of("raywright-server"), AppContext.BaseDirectory, TimeProvider.System), AppContext.BaseDirectory, TimeProvider.System, NullLogger<EmbeddedEngine>.Instance);
        await using (engine)
        {
            await engine.ApplyAsync([new RevisionSource(revision, Path.GetDirectoryName(Path.GetFullPath(model))!)], CancellationToken.None);
            RevisionDispatcher dispatcher = new(revision, engine.Target(revision.Id)!, TimeProvider.System);
            for (int pair = 1; pair <= pairs; pair++)
            {
                double raw = Raw(session, revision.Contract, best, Duration);
                double whole = await BatchedAsync(dispatcher, revision.Contract, best, callers: 2);
                double single = await BatchedAsync(dispatcher, revision.Contract, 1, callers: best * 2);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{model} pair={pair} batch={best} raw={raw:0} rows/s, batches sent={whole:0} ({whole / raw:0.000}), single rows sent={single:0} ({single / raw:0.000})"));
            }
        }
    }

    private static InferenceSession Open(string model)
    {
        using SessionOptions options = new() { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        return new InferenceSession(model, options);
    }

    private static Tensor?[] Inputs(Contract contract, int rows)
    {
        Tensor?[] one = SampleInputs.Of(contract);
        return [.. one.Select(tensor => tensor is null ? null : Tensor.Join([.. Enumerable.Repeat(tensor, rows)]))];
    }

    private static double Raw(InferenceSession session, Contract contract, int rows, TimeSpan duration)
    {
        using RunOptions options = new();
        Tensor?[] tensors = Inputs(contract, rows);
        OrtValue[] values = [.. tensors.Select(tensor => Wrap(tensor!))];
        string[] inputs = [.. contract.Inputs.Select(input => input.Name)];
        string[] outputs = [.. session.OutputNames];
        long done = 0;
        long start = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(start) < duration)
        {
            session.Run(options, inputs, values, outputs).Dispose();
            done += rows;
        }
        return done / TimeProvider.System.GetElapsedTime(start).TotalSeconds;
    }

    private static OrtValue Wrap(Tensor tensor)
    {
        if (tensor.Type != DataType.Float32)
            throw new NotSupportedException($"The comparison is for models of numbers; {tensor.Type.Name} is none it knows.");
        return OrtValue.CreateTensorValueFromMemory(tensor.Values<float>().ToArray(), tensor.Shape);
    }

    private static async Task<double> BatchedAsync(RevisionDispatcher dispatcher, Contract contract, int rows, int callers)
    {
        long done = 0;
        long start = TimeProvider.System.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
        {
            Tensor?[] inputs = Inputs(contract, rows);
            while (TimeProvider.System.GetElapsedTime(start) < Duration)
            {
                Result<Tensor[]> answer = await dispatcher.InferAsync(inputs, rows, "bench", null, TimeSpan.FromSeconds(30), CancellationToken.None);
                foreach (Tensor tensor in answer.Value)
                    tensor.Dispose();
                Interlocked.Add(ref done, rows);
            }
        })));
        return done / TimeProvider.System.GetElapsedTime(start).TotalSeconds;
    }
}

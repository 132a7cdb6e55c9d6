using System.Buffers;
using Microsoft.ML.OnnxRuntime;
using Raywright.Core.Bodies;
using Raywright.Core.Contracts;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Core.Spec;
using Raywright.Core.Tensors;

namespace Raywright.Engine.Onnx;

/// <summary>One loaded ONNX model. Runs may be concurrent; <see cref="Dispose"/> waits for nobody, so its owner does.</summary>
public sealed class OnnxModel : IDisposable
{
    private readonly InferenceSession session;
    private readonly Contract contract;
    private readonly RunDeadlines deadlines;
    private readonly string[] inputNames;
    private readonly string[] outputNames;

    private OnnxModel(InferenceSession session, Contract contract, RunDeadlines deadlines, string provider)
    {
        this.session = session;
        this.contract = contract;
        this.deadlines = deadlines;
        Provider = provider;
        inputNames = [.. contract.Inputs.Select(input => input.Name)];
        outputNames = [.. contract.Outputs.Select(output => output.Name)];
    }

    /// <summary>Name of the execution provider that runs the graph.</summary>
    public string Provider { get; }

    /// <summary>Loads a file; failures of the model are problems.</summary>
    public static Result<OnnxModel> Load(string path, Contract contract, ResourcesConfig resources, TimeProvider clock)
    {
        Result<string> provider = ExecutionProvider.Choose(resources);
        if (!provider.Ok)
            return provider.Problems;
        try
        {
            using SessionOptions options = new()
            {
                IntraOpNumThreads = Math.Max(1, (int)Math.Ceiling(resources.Cpus)),
                InterOpNumThreads = 1,
                ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
                GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
                LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
            };
            // Idle threads sleep: this process serves other models and the control plane too.
            options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
            options.AddSessionConfigEntry("session.inter_op.allow_spinning", "0");
            ExecutionProvider.Append(options, provider.Value);
            return new OnnxModel(new InferenceSession(path, options), contract, new RunDeadlines(clock), provider.Value);
        }
        catch (OnnxRuntimeException e)
        {
            return new Problem(Catalogue.ModelLoadFailed, $"ONNX Runtime cannot load {Path.GetFileName(path)}: {LastSentence(e.Message)}", Field: "source");
        }
    }

    /// <summary>Runs the graph on the caller's thread.</summary>
    public Result<Tensor[]> Run(in InferenceCall call, CancellationToken cancellation)
    {
        RunDeadlines.Run run = deadlines.Rent(call.Timeout);
        using CancellationTokenRegistration stop = cancellation.CanBeCanceled ? cancellation.Register(static state => ((RunDeadlines.Run)state!).Stop(), run) : default;
        try
        {
            return contract.Inputs.Length == 1 && call.Inputs[0] is { } only ? RunOne(only, run) : RunMany(call.Inputs, run);
        }
        catch (OnnxRuntimeException e)
        {
            cancellation.ThrowIfCancellationRequested();
            return run.Stopped
                ? new Problem(Catalogue.DeadlineExceeded, $"The model did not answer within {call.Timeout.TotalSeconds:0.###} s.")
                : new Problem(Catalogue.ModelRunFailed, $"ONNX Runtime stopped: {LastSentence(e.Message)}");
        }
        finally
        {
            deadlines.Return(run);
        }
    }

    /// <summary>One run on a made-up row, so that the first caller does not pay for allocations.</summary>
    public void WarmUp()
    {
        Tensor?[] inputs = SampleInputs.Of(contract);
        Result<Tensor[]> answer = Run(new InferenceCall(inputs, "warm-up", TimeSpan.FromSeconds(10)), CancellationToken.None);
        foreach (Tensor? tensor in inputs.Concat(answer.Ok ? answer.Value : []))
            tensor?.Dispose();
    }

    public void Dispose()
    {
        session.Dispose();
        deadlines.Dispose();
    }

    private Tensor[] RunOne(Tensor input, RunDeadlines.Run run)
    {
        using OrtValue value = OnnxValues.Wrap(input, out MemoryHandle pin);
        try
        {
            using IDisposableReadOnlyCollection<OrtValue> results = session.Run(run.Options, inputNames, [value], outputNames);
            return Read(results);
        }
        finally
        {
            pin.Dispose();
        }
    }

    private Tensor[] RunMany(Tensor?[] inputs, RunDeadlines.Run run)
    {
        List<string> names = new(inputs.Length);
        List<OrtValue> values = new(inputs.Length);
        List<MemoryHandle> pins = new(inputs.Length);
        try
        {
            for (int index = 0; index < inputs.Length; index++)
            {
                if (inputs[index] is not { } tensor)
                    continue;
                values.Add(OnnxValues.Wrap(tensor, out MemoryHandle pin));
                pins.Add(pin);
                names.Add(inputNames[index]);
            }
            using IDisposableReadOnlyCollection<OrtValue> results = session.Run(run.Options, names, values, outputNames);
            return Read(results);
        }
        finally
        {
            values.ForEach(value => value.Dispose());
            pins.ForEach(pin => pin.Dispose());
        }
    }

    private Tensor[] Read(IDisposableReadOnlyCollection<OrtValue> results)
    {
        Tensor[] outputs = new Tensor[results.Count];
        for (int index = 0; index < outputs.Length; index++)
            outputs[index] = OnnxValues.Read(results[index], contract.Outputs[index]);
        return outputs;
    }

    /// <summary>The runtime repeats its error code and source files before the sentence that helps.</summary>
    internal static string LastSentence(string message)
    {
        string line = message.Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault("no reason given").Trim();
        return line.Length <= 400 ? line : "…" + line[^400..];
    }
}

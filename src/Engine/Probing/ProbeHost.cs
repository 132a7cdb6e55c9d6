using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Raywright.Core.Bodies;
using Raywright.Core.Contracts;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Core.Probing;
using Raywright.Core.Tensors;

namespace Raywright.Engine.Probing;

/// <summary>The child's side of the probe: reads one request, loads, answers line by line, ends.</summary>
public static class ProbeHost
{
    public static async Task<int> RunAsync(Stream input, Stream output)
    {
        using StreamReader reader = new(input);
        if (await reader.ReadLineAsync().ConfigureAwait(false) is not { } text || JsonSerializer.Deserialize(text, ProbeJson.Default.ProbeRequest) is not { } request)
            return 1;
        EndWithInput(reader);
        if (request.Describe)
            await DescribeAsync(request, output).ConfigureAwait(false);
        else if (request.ConvertTo is not null)
            await ConvertAsync(request, output).ConfigureAwait(false);
        else
            await AnswerAsync(request, output).ConfigureAwait(false);
        return 0;
    }

    /// <summary>
    /// The parent closes our input to end us, and it closes with the parent however that ends. Not in good order: that takes
    /// libraries away from under the model. The system's own signal for a parent's death comes already when the thread ends that
    /// started us, so it cannot be used.
    /// </summary>
    private static void EndWithInput(StreamReader input) => new Thread(() =>
    {
        input.ReadLine();
        using Process own = Process.GetCurrentProcess();
        own.Kill();
    })
    { IsBackground = true, Name = "input" }.Start();

    private static async Task DescribeAsync(ProbeRequest request, Stream output)
    {
        long start = Stopwatch.GetTimestamp();
        Result<ModelDescription> description = await PythonTrial.DescribeAsync(request, TimeProvider.System, (text, installs) => Tell(output, text, installs)).ConfigureAwait(false);
        Write(output, description.Ok ? new(-1, Elapsed(start), Description: description.Value) : Failed(-1, description.Problems[0], start));
    }

    private static async Task ConvertAsync(ProbeRequest request, Stream output)
    {
        long start = Stopwatch.GetTimestamp();
        Result<ModelConversion> conversion = await PythonTrial.ConvertAsync(request, TimeProvider.System, (text, installs) => Tell(output, text, installs)).ConfigureAwait(false);
        Write(output, conversion.Ok ? new(-1, Elapsed(start), Conversion: conversion.Value) : Failed(-1, conversion.Problems[0], start));
    }

    private static async Task AnswerAsync(ProbeRequest request, Stream output)
    {
        long start = Stopwatch.GetTimestamp();
        Contract contract = request.Revision.Contract;
        Result<ITrialModel> loaded = request.Revision.Runtime == RuntimeKind.Python
            ? await PythonTrial.LoadAsync(request, TimeProvider.System, (text, installs) => Tell(output, text, installs)).ConfigureAwait(false)
            : OnnxTrial.Load(request, TimeProvider.System);
        Write(output, loaded.Ok ? new(-1, Elapsed(start), Versions: loaded.Value.Versions) : Failed(-1, loaded.Problems[0], start));
        if (!loaded.Ok)
            return;
        ITrialModel model = loaded.Value;
        await using ConfiguredAsyncDisposable whole = model.ConfigureAwait(false);
        NeutralParser parser = new(contract);
        ImmutableArray<string> bodies = request.Bodies.IsEmpty ? [Encoding.UTF8.GetString(SampleInputs.Body(contract))] : request.Bodies;
        for (int index = 0; index < bodies.Length; index++)
        {
            start = Stopwatch.GetTimestamp();
            Result<Tensor[]> answer = await AskAsync(model, parser, contract, bodies[index], TimeSpan.FromSeconds(request.RunSeconds)).ConfigureAwait(false);
            Write(output, answer.Ok
                ? new(index, Elapsed(start), [.. answer.Value.Select(Portable)])
                : Failed(index, answer.Problems[0], start));
        }
    }

    private static async Task<Result<Tensor[]>> AskAsync(ITrialModel model, NeutralParser parser, Contract contract, string body, TimeSpan timeout)
    {
        Result<ParsedRequest> parsed = parser.Parse(Encoding.UTF8.GetBytes(body));
        if (!parsed.Ok)
            return parsed.Problems;
        using ParsedRequest asked = parsed.Value;
        Result<Tensor[]> answer = await model.AskAsync(new InferenceCall(asked.Inputs, "probe", timeout, asked.Parameters)).ConfigureAwait(false);
        return answer.Ok && OutputCheck.Of(contract, answer.Value, asked.Rows) is { } broken ? broken : answer;
    }

    private static ProbeTensor Portable(Tensor tensor)
    {
        System.Buffers.ArrayBufferWriter<byte> data = new();
        BinaryTensors.Write(data, tensor);
        tensor.Dispose();
        return new(tensor.Type, tensor.Shape, data.WrittenSpan.ToArray());
    }

    private static ProbeLine Failed(int index, Problem problem, long start) => new(index, Elapsed(start), [], problem.Code, problem.Detail, problem.Field);

    private static void Tell(Stream output, string text, bool installs) => Write(output, new(-1, 0, Progress: text, Installs: installs));

    private static double Elapsed(long start) => Stopwatch.GetElapsedTime(start).TotalMilliseconds;

    private static void Write(Stream output, ProbeLine line)
    {
        output.Write(JsonSerializer.SerializeToUtf8Bytes(line, ProbeJson.Default.ProbeLine));
        output.Write("\n"u8);
        output.Flush();
    }
}

using System.Text.Json;
using Raywright.Core.Artifacts;
using Raywright.Core.Bodies;
using Raywright.Core.Cases;
using Raywright.Core.Contracts;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Core.Spec;
using Raywright.Core.Tensors;
using Raywright.Engine.Onnx;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Engine.Tests;

/// <summary>Real models answer their cases, within the tolerance that their author states.</summary>
public sealed class SharedModelAnswerTests
{
    public static TheoryData<string> Models => SharedModels.OnnxFolders();

    [Theory]
    [MemberData(nameof(Models))]
    public void EveryCase_IsAnsweredAsExpected(string folder)
    {
        string path = SharedFiles.Path("models", folder);
        JsonElement signature = JsonDocument.Parse(File.ReadAllText(Path.Combine(path, "signature.json"))).RootElement;
        int[] known = signature.TryGetProperty("known_mismatch", out JsonElement mismatch)
            ? [.. mismatch.GetProperty("onnx").EnumerateArray().Select(row => row.GetInt32())]
            : [];
        Assert.Equal(known, Failing(path, "model.onnx", signature.GetProperty("tolerance").GetProperty("abs").GetDouble()));
    }

    [Fact]
    public void ZipMapModel_AnswersTheSameCasesAsTheTensorModel() =>
        Assert.Empty(Failing(SharedFiles.Path("models", "iris", "v1"), "model.zipmap.onnx", 1e-5));

    private static int[] Failing(string path, string artifact, double tolerance)
    {
        Contract read = ArtifactReader.Read(path, artifact).Value.Contract;
        Contract contract = read with { Inputs = [.. read.Inputs.Select(input => input with { Nullable = input.Type.IsFloat })] };
        using OnnxModel model = OnnxModel.Load(Path.Combine(path, artifact), contract, new ResourcesConfig(1, 1 << 30), TimeProvider.System).Value;
        NeutralParser parser = new(contract);
        CaseComparer comparer = new(contract);
        List<int> failing = [];
        int number = 0;
        foreach (Case one in CaseReader.Read(Path.Combine(path, "cases.jsonl"), "cases.jsonl").Value)
        {
            using ParsedRequest asked = parser.Parse(one.Body.Span).Value;
            Tensor[] outputs = model.Run(new InferenceCall(asked.Inputs, "test", TimeSpan.FromSeconds(10)), TestContext.Current.CancellationToken).Value;
            Assert.Null(OutputCheck.Of(contract, outputs, asked.Rows));
            Case expected = one with { Tolerance = Tolerance(one, tolerance), Expected = Renamed(one.Expected!.Value, contract) };
            if (!comparer.Compare(expected, outputs).Passed)
                failing.Add(number);
            foreach (Tensor tensor in outputs)
                tensor.Dispose();
            number++;
        }
        return [.. failing];
    }

    /// <summary>A ZipMap export calls its outputs otherwise; their order is the same.</summary>
    private static JsonElement Renamed(JsonElement expected, Contract contract) => JsonSerializer.SerializeToElement(
        expected.EnumerateObject().Select((output, index) => (contract.Outputs[index].Name, output.Value)).ToDictionary());

    /// <summary>The author's tolerance is relative to the largest expected value when that is above 1.</summary>
    private static CaseTolerance Tolerance(Case one, double absolute) =>
        new(Math.Max(absolute, 1e-6) * Math.Max(1, one.Expected!.Value.EnumerateObject().Max(output => Largest(output.Value))), null);

    private static double Largest(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => value.EnumerateArray().Select(Largest).DefaultIfEmpty().Max(),
        JsonValueKind.Number => Math.Abs(value.GetDouble()),
        _ => 0,
    };
}

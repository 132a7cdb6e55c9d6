using System.Text.Json;
using Raywright.Core.Artifacts;
using Raywright.Core.Bodies;
using Raywright.Core.Cases;
using Raywright.Core.Contracts;
using Raywright.Core.Errors;
using Raywright.Core.Tensors;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Core.Tests.Artifacts;

/// <summary>The contract that is read from each real model agrees with what its author wrote down.</summary>
public sealed class SharedModelTests
{
    public static TheoryData<string> Models => SharedModels.OnnxFolders();

    [Theory]
    [MemberData(nameof(Models))]
    public void InferredContract_HasNamesTypesAndShapesOfTheSignature(string folder)
    {
        string path = SharedFiles.Path("models", folder);
        Contract contract = ArtifactReader.Read(path, "model.onnx").Value.Contract;
        using JsonDocument signature = JsonDocument.Parse(File.ReadAllText(Path.Combine(path, "signature.json")));
        Assert.Equal(Fields(signature.RootElement.GetProperty("inputs")), contract.Inputs.Select(input => $"{input.Name} {input.Type.Name} [{string.Join(",", input.Shape)}]"));
        Assert.Equal(Fields(signature.RootElement.GetProperty("outputs")), contract.Outputs.Select(output => $"{output.Name} {output.Type.Name} [{string.Join(",", output.Shape)}]"));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void EveryCase_ParsesAgainstTheInferredContract(string folder)
    {
        string path = SharedFiles.Path("models", folder);
        Contract contract = ArtifactReader.Read(path, "model.onnx").Value.Contract;
        // The signatures say which inputs may be null; a graph cannot.
        NeutralParser parser = new(contract with { Inputs = [.. contract.Inputs.Select(input => input with { Nullable = input.Type.IsFloat })] });
        IReadOnlyList<Case> cases = CaseReader.Read(Path.Combine(path, "cases.jsonl"), "cases.jsonl").Value;
        Assert.All(cases, one =>
        {
            Result<ParsedRequest> parsed = parser.Parse(one.Body.Span);
            Assert.True(parsed.Ok, parsed.Ok ? null : parsed.Problems[0].ToString());
            Assert.Equal(BodyForm.ByName, parsed.Value.Form);
            parsed.Value.Dispose();
        });
    }

    [Fact]
    public void ZipMap_BecomesScoresWithTheKeysAsLabels()
    {
        Contract contract = ArtifactReader.Read(SharedFiles.Path("models", "iris", "v1"), "model.zipmap.onnx").Value.Contract;
        OutputField scores = contract.Outputs[1];
        Assert.Equal([-1L, 3L], scores.Shape);
        Assert.Equal(["0", "1", "2"], scores.Labels!.Keys);
    }

    private static IEnumerable<string> Fields(JsonElement fields) => fields.EnumerateArray().Select(field =>
        $"{field.GetProperty("name").GetString()} {field.GetProperty("dtype").GetString()} [{string.Join(",", field.GetProperty("shape").EnumerateArray().Select(size => size.GetRawText()))}]");
}

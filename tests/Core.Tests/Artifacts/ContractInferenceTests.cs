using Raywright.Core.Artifacts.Onnx;
using Raywright.Core.Contracts;
using Raywright.Core.Errors;
using Raywright.Core.Tensors;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Core.Tests.Artifacts;

/// <summary>What a graph declares, as a contract.</summary>
public sealed class ContractInferenceTests
{
    [Theory]
    [InlineData(1, "float32")]
    [InlineData(2, "uint8")]
    [InlineData(3, "int8")]
    [InlineData(4, "uint16")]
    [InlineData(5, "int16")]
    [InlineData(6, "int32")]
    [InlineData(7, "int64")]
    [InlineData(8, "string")]
    [InlineData(9, "bool")]
    [InlineData(10, "float16")]
    [InlineData(11, "float64")]
    [InlineData(12, "uint32")]
    [InlineData(13, "uint64")]
    public void EveryElementType_HasItsName(int element, string name) =>
        Assert.Equal(name, Infer(new OnnxBuilder().Input("x", element, -1).Output("y", element, -1)).Value.Outputs[0].Type.Name);

    [Theory]
    [InlineData(14, "complex64")]
    [InlineData(16, "bfloat16")]
    [InlineData(17, "8-bit float")]
    [InlineData(22, "4-bit")]
    public void TypeWithoutACounterpart_IsRefusedByNameOfItsTensor(int element, string word)
    {
        Problem problem = Assert.Single(Infer(new OnnxBuilder().Input("pixels", element, -1).Output("y", OnnxBuilder.Float, -1)).Problems);
        Assert.Equal(Catalogue.TypeUnsupported, problem.Definition);
        Assert.Contains("pixels", problem.Detail, StringComparison.Ordinal);
        Assert.Contains(word, problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void SizesThatAreSymbolic_AreOpen_AndFixedOnesStay()
    {
        Contract contract = Infer(new OnnxBuilder().Input("x", OnnxBuilder.Float, -1, 3, -1).Output("y", OnnxBuilder.Float, 1, 2)).Value;
        Assert.Equal([-1L, 3L, -1L], contract.Inputs[0].Shape);
        Assert.Equal([1L, 2L], contract.Outputs[0].Shape);
        Assert.False(contract.Batched);
    }

    [Fact]
    public void EverythingThatIsWrong_IsSaidAtOnce()
    {
        Result<Contract> contract = Infer(new OnnxBuilder().Input("a", 14, -1).Input("b", OnnxBuilder.Float, null).Output("c", 16, -1));
        Assert.Equal(["inputs.a", "inputs.b", "outputs.c"], contract.Problems.Select(problem => problem.Field!).Order());
        Assert.Contains(contract.Problems, problem => problem.Definition == Catalogue.RankUnknown);
    }

    [Fact]
    public void GraphWithoutInputs_IsRefused() =>
        Assert.Equal(Catalogue.GraphWithoutInputs, Assert.Single(Infer(new OnnxBuilder().Output("y", OnnxBuilder.Float, -1)).Problems).Definition);

    [Fact]
    public void MapsWithoutKnownKeys_AreJson()
    {
        OutputField output = Infer(new OnnxBuilder().Input("x", OnnxBuilder.Float, -1, 2).MapsOutput("p", OnnxBuilder.Text)).Value.Outputs[0];
        Assert.Equal((DataType.Json, 1), (output.Type, output.Shape.Length));
    }

    [Fact]
    public void ZipMapOfTexts_GivesOneColumnAName()
    {
        OutputField output = Infer(new OnnxBuilder().Input("x", OnnxBuilder.Float, -1, 2).MapsOutput("p", OnnxBuilder.Text)
            .Node("ZipMap", ["x"], ["p"], "ai.onnx.ml", node => OnnxBuilder.Texts(node, "classlabels_strings", "no", "yes"))).Value.Outputs[0];
        Assert.Equal([-1L, 2L], output.Shape);
        Assert.Equal(new LabelSet(["no", "yes"], ["no", "yes"]), output.Labels);
    }

    [Theory]
    [InlineData("{0: 'cat', 1: \"dog's\"}")]
    [InlineData("{\"1\": \"dog's\", \"0\": \"cat\"}")]
    [InlineData("[\"cat\", \"dog's\"]")]
    [InlineData("['cat', 'dog\\'s']")]
    public void NamesInTheMetadata_LabelClassesAndScores(string names)
    {
        Contract contract = Infer(Classifier().Metadata("names", names)).Value;
        Assert.Equal(LabelSet.List(["cat", "dog's"]), contract.Outputs[0].Labels);
        Assert.Equal(LabelSet.List(["cat", "dog's"]), contract.Outputs[1].Labels);
    }

    [Theory]
    [InlineData("prose about names: 1")]
    [InlineData("{0: 'cat'")]
    [InlineData("[1, 2]")]
    [InlineData("{}")]
    [InlineData("")]
    public void OtherMetadata_LabelsNothing(string names) =>
        Assert.All(Infer(Classifier().Metadata("names", names)).Value.Outputs, output => Assert.Null(output.Labels));

    [Fact]
    public void ManyNumberedNames_StandInTheOrderOfTheirNumbers()
    {
        string names = $"{{{string.Join(", ", Enumerable.Range(0, 12).Select(number => $"'{number}': 'c{number}'").Order(StringComparer.Ordinal))}}}";
        OutputField scores = Infer(new OnnxBuilder().Input("x", OnnxBuilder.Float, -1, 2).Output("scores", OnnxBuilder.Float, -1, 12).Metadata("id2label", names)).Value.Outputs[0];
        Assert.Equal(LabelSet.List(Enumerable.Range(0, 12).Select(number => $"c{number}")), scores.Labels);
    }

    [Fact]
    public void NumbersThatDoNotCountFromZero_LabelTheScores()
    {
        Contract contract = Infer(Classifier().Node("SVMClassifier", ["x"], ["label", "scores"], "ai.onnx.ml", node => OnnxBuilder.Integers(node, "classlabels_ints", 3, 7))).Value;
        Assert.Null(contract.Outputs[0].Labels);
        Assert.Equal(new LabelSet(["3", "7"], ["3", "7"]), contract.Outputs[1].Labels);
    }

    [Fact]
    public void NumbersThatCountFromZero_SayNothing()
    {
        Contract contract = Infer(Classifier().Node("LinearClassifier", ["x"], ["label", "scores"], "ai.onnx.ml", node => OnnxBuilder.Integers(node, "classlabels_ints", 0, 1))).Value;
        Assert.All(contract.Outputs, output => Assert.Null(output.Labels));
    }

    private static OnnxBuilder Classifier() => new OnnxBuilder()
        .Input("x", OnnxBuilder.Float, -1, 2)
        .Output("label", OnnxBuilder.Int64, -1)
        .Output("scores", OnnxBuilder.Float, -1, 2);

    private static Result<Contract> Infer(OnnxBuilder builder)
    {
        using MemoryStream stream = new(builder.Build());
        return ContractInference.Infer(OnnxFile.Read(stream, "model.onnx").Value);
    }
}

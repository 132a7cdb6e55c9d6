using System.Text;
using CsCheck;
using Raywright.Core.Artifacts;
using Raywright.Core.Artifacts.Onnx;
using Raywright.Core.Errors;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Core.Tests.Artifacts;

/// <summary>The reader of ONNX files: what it finds, and that no file makes it fail or linger.</summary>
public sealed class OnnxFileTests
{
    private static OnnxBuilder Small => new OnnxBuilder()
        .Input("x", OnnxBuilder.Float, -1, 4)
        .Output("y", OnnxBuilder.Float, -1, 4)
        .Node("Identity", ["x"], ["y"]);

    [Fact]
    public void Graph_IsReadWithItsTypesAndOperators()
    {
        OnnxModel model = Read(Small.Opset("ai.onnx.ml", 3).Metadata("names", "{0: 'a'}").Build()).Value;
        Assert.Equal(17, model.Opsets[""]);
        Assert.Equal(3, model.Opsets["ai.onnx.ml"]);
        Assert.Equal("{0: 'a'}", model.Metadata["names"]);
        Assert.Equal("Identity", Assert.Single(model.Nodes).Operator);
        Assert.Equal([-1L, 4L], Assert.IsType<OnnxType.OfTensor>(Assert.Single(model.Inputs).Type).Dimensions!.Value);
    }

    [Fact]
    public void InputWithAnInitializer_IsOptionalSinceIr4_AndNoInputBefore()
    {
        OnnxBuilder With(long format) => new OnnxBuilder(format)
            .Input("x", OnnxBuilder.Float, -1)
            .Input("scale", OnnxBuilder.Float, 1)
            .Initializer("scale", 2)
            .Output("y", OnnxBuilder.Float, -1)
            .Node("Mul", ["x", "scale"], ["y"]);
        Assert.True(Read(With(8).Build()).Value.Inputs[1].Optional);
        Assert.Equal("x", Assert.Single(Read(With(3).Build()).Value.Inputs).Name);
    }

    [Fact]
    public void WeightsOfAnySize_ArePassedOver()
    {
        using SparseStream huge = new(Small.Build(), weights: 6L << 30);
        OnnxModel model = OnnxFile.Read(huge, "model.onnx").Value;
        Assert.Equal("Identity", Assert.Single(model.Nodes).Operator);
        Assert.True(huge.BytesRead < 1 << 20);
    }

    [Fact]
    public void LongText_IsCutAndNothingElseIsLost()
    {
        OnnxModel model = Read(Small.Metadata("vocabulary", new string('a', 3 << 20)).Metadata("names", "[\"a\", \"b\"]").Build()).Value;
        Assert.Equal(1 << 20, model.Metadata["vocabulary"].Length);
        Assert.Equal("[\"a\", \"b\"]", model.Metadata["names"]);
    }

    [Fact]
    public void ManyTreeNodes_AreNoProblem()
    {
        OnnxBuilder forest = new OnnxBuilder()
            .Input("x", OnnxBuilder.Float, -1, 4)
            .Output("y", OnnxBuilder.Float, -1, 1)
            .Node("TreeEnsembleRegressor", ["x"], ["y"], "ai.onnx.ml", node =>
            {
                OnnxBuilder.Integers(node, "nodes_falsenodeids", [.. Enumerable.Range(0, 300_000).Select(number => (long)number)]);
                OnnxBuilder.Texts(node, "nodes_modes", [.. Enumerable.Repeat("BRANCH_LEQ", 300_000)]);
            });
        OnnxNode tree = Assert.Single(Read(forest.Build()).Value.Nodes);
        Assert.Empty(tree.Integers);
        Assert.Empty(tree.Strings);
    }

    [Fact]
    public void SubgraphsNestedWithoutEnd_AreRefused()
    {
        byte[] inner = new ProtoWriter().Text(1, "g").ToArray();
        for (int level = 0; level < 5000; level++)
        {
            byte[] graph = inner;
            inner = new ProtoWriter().Message(1, node => node.Message(5, attribute => attribute.Bytes(6, graph))).ToArray();
        }
        Problem problem = Assert.Single(Read(new ProtoWriter().Bytes(7, inner).ToArray()).Problems);
        Assert.Equal(Catalogue.ArtifactBroken, problem.Definition);
    }

    [Fact]
    public void MoreNodesThanAnyGraph_AreRefusedBeforeMemoryRunsOut()
    {
        // Two bytes a node: a small file that would become gigabytes of objects.
        byte[] nodes = new byte[10 << 20];
        for (int at = 0; at < nodes.Length; at += 2)
            nodes[at] = (1 << 3) | 2;
        Problem problem = Assert.Single(Read(new ProtoWriter().Bytes(7, nodes).ToArray()).Problems);
        Assert.Equal(Catalogue.ArtifactBroken, problem.Definition);
    }

    [Theory]
    [InlineData("PK\u0003\u0004 anything", "RW1104")]
    [InlineData("  <!DOCTYPE html><html>", "RW1107")]
    [InlineData("{\"message\": \"Bad credentials\"}\n", "RW1104")]
    [InlineData("cannot be found", "RW1104")]
    [InlineData("cposix\nsystem\n(S'true'\ntR.", "RW1108")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:1", "RW1106")]
    public void OtherContent_IsRecognised(string content, string code) =>
        Assert.Equal(code, Assert.Single(Read(Encoding.UTF8.GetBytes(content)).Problems).Code);

    [Fact]
    public void MissingEmptyAndFolder_EachHaveTheirProblem()
    {
        using TemporaryFolder folder = new();
        folder.Write("empty.onnx", "");
        Directory.CreateDirectory(folder.Combine("inner.onnx"));
        Assert.Equal(Catalogue.ArtifactMissing, Assert.Single(OnnxFile.Read(folder.Combine("absent.onnx")).Problems).Definition);
        Assert.Equal(Catalogue.ArtifactEmpty, Assert.Single(OnnxFile.Read(folder.Combine("empty.onnx")).Problems).Definition);
        Assert.Equal(Catalogue.RuntimeUnsupported, Assert.Single(ArtifactReader.Read(folder.Path, "inner.onnx").Problems).Definition);
    }

    [Fact]
    public void FileBeyondTheLimit_IsRefusedUnread()
    {
        using TemporaryFolder folder = new();
        using (FileStream sparse = File.Create(folder.Combine("model.onnx")))
            sparse.SetLength(OnnxFile.LargestBytes + 1);
        Assert.Equal(Catalogue.ArtifactTooLarge, Assert.Single(OnnxFile.Read(folder.Combine("model.onnx")).Problems).Definition);
    }

    [Fact]
    public void AnyCutOrChangedByte_GivesAModelOrAProblem()
    {
        byte[][] originals = [.. Originals()];
        Gen.Select(Gen.Int[0, originals.Length - 1], Gen.Double[0, 1], Gen.Select(Gen.Double[0, 1], Gen.Byte).Array[0, 8]).Sample(
            (which, cut, changes) =>
            {
                byte[] bytes = originals[which][..(int)(cut * originals[which].Length)];
                foreach ((double place, byte value) in changes)
                {
                    if (bytes.Length > 0)
                        bytes[(int)(place * (bytes.Length - 1))] = value;
                }
                Result<OnnxModel> read = Read(bytes);
                return read.Ok ? !ContractInference.Infer(read.Value).Problems.IsDefault : read.Problems.Length == 1;
            },
            iter: 5000);
    }

    private static IEnumerable<byte[]> Originals()
    {
        yield return Small.Build();
        yield return new OnnxBuilder().Input("x", OnnxBuilder.Text, -1, 1).MapsOutput("p", OnnxBuilder.Text)
            .Node("ZipMap", ["x"], ["p"], "ai.onnx.ml", node => OnnxBuilder.Texts(node, "classlabels_strings", "a", "b")).External("w", "w.bin", 3).Build();
        if (!SharedFiles.Present)
            yield break;
        yield return File.ReadAllBytes(SharedFiles.Path("models", "iris", "v1", "model.zipmap.onnx"));
        yield return File.ReadAllBytes(SharedFiles.Path("models", "churn", "model.onnx"));
    }

    private static Result<OnnxModel> Read(byte[] bytes)
    {
        using MemoryStream stream = new(bytes);
        return OnnxFile.Read(stream, "model.onnx");
    }
}

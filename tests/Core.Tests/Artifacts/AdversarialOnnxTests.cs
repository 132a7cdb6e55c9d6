using System.Text.Json;
using Raywright.Core.Artifacts;
using Raywright.Core.Errors;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Core.Tests.Artifacts;

/// <summary>Every hostile or broken ONNX file gets the verdict that its author wrote down, with a reason of its own.</summary>
public sealed class AdversarialOnnxTests
{
    public static TheoryData<string, string> Files()
    {
        if (!SharedFiles.Present)
            return new() { { "absent", "" } };
        using JsonDocument expected = JsonDocument.Parse(File.ReadAllText(SharedFiles.Path("models", "adversarial", "expected.json")));
        TheoryData<string, string> files = [];
        foreach (JsonElement file in expected.RootElement.GetProperty("files").EnumerateArray())
        {
            if (file.GetProperty("path").GetString() is { } path && path.EndsWith(".onnx", StringComparison.Ordinal))
                files.Add(path, file.GetProperty("verdict").GetString()!);
        }
        return files;
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Verdict_IsTheExpectedOne(string path, string verdict)
    {
        string file = SharedFiles.Path("models", "adversarial", path);
        Result<ArtifactDescription> read = ArtifactReader.Read(Path.GetDirectoryName(file)!, Path.GetFileName(file));
        // What is suspicious shows only when it runs: the probe's limits on time and memory stand there.
        Assert.Equal(verdict is "benign" or "suspicious", read.Ok);
    }

    [Theory]
    [InlineData("onnx/empty.onnx", "RW1102")]
    [InlineData("onnx/truncated.onnx", "RW1105")]
    [InlineData("onnx/garbage.onnx", "RW1105")]
    [InlineData("onnx/lfs_pointer.onnx", "RW1106")]
    [InlineData("onnx/html.onnx", "RW1107")]
    [InlineData("onnx/external_missing.onnx", "RW1109")]
    [InlineData("onnx/external_absolute.onnx", "RW1110")]
    [InlineData("onnx/external_backslash.onnx", "RW1110")]
    [InlineData("onnx/external_traversal.onnx", "RW1110")]
    [InlineData("onnx/custom_op.onnx", "RW1111")]
    [InlineData("pickles/os_system.pkl", "RW1108")]
    public void Refusal_HasItsOwnCode(string path, string code)
    {
        using TemporaryFolder folder = new();
        string file = SharedFiles.Path("models", "adversarial", path);
        File.Copy(file, folder.Combine("model.onnx"));
        Problem problem = Assert.Single(ArtifactReader.Read(folder.Path, "model.onnx").Problems);
        Assert.Equal(code, problem.Code);
    }

    [Fact]
    public void UnknownOperator_IsNamed()
    {
        string folder = SharedFiles.Path("models", "adversarial", "onnx");
        Problem problem = Assert.Single(ArtifactReader.Read(folder, "custom_op.onnx").Problems);
        Assert.Contains("unknown.vendor:Shell", problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void ExternalDataBesideTheModel_IsACompanion()
    {
        string folder = SharedFiles.Path("models", "adversarial", "onnx");
        ArtifactDescription artifact = ArtifactReader.Read(folder, "external_ok/model.onnx").Value;
        Assert.Equal(["external_ok/weights.bin"], artifact.Companions);
    }

    [Fact]
    public void ModelThatNeedsALocale_IsReadWithAWarning()
    {
        ArtifactDescription artifact = ArtifactReader.Read(SharedFiles.Path("models", "tickets"), "needs-locale.onnx").Value;
        Assert.Equal(Catalogue.LocaleNeeded, Assert.Single(artifact.Warnings).Definition);
    }
}

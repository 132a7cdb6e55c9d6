using Raywright.Core.Artifacts.Onnx;
using Raywright.Core.Errors;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Core.Tests.Artifacts;

/// <summary>What speaks against a graph before it is loaded.</summary>
public sealed class OnnxChecksTests
{
    [Fact]
    public void OpsetsAndFormatBeyondTheRuntime_AreNamed()
    {
        Problem[] problems = Check(new OnnxBuilder(OnnxChecks.NewestFormat + 1, OnnxChecks.NewestOpset + 1).Opset("ai.onnx.ml", OnnxChecks.NewestClassicOpset + 1));
        Assert.Equal(["RW1112", "RW1112", "RW1116"], problems.Select(problem => problem.Code).Order());
        Assert.Contains(problems, problem => problem.Detail.Contains("ai.onnx.ml", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("ai.onnx", true)]
    [InlineData("ai.onnx.ml", true)]
    [InlineData("com.microsoft", true)]
    [InlineData("com.microsoft.nchwc", true)]
    [InlineData("vendor.own", false)]
    public void DomainOfAnOperator_HasToBeKnown(string domain, bool known) =>
        Assert.Equal(known, Check(new OnnxBuilder().Node("Anything", ["x"], ["y"], domain)).Length == 0);

    [Theory]
    [InlineData(null, true)]
    [InlineData("en_US", true)]
    [InlineData("C", false)]
    [InlineData("", false)]
    public void StringNormalizer_NeedsALocaleUnlessItSaysC(string? locale, bool needed)
    {
        Problem[] problems = Check(new OnnxBuilder().Node("StringNormalizer", ["x"], ["y"], "", node =>
        {
            if (locale is not null)
                OnnxBuilder.Attribute(node, "locale", locale);
        }));
        Assert.Equal(needed, problems.Any(problem => problem.Definition == Catalogue.LocaleNeeded));
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("../weights.bin")]
    [InlineData("inner/../../weights.bin")]
    [InlineData("..\\weights.bin")]
    [InlineData("inner\\weights.bin")]
    [InlineData("C:/weights.bin")]
    public void ExternalDataElsewhere_IsRefused(string location) =>
        Assert.Equal(Catalogue.ExternalDataEscapes, Assert.Single(Check(new OnnxBuilder().External("w", location, 3))).Definition);

    [Fact]
    public void ExternalDataBehindALink_IsRefused()
    {
        using TemporaryFolder folder = new();
        using TemporaryFolder elsewhere = new();
        elsewhere.Write("weights.bin", "secret");
        Directory.CreateSymbolicLink(folder.Combine("inner"), elsewhere.Path);
        File.CreateSymbolicLink(folder.Combine("direct.bin"), elsewhere.Combine("weights.bin"));
        foreach (string location in new[] { "inner/weights.bin", "direct.bin" })
            Assert.Equal(Catalogue.ExternalDataEscapes, Assert.Single(Check(new OnnxBuilder().External("w", location, 3), folder.Path)).Definition);
    }

    private static Problem[] Check(OnnxBuilder builder, string folder = "/nowhere")
    {
        using MemoryStream stream = new(builder.Output("y", OnnxBuilder.Float, -1).Build());
        return [.. OnnxChecks.Of(OnnxFile.Read(stream, "model.onnx").Value, folder)];
    }
}

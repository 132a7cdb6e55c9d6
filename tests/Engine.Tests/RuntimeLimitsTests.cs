using Raywright.Core.Artifacts.Onnx;
using Raywright.Core.Contracts;
using Raywright.Core.Errors;
using Raywright.Core.Spec;
using Raywright.Core.Tensors;
using Raywright.TestKit;
using Xunit;
using OnnxModel = Raywright.Engine.Onnx.OnnxModel;

namespace Raywright.Engine.Tests;

/// <summary>What the reader says about versions is what the built-in ONNX Runtime does; an update of it shows here.</summary>
public sealed class RuntimeLimitsTests
{
    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void NewestOpset_IsTheRuntimes(int beyond, bool loads) =>
        Assert.Equal(loads, Loads(new OnnxBuilder(opset: OnnxChecks.NewestOpset + beyond)));

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void NewestFormat_IsTheRuntimes(int beyond, bool loads) =>
        Assert.Equal(loads, Loads(new OnnxBuilder(irVersion: OnnxChecks.NewestFormat + beyond)));

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void NewestClassicOpset_IsTheRuntimes(int beyond, bool loads) =>
        Assert.Equal(loads, Loads(new OnnxBuilder().Opset("ai.onnx.ml", OnnxChecks.NewestClassicOpset + beyond)));

    private static bool Loads(OnnxBuilder builder)
    {
        using TemporaryFolder folder = new();
        string path = folder.Combine("model.onnx");
        File.WriteAllBytes(path, builder
            .Input("x", OnnxBuilder.Float, -1)
            .Output("y", OnnxBuilder.Float, -1)
            .Node("Identity", ["x"], ["y"])
            .Build());
        Contract contract = new([new InputField("x", DataType.Float32, [-1])], [new OutputField("y", DataType.Float32, [-1])]);
        Result<OnnxModel> model = OnnxModel.Load(path, contract, new ResourcesConfig(1, 1 << 30), TimeProvider.System);
        if (model.Ok)
            model.Value.Dispose();
        return model.Ok;
    }
}

using Raywright.Core.Artifacts;
using Raywright.Core.Errors;
using Raywright.Core.Initialization;
using Raywright.Core.Spec;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Core.Tests.Initialization;

/// <summary>A model folder on which <c>init</c> is tried.</summary>
internal sealed class InitFolder : IDisposable
{
    private readonly TemporaryFolder outer = new();

    public InitFolder(string name = "flowers") => Directory.CreateDirectory(Path = outer.Combine(name));

    public string Path { get; }

    /// <summary>Four numbers in, a class and three scores out.</summary>
    public static OnnxBuilder Classifier => new OnnxBuilder()
        .Input("features", OnnxBuilder.Float, -1, 2)
        .Output("label", OnnxBuilder.Int64, -1)
        .Output("probabilities", OnnxBuilder.Float, -1, 3);

    public InitFolder Model(OnnxBuilder model, string name = "model.onnx")
    {
        File.WriteAllBytes(Combine(name), model.Build());
        return this;
    }

    public InitFolder With(string name, string text)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Combine(name))!);
        File.WriteAllText(Combine(name), text);
        return this;
    }

    public string Combine(string name) => System.IO.Path.Combine(Path, name);

    public async Task<Result<InitResult>> TryAsync(string? data = null, string? target = null, string? source = null, bool force = false, ModelTrial? trial = null) =>
        await new Initializer(trial).RunAsync(new(Path, source, data is null ? null : Combine(data), target, Force: force), TestContext.Current.CancellationToken);

    public async Task<InitResult> InitAsync(string? data = null, string? target = null, string? source = null, ModelTrial? trial = null)
    {
        Result<InitResult> result = await TryAsync(data, target, source, trial: trial);
        Assert.True(result.Ok, result.Ok ? null : string.Join('\n', result.Problems));
        return result.Value;
    }

    /// <summary>The spec as a deploy reads it.</summary>
    public static ModelConfig Read(InitResult result)
    {
        Result<SpecDocument> spec = SpecReader.Read(result.Spec, SpecReader.FileName);
        Assert.True(spec.Ok, spec.Ok ? null : $"{string.Join('\n', spec.Problems)}\n{result.Spec}");
        Result<ModelConfig> config = SpecResolver.Resolve(spec.Value, new EnvironmentConfig("dev"), ArtifactReader.Read(result.Folder, result.Source).Value.Contract);
        Assert.True(config.Ok, config.Ok ? null : $"{string.Join('\n', config.Problems)}\n{result.Spec}");
        return config.Value;
    }

    public void Dispose() => outer.Dispose();
}

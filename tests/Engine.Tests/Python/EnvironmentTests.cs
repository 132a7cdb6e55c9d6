using System.Collections.Immutable;
using System.IO.Compression;
using Microsoft.Extensions.Logging.Abstractions;
using Raywright.Core.Contracts;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Core.Probing;
using Raywright.Core.Spec;
using Raywright.Core.Tensors;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Engine.Tests.Python;

/// <summary>Environments of packages, with a package that only a wheel beside the model has.</summary>
public sealed class EnvironmentTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    /// <summary>No index is asked, here and wherever the tests run.</summary>
    public EnvironmentTests() => Environment.SetEnvironmentVariable("PIP_NO_INDEX", "1");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task TwoThatAskForTheSameAtOnce_ShareOneEnvironment()
    {
        PythonHere.Needs("venv", "pip");
        WriteModel("rw-demo==1.0", "1.0");
        await using EmbeddedEngine first = Engine("first"), second = Engine("second");
        await Task.WhenAll(Apply(first), Apply(second));
        Assert.Equal((null, null), (ProblemOf(first), ProblemOf(second)));
        Assert.Equal(7, await AnswerAsync(first));
        Assert.Equal(7, await AnswerAsync(second));
        Assert.Single(Directory.GetDirectories(folder.Combine("environments")));
    }

    [Fact]
    public async Task OneThatCannotBeMade_SaysWhy_AndLeavesNothing()
    {
        PythonHere.Needs("venv", "pip");
        WriteModel("rw-demo==2.0", "1.0");
        await using EmbeddedEngine engine = Engine("one");
        await Apply(engine);
        Problem problem = Assert.IsType<Problem>(ProblemOf(engine));
        Assert.Equal(Catalogue.PackagesFailed, problem.Definition);
        Assert.Contains("rw-demo==2.0", problem.Detail, StringComparison.Ordinal);
        Assert.Empty(Directory.GetDirectories(folder.Combine("environments")));
    }

    [Fact]
    public async Task OneThatWasLeftHalfMade_IsMadeAgain()
    {
        PythonHere.Needs("venv", "pip");
        WriteModel("rw-demo==1.0", "1.0");
        await using (EmbeddedEngine engine = Engine("one"))
            await Apply(engine);
        string made = Assert.Single(Directory.GetDirectories(folder.Combine("environments")));
        File.Delete(Path.Combine(made, "complete.json"));
        File.Delete(Path.Combine(made, "bin", "python"));
        await using EmbeddedEngine next = Engine("one");
        await Apply(next);
        Assert.Null(ProblemOf(next));
        Assert.Equal(7, await AnswerAsync(next));
    }

    [Fact]
    public async Task ALibraryInAnotherVersionThanTheArtifacts_IsUsedWhereNoneCanBeMade_AndThatIsTriedOnceADay()
    {
        PythonHere.Needs("pip");
        folder.Write("version/model.py", "class Model:\n    def predict(self, inputs):\n        return {'y': [7.0 for _ in inputs['x']]}\n");
        // pip is there for sure, and no index has this version of it.
        PythonConfig python = new() { Flavour = PythonFlavour.Class, Code = "model.py", Libraries = ImmutableSortedDictionary<string, string>.Empty.Add("pip", "9999.1") };
        async Task<DateTime> TriedAsync()
        {
            await using EmbeddedEngine engine = Engine("one");
            await Apply(engine, python);
            Assert.Null(ProblemOf(engine));
            Assert.Equal(7, await AnswerAsync(engine));
            return File.GetLastWriteTimeUtc(Assert.Single(Directory.GetFiles(folder.Combine("environments"), "*.failed")));
        }
        DateTime first = await TriedAsync();
        Assert.Equal(first, await TriedAsync());
        File.SetLastWriteTimeUtc(Assert.Single(Directory.GetFiles(folder.Combine("environments"), "*.failed")), first.AddDays(-2));
        Assert.True(await TriedAsync() >= first);
    }

    private EmbeddedEngine Engine(string home) => new(
        new ProbeClient(new ProbeCommand("none", []), folder.Combine("environments"), TimeProvider.System), folder.Combine(home), TimeProvider.System, NullLogger<EmbeddedEngine>.Instance);

    private async Task Apply(EmbeddedEngine engine, PythonConfig? python = null)
    {
        await engine.ApplyAsync([Source(python)], TestContext.Current.CancellationToken);
        await engine.SettledAsync(PythonEngine.Id, _ => { }, TestContext.Current.CancellationToken);
    }

    private RevisionSource Source(PythonConfig? python) => new(
        new RevisionConfig
        {
            Id = PythonEngine.Id,
            Model = "model",
            Environment = "dev",
            Version = 1,
            Digest = "",
            Runtime = RuntimeKind.Python,
            Python = python ?? new PythonConfig { Flavour = PythonFlavour.Class, Code = "model.py", Requirements = "requirements.txt", Wheels = "wheels" },
            Artifact = "model.py",
            Contract = PythonEngine.Numbers,
            Resources = new ResourcesConfig(1, 256L << 20),
            Batching = new BatchingConfig(1, TimeSpan.Zero),
        },
        folder.Combine("version"));

    private static Problem? ProblemOf(EmbeddedEngine engine) => Assert.Single(engine.Observe()).Problem;

    private static async Task<double> AnswerAsync(EmbeddedEngine engine)
    {
        using Tensor input = Tensor.Of<double>(DataType.Float64, [1], [1]);
        Result<Tensor[]> answer = await engine.Target(PythonEngine.Id)!.InferAsync(new InferenceCall([input], "one", TimeSpan.FromSeconds(20)), TestContext.Current.CancellationToken);
        using Tensor only = Assert.Single(answer.Value);
        return only.Values<double>()[0];
    }

    /// <summary>A model whose answer comes from the package.</summary>
    private void WriteModel(string requirement, string version)
    {
        folder.Write("version/model.py", "import rw_demo\n\nclass Model:\n    def predict(self, inputs):\n        return {'y': [rw_demo.SEVEN for _ in inputs['x']]}\n");
        folder.Write("version/requirements.txt", requirement + "\n");
        Directory.CreateDirectory(folder.Combine("version/wheels"));
        using ZipArchive wheel = ZipFile.Open(folder.Combine($"version/wheels/rw_demo-{version}-py3-none-any.whl"), ZipArchiveMode.Create);
        string about = $"rw_demo-{version}.dist-info";
        Add(wheel, "rw_demo.py", "SEVEN = 7.0\n");
        Add(wheel, $"{about}/METADATA", $"Metadata-Version: 2.1\nName: rw-demo\nVersion: {version}\n");
        Add(wheel, $"{about}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n");
        Add(wheel, $"{about}/RECORD", $"rw_demo.py,,\n{about}/METADATA,,\n{about}/WHEEL,,\n{about}/RECORD,,\n");
    }

    private static void Add(ZipArchive archive, string name, string text)
    {
        using StreamWriter writer = new(archive.CreateEntry(name).Open());
        writer.Write(text);
    }
}

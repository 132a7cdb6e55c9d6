using System.Diagnostics;
using System.Globalization;
using System.Text;
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

/// <summary>An engine that runs one Python class, given as text.</summary>
internal sealed class PythonEngine : IAsyncDisposable
{
    public const string Id = "model-dev-1-00000000";

    public static readonly Contract Numbers = new([new InputField("x", DataType.Float64, [-1])], [new OutputField("y", DataType.Float64, [-1])]);
    private readonly TemporaryFolder folder;
    private readonly EmbeddedEngine engine;

    private PythonEngine(TemporaryFolder folder, EmbeddedEngine engine) => (this.folder, this.engine) = (folder, engine);

    public string Folder => folder.Path;

    public IReplicaTarget Target => engine.Target(Id)!;

    public RevisionState State => Assert.Single(engine.Observe());

    /// <summary>Starts it; the engine says itself what became of it.</summary>
    /// <param name="code">Python; the class is called Model.</param>
    /// <param name="configure">What differs from one replica with the contract of numbers.</param>
    public static async Task<PythonEngine> StartAsync(string code, Func<RevisionConfig, RevisionConfig>? configure = null)
    {
        PythonHere.Needs();
        TemporaryFolder place = new();
        place.Write("version/model.py", code);
        RevisionConfig revision = new()
        {
            Id = Id,
            Model = "model",
            Environment = "dev",
            Version = 1,
            Digest = "",
            Runtime = RuntimeKind.Python,
            Python = new PythonConfig { Flavour = PythonFlavour.Class, Code = "model.py" },
            Artifact = "model.py",
            Contract = Numbers,
            Resources = new ResourcesConfig(1, 256L << 20),
            Batching = new BatchingConfig(32, TimeSpan.FromMilliseconds(5)),
        };
        EmbeddedEngine started = new(new ProbeClient(new ProbeCommand("none", []), place.Combine("environments"), TimeProvider.System), place.Path, TimeProvider.System, NullLogger<EmbeddedEngine>.Instance);
        await started.ApplyAsync([new RevisionSource(configure?.Invoke(revision) ?? revision, place.Combine("version"))], TestContext.Current.CancellationToken);
        await started.SettledAsync(Id, _ => { }, TestContext.Current.CancellationToken);
        return new PythonEngine(place, started);
    }

    public async Task<Result<Tensor[]>> AskAsync(double x, double seconds = 20, string id = "request-1", CancellationToken? leaving = null)
    {
        using Tensor input = Tensor.Of<double>(DataType.Float64, [1], [x]);
        return await Target.InferAsync(new InferenceCall([input], id, TimeSpan.FromSeconds(seconds)), leaving ?? TestContext.Current.CancellationToken);
    }

    /// <summary>The answer, where there is one.</summary>
    public async Task<double> NumberAsync(double x)
    {
        Result<Tensor[]> answer = await AskAsync(x);
        Assert.True(answer.Ok, answer.Ok ? "" : $"{answer.Problems[0].Code} {answer.Problems[0].Detail}\n{await LogAsync()}");
        using Tensor only = Assert.Single(answer.Value);
        return only.Values<double>()[0];
    }

    public async Task<string> LogAsync()
    {
        StringBuilder text = new();
        foreach (ReplicaLogLine line in await LinesAsync())
            text.AppendLine(CultureInfo.InvariantCulture, $"{line.Stream} [{line.RequestId}] {line.Text}");
        return text.ToString();
    }

    public async Task<List<ReplicaLogLine>> LinesAsync()
    {
        List<ReplicaLogLine> lines = [];
        await foreach (ReplicaLogLine line in engine.LogsAsync(Id, follow: false, CancellationToken.None))
            lines.Add(line);
        return lines;
    }

    /// <summary>Process of the replica that became ready last.</summary>
    public async Task<Process> ProcessAsync()
    {
        string ready = (await LinesAsync()).Last(line => line.Text.Contains("ready after", StringComparison.Ordinal)).Text;
        int at = ready.IndexOf("process ", StringComparison.Ordinal) + 8;
        return Process.GetProcessById(int.Parse(ready[at..ready.IndexOf(',', at)], CultureInfo.InvariantCulture));
    }

    public async ValueTask DisposeAsync()
    {
        await engine.DisposeAsync();
        folder.Dispose();
    }
}

using System.Collections.Immutable;
using System.Security.Cryptography;
using Raywright.Core;
using Raywright.Core.Api;
using Raywright.Core.Artifacts;
using Raywright.Core.Engines;
using Raywright.Ray.Agent;
using Raywright.Ray.Engine;
using Raywright.Ray.Tests.Configuration;
using Raywright.TestKit;

namespace Raywright.Ray.Tests.Engine;

/// <summary>A revision that adds a number, with its files in a folder of its own.</summary>
internal sealed class DeclaredRevision : IDisposable
{
    private const string Spec = """
        model: adder
        source: model.onnx
        inputs: [{ name: x, type: float32, shape: [-1, 1] }]
        outputs: [{ name: y, type: float32, shape: [-1, 1] }]
        resources: { cpus: 0.2, memory: 64Mi }

        """;

    private static readonly HttpClient Http = new();
    private readonly TemporaryFolder folder = new();

    public DeclaredRevision(float number, int version = 1, string more = "", long? size = null)
    {
        byte[] graph = new OnnxBuilder()
            .Input("x", OnnxBuilder.Float, -1, 1).Output("y", OnnxBuilder.Float, -1, 1)
            .Initializer("c", number).Node("Add", ["x", "c"], ["y"]).Build();
        File.WriteAllBytes(folder.Combine("model.onnx"), graph);
        ImmutableArray<FileReference> files = [new("model.onnx", size ?? graph.Length, Convert.ToHexStringLower(SHA256.HashData(graph)))];
        RevisionConfig revision = Revisions.Of(Spec + more).Revision;
        Source = new(revision with { Id = $"adder-prod-{version}", Version = version, Digest = FileSet.Digest(files) }, folder.Path, Files: files);
    }

    /// <summary>What the server gives clusters.</summary>
    public static RuntimePackage Runtime { get; } = RuntimePackage.Read(Path.Combine(AppContext.BaseDirectory, "python"));

    public RevisionSource Source { get; }

    public string Id => Source.Revision.Id;

    public RayRevision For(Installation installation) => new(Source, installation, Runtime, Http, TimeProvider.System);

    public void Dispose() => folder.Dispose();
}

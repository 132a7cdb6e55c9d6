using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using Raywright.Core.Api;
using Raywright.Core.Contracts;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Core.Spec;
using Raywright.Core.Tensors;
using Raywright.TestKit;

namespace Raywright.Ray.Tests.Engine;

/// <summary>Revisions of a model that adds a number, as a server would hand them to an engine.</summary>
public sealed class Adders : IDisposable
{
    private const string Code = """
        class Model:
            def load(self, folder):
                raise RuntimeError('the table is not here')
            def predict(self, inputs):
                return inputs

        """;

    private static int instances;

    private readonly Lock gate = new();
    private readonly TemporaryFolder folder = new();

    /// <summary>Replicas of a deleted application answer a moment longer, and the next test would take them for its own if its revisions had the same IDs.</summary>
    private readonly string environment = string.Create(CultureInfo.InvariantCulture, $"dev{Interlocked.Increment(ref instances)}");

    /// <param name="addend">What it adds; each is a revision of its own.</param>
    /// <param name="replicas">How many are wanted.</param>
    /// <param name="cpus">Of one replica.</param>
    public RevisionSource Adding(int addend, int replicas = 1, double cpus = 0.2)
    {
        byte[] graph = new OnnxBuilder()
            .Input("x", OnnxBuilder.Float, -1, 1).Output("y", OnnxBuilder.Float, -1, 1)
            .Initializer("c", addend).Node("Add", ["x", "c"], ["y"]).Build();
        Contract contract = new([new InputField("x", DataType.Float32, [-1, 1], [])], [new OutputField("y", DataType.Float32, [-1, 1])]);
        return Source(addend, "model.onnx", graph, contract, replicas, cpus, null);
    }

    /// <summary>A class whose third line raises.</summary>
    public RevisionSource Broken() =>
        Source(99, "model.py", System.Text.Encoding.UTF8.GetBytes(Code), Contract.None, 1, 0.2, new PythonConfig { Flavour = PythonFlavour.Class, Code = "model.py" });

    /// <summary>What a revision answers to 1; null where it gives no answer.</summary>
    public static async Task<float?> AskAsync(IEngine engine, RevisionSource source, TimeSpan patience, CancellationToken cancellation) =>
        await TryAskAsync(engine, source, patience, cancellation) is { Ok: true } answer ? answer.Value : null;

    public static async Task<Result<float>> TryAskAsync(IEngine engine, RevisionSource source, TimeSpan patience, CancellationToken cancellation)
    {
        if (engine.Target(source.Revision.Id) is not { } target)
            return new Problem(Catalogue.NoRevision, "The engine has no such revision.");
        using Tensor one = Tensor.Of<float>(DataType.Float32, [1, 1], [1f]);
        Result<Tensor[]> answer = await target.InferAsync(new InferenceCall([one], "test", patience), cancellation);
        return answer.Ok ? answer.Value[0].Values<float>()[0] : answer.Problems;
    }

    public void Dispose() => folder.Dispose();

    private RevisionSource Source(int number, string file, byte[] bytes, Contract contract, int replicas, double cpus, PythonConfig? python)
    {
        string digest = Convert.ToHexStringLower(SHA256.HashData(bytes));
        string place = folder.Combine(digest[..16]);
        // Written once: others may be reading it.
        lock (gate)
        {
            if (!Directory.Exists(place))
                File.WriteAllBytes(Path.Combine(Directory.CreateDirectory(place).FullName, file), bytes);
        }
        RevisionConfig revision = new()
        {
            Id = string.Create(CultureInfo.InvariantCulture, $"adder-{environment}-{number}-{digest[..8]}"),
            Model = "adder",
            Environment = environment,
            Compute = "lab",
            Version = number,
            Digest = digest,
            Runtime = python is null ? RuntimeKind.Onnx : RuntimeKind.Python,
            Python = python,
            Artifact = python is null ? file : "",
            Contract = contract,
            Resources = new(cpus, 64 << 20),
            Batching = new(32, TimeSpan.FromMilliseconds(5)),
            Variables = ImmutableSortedDictionary<string, string>.Empty.Add("ADDEND", number.ToString(CultureInfo.InvariantCulture)),
            Replicas = replicas,
        };
        return new(revision, place, null, [new FileReference(file, bytes.Length, digest)]);
    }
}

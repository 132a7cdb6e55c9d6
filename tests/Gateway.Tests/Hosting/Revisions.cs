using Raywright.Core.Contracts;
using Raywright.Core.Engines;
using Raywright.Core.Spec;
using Raywright.Core.Tensors;

namespace Raywright.Gateway.Tests.Hosting;

/// <summary>Revisions of the model that <see cref="FakeTarget"/> is.</summary>
internal static class Revisions
{
    public static readonly Contract Contract = new(
        [new InputField("features", DataType.Float32, [-1, -1])],
        [new OutputField("sum", DataType.Float32, [-1])]);

    public static RevisionConfig Of(int version = 1, int maxSize = 8, Contract? contract = null, string model = "iris", string environment = "dev") => new()
    {
        Id = $"{model}-{environment}-{version}-0123abcd",
        Model = model,
        Environment = environment,
        Version = version,
        Digest = new string('0', 64),
        Runtime = RuntimeKind.Onnx,
        Artifact = "model.onnx",
        Contract = contract ?? Contract,
        Resources = new(1, 1 << 20),
        Batching = new(maxSize, TimeSpan.FromMilliseconds(5)),
    };
}

using System.Collections.Immutable;
using Raywright.Core.Artifacts.Python;
using Raywright.Core.Contracts;
using Raywright.Core.Engines;
using Raywright.Core.Tensors;
using static Raywright.Ray.Configuration.FieldSources;

namespace Raywright.Ray.Configuration;

/// <summary>What our runtime is told to load by an application that is declared (<c>raywright_runtime.ray.application</c>).</summary>
internal static class ReplicaOrder
{
    /// <summary>Requirements that the artifact shows, as pip takes them.</summary>
    public static ImmutableArray<string> Libraries(PythonConfig? python) =>
        python is null ? ["onnxruntime"] : [.. python.Libraries.Select(pair => LibraryVersions.Requirement(pair.Key, pair.Value))];

    public static ServeMap Of(RevisionConfig revision, ServeSettings settings, FieldSources sources)
    {
        PythonConfig? python = revision.Python;
        // Names of the flavours are those of the replica protocol.
        string flavour = python is null ? "onnx" : python.Flavour.ToString().ToLowerInvariant();
        ServeReason code = python?.Code is null
            ? Always("Nothing: this kind of model needs no code of its own.")
            : sources.BecauseWrittenOrFound("The file with the model's class.", "runtime.code");
        return new(
        [
            ("revision", new ServeText(revision.Id, new("What logs and answers name.", ServeSource.Revision))),
            ("model", new ServeText(revision.Model, sources.Because("What the gateway asks for.", "model"))),
            ("version", new ServeText(revision.Digest, new("Digest of the version's files: they are checked against it before anything is loaded.", ServeSource.Files))),
            ("artifact", new ServeText(revision.Artifact, sources.Because("The file that is loaded, among the version's.", "source"))),
            ("flavour", new ServeText(flavour, new("What loads it.", ServeSource.Files))),
            ("code", python?.Code is { } file ? new ServeText(file, code) : new ServeNothing(code)),
            ("arrays", new ServeText(python?.Arrays ?? "numpy", sources.Because("What inputs look like to a class.", "runtime.arrays"))),
            ("contract", Contract(revision.Contract, sources)),
            ("files", new ServeText(ReplicaPackage.VersionFolder, Always("Folder of the package that holds the version's files."))),
            .. Needs(python, sources),
            .. (settings.TokenDigest is { } digest ? (ImmutableArray<(string, ServeNode)>)[("tokenDigest", new ServeText(digest, Always("Digest of what the gateway sends with each request: replicas answer nobody else, and the cluster does not know it.")))] : []),
        ]);
    }

    private static IEnumerable<(string Key, ServeNode Value)> Needs(PythonConfig? python, FieldSources sources)
    {
        ServeReason why = sources.BecauseWrittenOrFound("What the model needs. A replica installs what its node lacks, once a node, before it loads.", "runtime.requirements");
        if (python?.Requirements is { } file)
            yield return ("requirements", new ServeText(file, why));
        yield return ("libraries", new ServeList([.. Libraries(python).Select(library => new ServeText(library))], new("Packages in the versions that made the artifact, where it shows them.", ServeSource.Files)));
        if (python?.Wheels is { } wheels)
            yield return ("wheels", new ServeText(wheels, why));
    }

    private static ServeMap Contract(Contract contract, FieldSources sources)
    {
        ServeReason? none = contract.PassThrough ? sources.Because("Nothing is checked: JSON passes through.", "contract") : null;
        return new(
        [
            ("inputs", new ServeList([.. contract.Inputs.Select(input => Input(input, sources.Because("What the replica reads a request as.", $"inputs.{input.Name}")))], none)),
            ("outputs", new ServeList([.. contract.Outputs.Select(output => Output(output, sources.Because("What the replica holds an answer against.", $"outputs.{output.Name}")))], none)),
        ]);
    }

    private static ServeMap Input(InputField input, ServeReason why)
    {
        List<(string Key, ServeNode Value)> entries = [.. Common(input.Name, input.Type, input.Shape)];
        if (!input.Columns.IsEmpty)
            entries.Add(("columns", Texts(input.Columns)));
        if (input.Nullable)
            entries.Add(("nullable", new ServeTruth(true)));
        if (input.Optional)
            entries.Add(("optional", new ServeTruth(true)));
        return new([.. entries], why);
    }

    private static ServeMap Output(OutputField output, ServeReason why)
    {
        List<(string Key, ServeNode Value)> entries = [.. Common(output.Name, output.Type, output.Shape)];
        if (output.Nullable)
            entries.Add(("nullable", new ServeTruth(true)));
        if (output.Labels is { } labels)
            entries.Add(("labels", new ServeMap([("keys", Texts(labels.Keys)), ("names", Texts(labels.Names))])));
        return new([.. entries], why);
    }

    private static IEnumerable<(string Key, ServeNode Value)> Common(string name, DataType type, ImmutableArray<long> shape) =>
    [
        ("name", new ServeText(name)),
        ("type", new ServeText(type.Name)),
        ("shape", new ServeList([.. shape.Select(size => new ServeWhole(size))])),
    ];

    private static ServeList Texts(ImmutableArray<string> texts) => new([.. texts.Select(text => new ServeText(text))]);
}

using System.Collections.Immutable;
using Raywright.Core.Errors;

namespace Raywright.Core.Artifacts.Onnx;

/// <summary>Reads the graph of an ONNX file. Source of field numbers: onnx.proto of onnx 1.19.</summary>
public static class OnnxFile
{
    /// <summary>Largest file that is looked at; larger ones keep their weights in external data.</summary>
    public const long LargestBytes = 8L << 30;

    /// <summary>Reads <paramref name="path"/>; names what it is instead where it is no ONNX model.</summary>
    public static Result<OnnxModel> Read(string path)
    {
        string name = Path.GetFileName(path);
        FileInfo file = new(path);
        if (!file.Exists)
            return new Problem(Catalogue.ArtifactMissing, $"There is no file {name}.", Field: "source");
        if (file.Length == 0)
            return new Problem(Catalogue.ArtifactEmpty, $"{name} has 0 bytes.", Field: "source");
        if (file.Length > LargestBytes)
            return new Problem(Catalogue.ArtifactTooLarge, $"{name} has {file.Length >> 20} MiB; {LargestBytes >> 20} are allowed in one ONNX file.", Field: "source");
        try
        {
            // The reader has blocks of its own.
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1);
            return Read(stream, name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Problem(Catalogue.ArtifactUnreadable, $"{name} cannot be opened: {e.Message}", Field: "source");
        }
    }

    /// <summary>Reads a model from a seekable stream; <paramref name="name"/> is what problems call it.</summary>
    public static Result<OnnxModel> Read(Stream stream, string name)
    {
        if (NotOnnx.Recognise(stream, name) is { } otherwise)
            return otherwise;
        ProtoReader reader = new(stream);
        try
        {
            return new Builder().Read(reader) is { } model
                ? model
                : new Problem(Catalogue.ArtifactNotOnnx, $"{name} has no graph: it is not an ONNX model, or it is cut off.", Field: "source");
        }
        catch (Exception e) when (e is InvalidDataException or OverflowException)
        {
            return new Problem(Catalogue.ArtifactBroken, $"{name} cannot be read as ONNX near byte {reader.Position} of {stream.Length}: {e.Message}", Field: "source");
        }
    }

    private const int MostTexts = 10_000;

    private sealed class Builder
    {
        private readonly SortedDictionary<string, long> opsets = new(StringComparer.Ordinal);
        private readonly SortedDictionary<string, string> metadata = new(StringComparer.Ordinal);
        private readonly List<OnnxValue> inputs = [];
        private readonly List<OnnxValue> outputs = [];
        private readonly List<OnnxNode> nodes = [];
        private readonly HashSet<string> initializers = new(StringComparer.Ordinal);
        private readonly SortedSet<string> external = new(StringComparer.Ordinal);
        private readonly SortedSet<string> functions = new(StringComparer.Ordinal);
        private readonly Dictionary<string, ImmutableArray<string>> texts = new(StringComparer.Ordinal);
        private long irVersion;
        private string producer = "";
        private string producerVersion = "";
        private bool graph;

        public OnnxModel? Read(ProtoReader reader)
        {
            while (reader.Next())
                ModelField(reader);
            return !graph || outputs.Count == 0 ? null : new OnnxModel(
                irVersion,
                $"{producer} {producerVersion}".Trim(),
                opsets.ToImmutableSortedDictionary(StringComparer.Ordinal),
                metadata.ToImmutableSortedDictionary(StringComparer.Ordinal),
                // Up to IR 3 every initializer is an input too; since IR 4 such an input has a default.
                [.. inputs.Where(input => irVersion >= 4 || !initializers.Contains(input.Name))
                    .Select(input => input with { Optional = initializers.Contains(input.Name) })],
                [.. outputs],
                [.. nodes],
                external.ToImmutableSortedSet(StringComparer.Ordinal),
                functions.ToImmutableSortedSet(StringComparer.Ordinal),
                texts.ToImmutableDictionary(StringComparer.Ordinal));
        }

        private void ModelField(ProtoReader reader)
        {
            switch (reader.Field)
            {
                case 1: irVersion = reader.Int(); break;
                case 2: producer = reader.Text(); break;
                case 3: producerVersion = reader.Text(); break;
                case 7: graph = true; reader.Message(field => GraphField(field, top: true)); break;
                case 8: Opset(reader); break;
                case 14: Entry(reader, metadata); break;
                case 25: Function(reader); break;
                default: reader.Skip(); break;
            }
        }

        private void GraphField(ProtoReader reader, bool top)
        {
            switch (reader.Field)
            {
                case 1: Node(reader); break;
                case 5: Tensor(reader, initializers); break;
                case 11 when top: inputs.Add(OnnxTypeReader.Value(reader)); break;
                case 12 when top: outputs.Add(OnnxTypeReader.Value(reader)); break;
                default: reader.Skip(); break;
            }
        }

        private void Opset(ProtoReader reader)
        {
            string domain = "";
            long version = 0;
            reader.Message(field =>
            {
                switch (field.Field)
                {
                    case 1: domain = field.Text(); break;
                    case 2: version = field.Int(); break;
                    default: field.Skip(); break;
                }
            });
            opsets[domain == "ai.onnx" ? "" : domain] = version;
        }

        private static void Entry(ProtoReader reader, SortedDictionary<string, string> into)
        {
            string key = "", value = "";
            reader.Message(field =>
            {
                switch (field.Field)
                {
                    case 1: key = field.Text(); break;
                    case 2: value = field.Text(); break;
                    default: field.Skip(); break;
                }
            });
            into[key] = value;
        }

        private void Function(ProtoReader reader)
        {
            string name = "", domain = "";
            reader.Message(field =>
            {
                switch (field.Field)
                {
                    case 1: name = field.Text(); break;
                    case 7: Node(field); break;
                    case 10: domain = field.Text(); break;
                    default: field.Skip(); break;
                }
            });
            functions.Add($"{domain}:{name}");
        }

        private void Node(ProtoReader reader)
        {
            string operation = "", domain = "";
            List<string> ins = [], outs = [];
            NodeAttributes attributes = new();
            reader.Message(field =>
            {
                switch (field.Field)
                {
                    case 1: ins.Add(field.Text()); break;
                    case 2: outs.Add(field.Text()); break;
                    case 4: operation = field.Text(); break;
                    case 5: attributes.Read(field, tensor => Tensor(tensor, null), sub => sub.Message(inner => GraphField(inner, top: false))); break;
                    case 7: domain = field.Text(); break;
                    default: field.Skip(); break;
                }
            });
            nodes.Add(new(operation, domain == "ai.onnx" ? "" : domain, [.. ins], [.. outs],
                attributes.Strings, attributes.Integers, attributes.Texts));
        }

        private void Tensor(ProtoReader reader, HashSet<string>? names)
        {
            string name = "";
            SortedDictionary<string, string> location = new(StringComparer.Ordinal);
            List<string> elements = [];
            reader.Message(field =>
            {
                switch (field.Field)
                {
                    case 6 when elements.Count < MostTexts: elements.Add(field.Text()); break;
                    case 8: name = field.Text(); break;
                    case 13: Entry(field, location); break;
                    default: field.Skip(); break;
                }
            });
            names?.Add(name);
            if (location.TryGetValue("location", out string? file))
                external.Add(file);
            if (elements.Count is > 0 and < MostTexts)
                texts[name] = [.. elements];
        }
    }
}

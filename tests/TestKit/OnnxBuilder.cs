using System.Text;

namespace Raywright.TestKit;

/// <summary>
/// Writes small ONNX models byte by byte, so that a test can have any graph, also one that no exporter would write.
/// Field numbers are those of onnx.proto.
/// </summary>
public sealed class OnnxBuilder
{
    public const int Float = 1;
    public const int Int64 = 7;
    public const int Text = 8;
    public const int BFloat16 = 16;

    private readonly ProtoWriter graph = new();
    private readonly ProtoWriter model = new();

    public OnnxBuilder(long irVersion = 8, long? opset = 17)
    {
        model.Number(1, irVersion);
        if (opset is { } version)
            Opset("", version);
    }

    public OnnxBuilder Opset(string domain, long version)
    {
        model.Message(8, entry => entry.Text(1, domain).Number(2, version));
        return this;
    }

    public OnnxBuilder Metadata(string key, string value)
    {
        model.Message(14, entry => entry.Text(1, key).Text(2, value));
        return this;
    }

    /// <summary>A tensor input; a negative size is symbolic, null dimensions leave the rank open.</summary>
    public OnnxBuilder Input(string name, int element, params long[]? shape) => Value(11, name, type => Tensor(type, element, shape));

    public OnnxBuilder Output(string name, int element, params long[]? shape) => Value(12, name, type => Tensor(type, element, shape));

    /// <summary>A sequence of maps from <paramref name="key"/> to float, as a ZipMap gives.</summary>
    public OnnxBuilder MapsOutput(string name, int key) => Value(12, name, type => type.Message(4, sequence => sequence.Message(1, item =>
        item.Message(5, map => map.Number(1, key).Message(2, value => Tensor(value, Float, []))))));

    public OnnxBuilder Node(string operation, string[] inputs, string[] outputs, string domain = "", Action<ProtoWriter>? attributes = null)
    {
        graph.Message(1, node =>
        {
            foreach (string input in inputs)
                node.Text(1, input);
            foreach (string output in outputs)
                node.Text(2, output);
            node.Text(4, operation).Text(7, domain);
            attributes?.Invoke(node);
        });
        return this;
    }

    /// <summary>A float tensor with a value of its own.</summary>
    public OnnxBuilder Initializer(string name, params float[] values)
    {
        graph.Message(5, tensor => tensor.Number(1, values.Length).Number(2, Float).Text(8, name).Bytes(9, System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan())));
        return this;
    }

    /// <summary>A float tensor whose values lie in another file.</summary>
    public OnnxBuilder External(string name, string location, long size)
    {
        graph.Message(5, tensor => tensor.Number(1, size).Number(2, Float).Text(8, name).Message(13, entry => entry.Text(1, "location").Text(2, location)).Number(14, 1));
        return this;
    }

    public byte[] Build()
    {
        ProtoWriter whole = new();
        whole.Raw(model.ToArray());
        whole.Bytes(7, graph.ToArray());
        return whole.ToArray();
    }

    /// <summary>Adds a list of texts to a node.</summary>
    public static void Texts(ProtoWriter node, string name, params string[] values) => node.Message(5, attribute =>
    {
        attribute.Text(1, name).Number(20, 8);
        foreach (string value in values)
            attribute.Text(9, value);
    });

    /// <summary>Adds a list of integers to a node.</summary>
    public static void Integers(ProtoWriter node, string name, params long[] values) => node.Message(5, attribute =>
    {
        attribute.Text(1, name).Number(20, 7);
        foreach (long value in values)
            attribute.Number(8, value);
    });

    /// <summary>Adds one text to a node.</summary>
    public static void Attribute(ProtoWriter node, string name, string value) => node.Message(5, attribute => attribute.Text(1, name).Number(20, 3).Text(4, value));

    private OnnxBuilder Value(int field, string name, Action<ProtoWriter> type)
    {
        graph.Message(field, value => value.Text(1, name).Message(2, type));
        return this;
    }

    private static void Tensor(ProtoWriter type, int element, long[]? shape) => type.Message(1, tensor =>
    {
        tensor.Number(1, element);
        if (shape is not null)
            tensor.Message(2, dimensions => Array.ForEach(shape, size => dimensions.Message(1, dimension => _ = size < 0 ? dimension.Text(2, "N") : dimension.Number(1, size))));
    });
}

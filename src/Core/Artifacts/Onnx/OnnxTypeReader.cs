using System.Collections.Immutable;

namespace Raywright.Core.Artifacts.Onnx;

/// <summary>Reads <c>ValueInfoProto</c> and <c>TypeProto</c>.</summary>
internal static class OnnxTypeReader
{
    public static OnnxValue Value(ProtoReader reader)
    {
        string name = "";
        OnnxType type = new OnnxType.Unknown();
        reader.Message(field =>
        {
            switch (field.Field)
            {
                case 1: name = field.Text(); break;
                case 2: type = Type(field); break;
                default: field.Skip(); break;
            }
        });
        return new(name, type);
    }

    private static OnnxType Type(ProtoReader reader)
    {
        OnnxType type = new OnnxType.Unknown();
        reader.Message(field =>
        {
            switch (field.Field)
            {
                case 1: type = Tensor(field); break;
                case 4: type = new OnnxType.OfSequence(Inner(field, 1)); break;
                case 5: type = Map(field); break;
                case 9: type = new OnnxType.OfOptional(Inner(field, 1)); break;
                default: field.Skip(); break;
            }
        });
        return type;
    }

    private static OnnxType Inner(ProtoReader reader, int number)
    {
        OnnxType type = new OnnxType.Unknown();
        reader.Message(field =>
        {
            if (field.Field == number)
                type = Type(field);
            else
                field.Skip();
        });
        return type;
    }

    private static OnnxType.OfMap Map(ProtoReader reader)
    {
        int key = 0;
        OnnxType value = new OnnxType.Unknown();
        reader.Message(field =>
        {
            switch (field.Field)
            {
                case 1: key = checked((int)field.Int()); break;
                case 2: value = Type(field); break;
                default: field.Skip(); break;
            }
        });
        return new(key, value);
    }

    private static OnnxType.OfTensor Tensor(ProtoReader reader)
    {
        int element = 0;
        List<long>? dimensions = null;
        reader.Message(field =>
        {
            switch (field.Field)
            {
                case 1: element = checked((int)field.Int()); break;
                case 2: dimensions = []; field.Message(shape => Dimension(shape, dimensions)); break;
                default: field.Skip(); break;
            }
        });
        return new(element, dimensions is null ? null : dimensions.ToImmutableArray());
    }

    private static void Dimension(ProtoReader reader, List<long> into)
    {
        if (reader.Field != 1)
        {
            reader.Skip();
            return;
        }
        long size = -1;
        reader.Message(field =>
        {
            if (field.Field == 1)
                size = field.Int() is var value and >= 0 ? value : -1;
            else
                field.Skip();
        });
        into.Add(size);
    }
}

using System.Text.Json;
using Raywright.Core.Tensors;

namespace Raywright.Core.Bodies;

/// <summary>Single elements of tensors, by index into the row-major order.</summary>
public static class Elements
{
    /// <summary>The element as JSON; NaN and Infinity as <c>null</c>.</summary>
    public static void Write(Utf8JsonWriter writer, Tensor tensor, int index)
    {
        switch (tensor.Type)
        {
            case DataType.Float32: WriteFloat(writer, tensor.Values<float>()[index]); break;
            case DataType.Float16: WriteFloat(writer, (float)tensor.Values<Half>()[index]); break;
            case DataType.Float64: WriteDouble(writer, tensor.Values<double>()[index]); break;
            case DataType.UInt64: writer.WriteNumberValue(tensor.Values<ulong>()[index]); break;
            case DataType.Bool: writer.WriteBooleanValue(tensor.Bytes[index] != 0); break;
            case DataType.String: writer.WriteStringValue(tensor.Texts[index]); break;
            case DataType.Bytes when tensor.Blobs[index] is { } blob: writer.WriteBase64StringValue(blob); break;
            case DataType.Json when tensor.Blobs[index] is { } json: writer.WriteRawValue(json, skipInputValidation: true); break;
            case DataType.Bytes or DataType.Json: writer.WriteNullValue(); break;
            default: writer.WriteNumberValue(Integer(tensor, index)); break;
        }
    }

    /// <summary>An element of an integer type (or bool) as a number.</summary>
    public static long Integer(Tensor tensor, int index) => tensor.Type switch
    {
        DataType.Int64 => tensor.Values<long>()[index],
        DataType.Int32 => tensor.Values<int>()[index],
        DataType.Int16 => tensor.Values<short>()[index],
        DataType.Int8 => (sbyte)tensor.Bytes[index],
        DataType.UInt8 or DataType.Bool => tensor.Bytes[index],
        DataType.UInt16 => tensor.Values<ushort>()[index],
        DataType.UInt32 => tensor.Values<uint>()[index],
        DataType.UInt64 => checked((long)tensor.Values<ulong>()[index]),
        _ => throw new InvalidOperationException($"A {tensor.Type.Name} is no integer."),
    };

    /// <summary>An element of a number type as a double.</summary>
    public static double Number(Tensor tensor, int index) => tensor.Type switch
    {
        DataType.Float32 => tensor.Values<float>()[index],
        DataType.Float64 => tensor.Values<double>()[index],
        DataType.Float16 => (double)tensor.Values<Half>()[index],
        DataType.UInt64 => tensor.Values<ulong>()[index],
        _ => Integer(tensor, index),
    };

    private static void WriteFloat(Utf8JsonWriter writer, float value)
    {
        if (float.IsFinite(value))
            writer.WriteNumberValue(value);
        else
            writer.WriteNullValue();
    }

    private static void WriteDouble(Utf8JsonWriter writer, double value)
    {
        if (double.IsFinite(value))
            writer.WriteNumberValue(value);
        else
            writer.WriteNullValue();
    }
}

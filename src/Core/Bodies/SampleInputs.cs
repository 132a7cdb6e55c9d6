using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Raywright.Core.Contracts;
using Raywright.Core.Tensors;

namespace Raywright.Core.Bodies;

/// <summary>Inputs that a contract allows, for warm-up, recorded cases and examples in documentation.</summary>
public static class SampleInputs
{
    /// <summary>Open dimensions besides the batch get this size.</summary>
    private const long OpenSize = 4;

    /// <summary>One row; with <paramref name="random"/> a plausible one, else the plainest.</summary>
    public static Tensor?[] Of(Contract contract, Random? random = null) =>
        [.. contract.Inputs.Select(input => input.Optional ? null : Of(input, random))];

    /// <summary>The request body for the same: <c>{"inputs": …}</c> in the form in which a person would write one row.</summary>
    public static byte[] Body(Contract contract, Random? random = null)
    {
        ArrayBufferWriter<byte> body = new();
        using Utf8JsonWriter writer = new(body);
        writer.WriteStartObject();
        writer.WriteStartObject("inputs"u8);
        Tensor?[] inputs = Of(contract, random);
        for (int index = 0; index < inputs.Length; index++)
        {
            if (inputs[index] is not { } tensor)
                continue;
            writer.WritePropertyName(contract.Inputs[index].Name);
            int at = 0;
            Write(writer, tensor, tensor.Shape, ref at);
            tensor.Dispose();
        }
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.Flush();
        return body.WrittenSpan.ToArray();
    }

    private static Tensor Of(InputField input, Random? random)
    {
        long[] shape = [.. input.Shape.Select((size, index) => size >= 0 ? size : index == 0 ? 1 : OpenSize)];
        Tensor tensor = Tensor.Rent(input.Type, shape);
        for (int index = 0; index < tensor.Count; index++)
            Fill(tensor, index, input, random);
        return tensor;
    }

    private static void Fill(Tensor tensor, int index, InputField input, Random? random)
    {
        if (tensor.Type == DataType.String)
            tensor.Texts[index] = input.Values.IsEmpty ? "example" : input.Values[random?.Next(input.Values.Length) ?? 0];
        else if (!tensor.Type.HasFixedSize)
            tensor.Blobs[index] = tensor.Type == DataType.Json ? Encoding.UTF8.GetBytes("{}") : [];
        else
            Put(tensor, index, Number(input, random));
    }

    private static double Number(InputField input, Random? random)
    {
        if (!input.Values.IsEmpty)
            return double.Parse(input.Values[random?.Next(input.Values.Length) ?? 0], CultureInfo.InvariantCulture);
        double least = input.Min ?? Math.Min(0, input.Max ?? 0);
        double most = input.Max ?? Math.Max(least, input.Type == DataType.Bool ? 1 : 5);
        double value = random is null ? Math.Clamp(0, least, most) : least + (random.NextDouble() * (most - least));
        return input.Type.IsFloat ? Math.Round(value, 2) : Math.Floor(value);
    }

    private static void Put(Tensor tensor, int index, double value)
    {
        switch (tensor.Type)
        {
            case DataType.Float32: tensor.Values<float>()[index] = (float)value; break;
            case DataType.Float64: tensor.Values<double>()[index] = value; break;
            case DataType.Float16: tensor.Values<Half>()[index] = (Half)value; break;
            case DataType.Int64: tensor.Values<long>()[index] = (long)value; break;
            case DataType.Int32: tensor.Values<int>()[index] = (int)value; break;
            case DataType.Int16: tensor.Values<short>()[index] = (short)value; break;
            case DataType.Int8: tensor.Values<sbyte>()[index] = (sbyte)value; break;
            case DataType.UInt64: tensor.Values<ulong>()[index] = (ulong)value; break;
            case DataType.UInt32: tensor.Values<uint>()[index] = (uint)value; break;
            case DataType.UInt16: tensor.Values<ushort>()[index] = (ushort)value; break;
            default: tensor.Bytes[index] = (byte)value; break;
        }
    }

    private static void Write(Utf8JsonWriter writer, Tensor tensor, ReadOnlySpan<long> shape, ref int at)
    {
        if (shape.Length == 0)
        {
            Elements.Write(writer, tensor, at++);
            return;
        }
        writer.WriteStartArray();
        for (long index = 0; index < shape[0]; index++)
            Write(writer, tensor, shape[1..], ref at);
        writer.WriteEndArray();
    }
}

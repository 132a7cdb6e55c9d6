using System.Buffers.Binary;
using System.Text;
using Raywright.Core.Tensors;

namespace Raywright.Core.Bodies;

/// <summary>
/// Tensors as the binary extension of the Open Inference Protocol lays them out: little-endian, texts with their length before each.
/// A length of -1 stands for null, for which the protocol has no word.
/// </summary>
public static class BinaryTensors
{
    private const int Null = -1;

    public static long Size(Tensor tensor) => tensor.Type switch
    {
        DataType.String => tensor.Texts.Sum(text => 4L + Encoding.UTF8.GetByteCount(text ?? "")),
        DataType.Bytes or DataType.Json => tensor.Blobs.Sum(blob => 4L + (blob?.Length ?? 0)),
        _ => tensor.Bytes.Length,
    };

    public static void Write(System.Buffers.IBufferWriter<byte> into, Tensor tensor)
    {
        if (tensor.Type.HasFixedSize)
        {
            System.Buffers.BuffersExtensions.Write(into, tensor.Bytes);
            return;
        }
        for (int index = 0; index < tensor.Count; index++)
        {
            byte[]? element = tensor.Type != DataType.String ? tensor.Blobs[index] : tensor.Texts[index] is { } text ? Encoding.UTF8.GetBytes(text) : null;
            BinaryPrimitives.WriteInt32LittleEndian(into.GetSpan(4), element?.Length ?? Null);
            into.Advance(4);
            System.Buffers.BuffersExtensions.Write(into, element);
        }
    }

    /// <summary>Reads a whole tensor from exactly <paramref name="data"/>; null where it has another size or broken lengths.</summary>
    public static Tensor? Read(DataType type, long[] shape, ReadOnlySpan<byte> data)
    {
        long count = Tensor.CountOf(shape);
        if (type.HasFixedSize)
        {
            if (count * type.Size != data.Length)
                return null;
            Tensor tensor = Tensor.Rent(type, shape);
            data.CopyTo(tensor.Bytes);
            return tensor;
        }
        // Every element has four bytes of length, so a count beyond that is a lie that must not allocate.
        if (count > data.Length / 4)
            return null;
        Tensor variable = Tensor.Rent(type, shape);
        for (int index = 0; index < count; index++)
        {
            if (data.Length < 4 || BinaryPrimitives.ReadInt32LittleEndian(data) is var length && (length < Null || length > data.Length - 4))
                return null;
            if (length == Null)
            {
                data = data[4..];
                continue;
            }
            ReadOnlySpan<byte> element = data.Slice(4, length);
            if (type == DataType.String)
                variable.Texts[index] = Encoding.UTF8.GetString(element);
            else
                variable.Blobs[index] = element.ToArray();
            data = data[(4 + length)..];
        }
        return data.IsEmpty ? variable : null;
    }
}

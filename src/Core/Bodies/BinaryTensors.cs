using System.Buffers.Binary;
using System.Text;
using Raywright.Core.Tensors;

namespace Raywright.Core.Bodies;

/// <summary>Tensors as the binary extension of the Open Inference Protocol lays them out: little-endian, texts with their length before each.</summary>
public static class BinaryTensors
{
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
            byte[] element = tensor.Type == DataType.String ? Encoding.UTF8.GetBytes(tensor.Texts[index] ?? "") : tensor.Blobs[index] ?? [];
            BinaryPrimitives.WriteInt32LittleEndian(into.GetSpan(4), element.Length);
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
            if (data.Length < 4 || BinaryPrimitives.ReadInt32LittleEndian(data) is var length && (length < 0 || length > data.Length - 4))
                return null;
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

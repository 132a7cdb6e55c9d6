using System.Buffers;
using System.Runtime.InteropServices;

namespace Raywright.Core.Tensors;

/// <summary>
/// A dense, row-major tensor. Types of fixed size lie in one (possibly rented) byte buffer, little-endian, as the
/// replica protocol and ONNX Runtime want them; text, bytes and JSON lie one object an element.
/// The first dimension is the batch. Whoever holds a tensor disposes of it; a disposed one gives its buffer back.
/// Not safe for concurrent use.
/// </summary>
public sealed class Tensor : IDisposable
{
    private byte[]? buffer;
    private readonly bool rented;
    private readonly int byteCount;
    private readonly string?[]? texts;
    private readonly byte[]?[]? blobs;

    private Tensor(DataType type, long[] shape, byte[]? buffer, bool rented, int byteCount, string?[]? texts, byte[]?[]? blobs)
    {
        Type = type;
        Shape = shape;
        this.buffer = buffer;
        this.rented = rented;
        this.byteCount = byteCount;
        this.texts = texts;
        this.blobs = blobs;
    }

    public DataType Type { get; }

    /// <summary>Dimensions, the batch first. Empty for a scalar. Not to be written to.</summary>
    public long[] Shape { get; }

    public int Rank => Shape.Length;

    /// <summary>Size of the batch axis; 1 for a scalar.</summary>
    public long Rows => Shape.Length == 0 ? 1 : Shape[0];

    public long Count => CountOf(Shape);

    /// <summary>The elements of a type of fixed size as raw little-endian bytes.</summary>
    public Span<byte> Bytes => Fixed.AsSpan(0, byteCount);

    /// <summary>The same memory, for pinning and for asynchronous input and output.</summary>
    public Memory<byte> Memory => Fixed.AsMemory(0, byteCount);

    /// <summary>The elements of a <see cref="DataType.String"/> tensor.</summary>
    public string?[] Texts => texts ?? throw new InvalidOperationException($"A {Type.Name} tensor has no texts.");

    /// <summary>The elements of a <see cref="DataType.Bytes"/> tensor, or of a <see cref="DataType.Json"/> one as UTF-8.</summary>
    public byte[]?[] Blobs => blobs ?? throw new InvalidOperationException($"A {Type.Name} tensor has no blobs.");

    private byte[] Fixed => buffer ?? throw (Type.HasFixedSize
        ? new ObjectDisposedException(nameof(Tensor))
        : new InvalidOperationException($"A {Type.Name} tensor has no fixed-size elements."));

    /// <summary>The elements as <typeparamref name="T"/>, which must have the size of <see cref="Type"/>.</summary>
    public Span<T> Values<T>() where T : unmanaged => MemoryMarshal.Cast<byte, T>(Bytes);

    /// <summary>A tensor of <paramref name="shape"/> to be filled in; the content of a fixed-size one is undefined.</summary>
    public static Tensor Rent(DataType type, long[] shape)
    {
        int count = checked((int)CountOf(shape));
        if (!type.HasFixedSize)
            return type == DataType.String
                ? new Tensor(type, shape, null, false, 0, new string?[count], null)
                : new Tensor(type, shape, null, false, 0, null, new byte[]?[count]);
        int bytes = checked(count * type.Size);
        return new Tensor(type, shape, ArrayPool<byte>.Shared.Rent(bytes), true, bytes, null, null);
    }

    /// <summary>Takes over the first <paramref name="bytes"/> bytes of a buffer rented from the shared pool.</summary>
    public static Tensor Adopt(DataType type, long[] shape, byte[] pooled, int bytes) => new(type, shape, pooled, true, bytes, null, null);

    /// <summary>Copies <paramref name="values"/>.</summary>
    public static Tensor Of<T>(DataType type, long[] shape, ReadOnlySpan<T> values) where T : unmanaged
    {
        Tensor tensor = Rent(type, shape);
        values.CopyTo(tensor.Values<T>());
        return tensor;
    }

    public static Tensor OfTexts(long[] shape, string?[] values) => new(DataType.String, shape, null, false, 0, values, null);

    public static Tensor OfBlobs(DataType type, long[] shape, byte[]?[] values) => new(type, shape, null, false, 0, null, values);

    /// <summary>Product of the dimensions; 1 for a scalar.</summary>
    public static long CountOf(ReadOnlySpan<long> shape)
    {
        long count = 1;
        foreach (long size in shape)
            count = checked(count * size);
        return count;
    }

    /// <summary>Copies rows <paramref name="start"/> … of the batch axis into a tensor of their own.</summary>
    public Tensor Slice(long start, long rows)
    {
        long[] shape = [rows, .. Shape.AsSpan(1)];
        Tensor part = Rent(Type, shape);
        int per = RowStride;
        if (Type.HasFixedSize)
            Bytes.Slice(checked((int)(start * per)), checked((int)(rows * per))).CopyTo(part.Bytes);
        else if (texts is not null)
            Array.Copy(texts, start * per, part.Texts, 0, rows * per);
        else
            Array.Copy(Blobs, start * per, part.Blobs, 0, rows * per);
        return part;
    }

    /// <summary>Joins tensors of one type and equal trailing dimensions on the batch axis.</summary>
    public static Tensor Join(ReadOnlySpan<Tensor> parts)
    {
        Tensor first = parts[0];
        long rows = 0;
        foreach (Tensor part in parts)
            rows += part.Rows;
        Tensor whole = Rent(first.Type, [rows, .. first.Shape.AsSpan(1)]);
        int at = 0;
        foreach (Tensor part in parts)
        {
            if (first.Type.HasFixedSize)
            {
                part.Bytes.CopyTo(whole.Bytes[at..]);
                at += part.byteCount;
            }
            else
            {
                Array source = (Array?)part.texts ?? part.Blobs;
                Array.Copy(source, 0, (Array?)whole.texts ?? whole.Blobs, at, source.Length);
                at += source.Length;
            }
        }
        return whole;
    }

    public void Dispose()
    {
        byte[]? mine = Interlocked.Exchange(ref buffer, null);
        if (rented && mine is not null)
            ArrayPool<byte>.Shared.Return(mine);
    }

    /// <summary>Bytes (fixed size) or elements (else) that one row takes.</summary>
    private int RowStride
    {
        get
        {
            int count = checked((int)CountOf(Shape.AsSpan(1)));
            return Type.HasFixedSize ? count * Type.Size : count;
        }
    }
}

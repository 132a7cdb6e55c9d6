using System.Buffers;
using System.Buffers.Text;

namespace Raywright.Core.Replicas;

/// <summary>Bytes that are written at the end and read as a whole; kept from call to call.</summary>
internal sealed class GrowingBuffer(int capacity) : IBufferWriter<byte>
{
    private byte[] bytes = new byte[capacity];

    public int WrittenCount { get; private set; }

    public int Capacity => bytes.Length;

    public Span<byte> Written => bytes.AsSpan(0, WrittenCount);

    public Memory<byte> Memory => bytes.AsMemory(0, WrittenCount);

    /// <summary>Forgets everything, and leaves room at the start.</summary>
    public void Reset(int room)
    {
        WrittenCount = 0;
        Reserve(room);
        WrittenCount = room;
    }

    public void Append(ReadOnlySpan<byte> more)
    {
        Reserve(more.Length);
        more.CopyTo(bytes.AsSpan(WrittenCount));
        WrittenCount += more.Length;
    }

    public void Append(long number)
    {
        Reserve(20);
        Utf8Formatter.TryFormat(number, bytes.AsSpan(WrittenCount), out int digits);
        WrittenCount += digits;
    }

    public void Advance(int count) => WrittenCount += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(1, sizeHint));
        return bytes.AsMemory(WrittenCount);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <summary>Drops the first bytes and moves the rest to the front.</summary>
    public void Consume(int count)
    {
        bytes.AsSpan(count, WrittenCount - count).CopyTo(bytes);
        WrittenCount -= count;
    }

    private void Reserve(int more)
    {
        if (bytes.Length - WrittenCount < more)
            Array.Resize(ref bytes, Math.Max(bytes.Length * 2, checked(WrittenCount + more)));
    }
}

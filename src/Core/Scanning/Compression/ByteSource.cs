using System.Buffers.Binary;

namespace Raywright.Core.Scanning.Compression;

/// <summary>Reads a stream byte by byte with a small buffer.</summary>
internal sealed class ByteSource(Stream stream)
{
    private readonly byte[] buffer = new byte[1 << 13];
    private int position;
    private int length;

    /// <summary>Bytes given out so far.</summary>
    public long Offset { get; private set; }

    /// <summary>The next byte, or -1 at the end.</summary>
    public int TryNext()
    {
        if (position == length)
        {
            position = 0;
            length = stream.Read(buffer);
            if (length <= 0)
            {
                length = 0;
                return -1;
            }
        }
        Offset++;
        return buffer[position++];
    }

    /// <exception cref="InvalidDataException">There is no further byte.</exception>
    public byte Next() => TryNext() is >= 0 and var next ? (byte)next : throw new InvalidDataException();

    public uint NextUInt32()
    {
        Span<byte> bytes = stackalloc byte[4];
        Fill(bytes);
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    public void Fill(Span<byte> bytes)
    {
        for (int i = 0; i < bytes.Length; i++)
            bytes[i] = Next();
    }

    public void Skip(long bytes)
    {
        for (; bytes > 0; bytes--)
            Next();
    }
}

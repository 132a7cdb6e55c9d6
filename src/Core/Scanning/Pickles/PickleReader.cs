using System.Buffers.Binary;
using System.Text;

namespace Raywright.Core.Scanning.Pickles;

/// <summary>Reads the bytes of a pickle in order, from any stream, with a small buffer.</summary>
internal sealed class PickleReader(Stream stream)
{
    private readonly byte[] buffer = new byte[1 << 16];
    private int position;
    private int length;

    /// <summary>Bytes consumed so far.</summary>
    public long Offset { get; private set; }

    /// <summary>The next byte, or -1 at the end.</summary>
    public int Next()
    {
        if (position == length && !Fill())
            return -1;
        Offset++;
        return buffer[position++];
    }

    public int Peek() => position == length && !Fill() ? -1 : buffer[position];

    /// <summary>A little-endian number of up to 8 bytes; null at the end. Values beyond long are negative.</summary>
    public long? Number(int bytes)
    {
        Span<byte> all = stackalloc byte[8];
        all.Clear();
        return Take(all[..bytes]) ? BinaryPrimitives.ReadInt64LittleEndian(all) : null;
    }

    public bool Take(Span<byte> into)
    {
        while (!into.IsEmpty)
        {
            if (position == length && !Fill())
                return false;
            int count = Math.Min(into.Length, length - position);
            buffer.AsSpan(position, count).CopyTo(into);
            Advance(count);
            into = into[count..];
        }
        return true;
    }

    public bool Skip(long bytes)
    {
        if (bytes < 0)
            return false;
        while (bytes > 0)
        {
            if (position == length && !Fill())
                return false;
            int count = (int)Math.Min(bytes, length - position);
            Advance(count);
            bytes -= count;
        }
        return true;
    }

    /// <summary>Bytes up to a line feed, without it; null at the end or where there are more than <paramref name="most"/>.</summary>
    public string? Line(int most)
    {
        byte[] line = new byte[64];
        int count = 0;
        for (int next; (next = Next()) != '\n'; line[count++] = (byte)next)
        {
            if (next < 0 || count >= most)
                return null;
            if (count == line.Length)
                Array.Resize(ref line, count * 2);
        }
        return Encoding.UTF8.GetString(line, 0, count);
    }

    /// <summary>
    /// A line of a text, which may be endless: a longer one than <paramref name="most"/> is passed over and given back
    /// with one character too many. Null at the end.
    /// </summary>
    public string? Text(int most)
    {
        string? line = Line(most);
        return line is null && Peek() >= 0 ? SkipLine() ? new string(' ', most + 1) : null : line;
    }

    public bool SkipLine()
    {
        for (int next; (next = Next()) != '\n';)
        {
            if (next < 0)
                return false;
        }
        return true;
    }

    private void Advance(int count)
    {
        position += count;
        Offset += count;
    }

    private bool Fill()
    {
        position = 0;
        length = stream.Read(buffer);
        return length > 0;
    }
}

namespace Raywright.Core.Scanning.Compression;

/// <summary>Decodes LZ4 frames, also several after each other. Checksums are not compared.</summary>
internal sealed class Lz4Stream(Stream inner) : DecodingStream(inner)
{
    private const uint FrameStart = 0x184D2204;
    private const int History = 1 << 16;
    private const int LargestBlock = 4 << 20;

    private readonly byte[] window = new byte[History + LargestBlock];
    private int start = History;
    private int end = History;
    private int limit;
    private bool blockChecksum;
    private bool frameChecksum;
    private bool inFrame;
    private bool ended;
    private InvalidDataException? fault;

    protected override void Decode(Span<byte> output, ref int written)
    {
        while (written < output.Length && !ended)
        {
            if (start == end && !NextBlock())
                continue;
            int count = Math.Min(output.Length - written, end - start);
            window.AsSpan(start, count).CopyTo(output[written..]);
            start += count;
            written += count;
        }
    }

    private bool NextBlock()
    {
        if (fault is not null)
            throw fault;
        if (!inFrame && !FrameHeader())
            return false;
        uint size = Input.NextUInt32();
        if (size == 0)
        {
            Input.Skip(frameChecksum ? 4 : 0);
            inFrame = false;
            return false;
        }
        int length = (int)(size & int.MaxValue);
        if (length > LargestBlock)
            throw new InvalidDataException();
        // Later blocks refer to what came before.
        int kept = Math.Min(History, end);
        window.AsSpan(end - kept, kept).CopyTo(window.AsSpan(History - kept));
        start = end = History;
        try
        {
            if ((size & 0x8000_0000) != 0)
                Plain(length);
            else
                Packed(Input.Offset + length);
            Input.Skip(blockChecksum ? 4 : 0);
        }
        catch (InvalidDataException e) when (end > start)
        {
            fault = e;
        }
        return true;
    }

    private bool FrameHeader()
    {
        int first = Input.TryNext();
        if (first < 0)
        {
            ended = true;
            return false;
        }
        uint magic = (uint)(first | Input.Next() << 8 | Input.Next() << 16 | Input.Next() << 24);
        if (magic is >= 0x184D2A50 and <= 0x184D2A5F)
        {
            Input.Skip(Input.NextUInt32());
            return false;
        }
        if (magic != FrameStart)
            throw new InvalidDataException();
        int flags = Input.Next();
        int size = Input.Next() >> 4 & 7;
        limit = size < 4 ? throw new InvalidDataException() : 1 << (8 + size * 2);
        blockChecksum = (flags & 0x10) != 0;
        frameChecksum = (flags & 4) != 0;
        Input.Skip(((flags & 8) != 0 ? 8 : 0) + ((flags & 1) != 0 ? 4 : 0) + 1);
        inFrame = true;
        return true;
    }

    private void Plain(int length)
    {
        for (; length > 0; length--)
            Put(Input.Next());
    }

    private void Packed(long until)
    {
        while (Input.Offset < until)
        {
            int token = Input.Next();
            Plain(Extended(token >> 4));
            if (Input.Offset >= until)
                return;
            int distance = Input.Next() | Input.Next() << 8;
            int from = end - distance;
            if (distance == 0 || from < 0)
                throw new InvalidDataException();
            for (int length = Extended(token & 15) + 4; length > 0; length--)
                Put(window[from++]);
        }
    }

    private int Extended(int first)
    {
        if (first < 15)
            return first;
        int length = 15, next;
        do
        {
            next = Input.Next();
            length += next;
            if (length > LargestBlock)
                throw new InvalidDataException();
        }
        while (next == 255);
        return length;
    }

    private void Put(byte value)
    {
        if (end - History >= limit)
            throw new InvalidDataException();
        window[end++] = value;
    }
}

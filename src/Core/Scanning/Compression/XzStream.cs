namespace Raywright.Core.Scanning.Compression;

/// <summary>Decodes .xz with its usual filter, LZMA2, also several streams after each other. Checksums are not compared.</summary>
internal sealed class XzStream : DecodingStream
{
    private const int Lzma2Filter = 0x21;

    private readonly LzmaDecoder decoder;
    private int checkLength = -1;
    private bool inBlock;
    private long blockStart;
    private int left;
    private bool plain;
    private bool ended;

    public XzStream(Stream inner)
        : base(inner) => decoder = new(Input);

    protected override void Decode(Span<byte> output, ref int written)
    {
        while (written < output.Length && !ended)
        {
            if (left == 0 && !NextChunk())
                continue;
            int most = Math.Min(left, output.Length - written);
            int before = written;
            try
            {
                if (plain)
                    Copy(output[..(written + most)], ref written);
                else
                    decoder.Decode(output[..(written + most)], ref written);
            }
            finally
            {
                left -= written - before;
            }
            if (decoder.Ended)
                throw new InvalidDataException();
        }
    }

    private void Copy(Span<byte> output, ref int written)
    {
        while (written < output.Length)
            output[written++] = decoder.Literal(Input.Next());
    }

    /// <summary>Goes to the next chunk; false where it was something else, or the end.</summary>
    private bool NextChunk()
    {
        if (checkLength < 0 && !StreamHeader())
            return false;
        if (!inBlock && !BlockHeader())
            return false;
        int control = Input.Next();
        if (control == 0)
        {
            inBlock = false;
            Align(blockStart);
            Input.Skip(checkLength);
            return false;
        }
        if (control is 1 or >= 0xE0)
            decoder.ResetWindow();
        plain = control < 0x80;
        if (plain && control > 2)
            throw new InvalidDataException();
        left = (plain ? 0 : (control & 0x1F) << 16) + (Input.Next() << 8) + Input.Next() + 1;
        if (plain)
            return true;
        Input.Skip(2);
        if (control >= 0xC0)
            decoder.Properties(Input.Next());
        else if (control >= 0xA0)
            decoder.ResetState();
        decoder.StartRange();
        return true;
    }

    private bool StreamHeader()
    {
        int first = Input.TryNext();
        while (first == 0)
            first = Input.TryNext();
        Span<byte> rest = stackalloc byte[11];
        if (first < 0 || first != 0xFD)
        {
            ended = true;
            return Input.Offset <= 1 ? throw new InvalidDataException() : false;
        }
        Input.Fill(rest);
        if (!rest.StartsWith("7zXZ\0\0"u8))
            throw new InvalidDataException();
        int check = rest[6] & 0x0F;
        checkLength = check == 0 ? 0 : 4 << ((check - 1) / 3);
        return true;
    }

    private bool BlockHeader()
    {
        long start = Input.Offset;
        int size = Input.Next();
        if (size == 0)
        {
            Index(start);
            return false;
        }
        long end = start + (size + 1) * 4;
        int flags = Input.Next();
        if ((flags & 0x40) != 0)
            Number();
        if ((flags & 0x80) != 0)
            Number();
        // Other filters change the bytes; joblib and Python use this one alone.
        if ((flags & 3) != 0 || Number() != Lzma2Filter)
            throw new InvalidDataException();
        Input.Skip(Number());
        if (Input.Offset > end)
            throw new InvalidDataException();
        Input.Skip(end - Input.Offset);
        blockStart = Input.Offset;
        inBlock = true;
        return true;
    }

    /// <summary>The index and footer that end a stream; another stream may follow.</summary>
    private void Index(long start)
    {
        for (long records = Number(); records > 0; records--)
        {
            Number();
            Number();
        }
        Align(start);
        Input.Skip(4 + 12);
        checkLength = -1;
    }

    private void Align(long start) => Input.Skip((4 - (Input.Offset - start) % 4) % 4);

    private long Number()
    {
        long number = 0;
        for (int shift = 0; shift < 63; shift += 7)
        {
            byte next = Input.Next();
            number |= (long)(next & 0x7F) << shift;
            if (next < 0x80)
                return number;
        }
        throw new InvalidDataException();
    }
}

namespace Raywright.Core.Scanning.Compression;

/// <summary>Decodes bzip2, also several streams after each other. Checksums are not compared.</summary>
internal sealed class Bzip2Stream(Stream inner) : DecodingStream(inner)
{
    private const int GroupLength = 50;
    private const ulong BlockStart = 0x314159265359;
    private const ulong StreamEnd = 0x177245385090;

    private uint[]? block;
    private int left;
    private uint next;
    private int repeated;
    private int last = -1;
    private int pending;
    private ulong bits;
    private int bitCount;
    private int blockSize;
    private bool ended;

    protected override void Decode(Span<byte> output, ref int written)
    {
        while (written < output.Length)
        {
            if (pending > 0)
            {
                output[written++] = (byte)last;
                pending--;
                continue;
            }
            if (left == 0 && !NextBlock())
                return;
            next = block![next];
            int value = (int)(next & 0xFF);
            next >>= 8;
            left--;
            if (repeated == 4)
            {
                // After four equal bytes comes how many more there are.
                pending = value;
                repeated = 0;
                continue;
            }
            repeated = value == last ? repeated + 1 : 1;
            last = value;
            output[written++] = (byte)value;
        }
    }

    private bool NextBlock()
    {
        if (ended || (blockSize == 0 && !StreamHeader()))
            return false;
        while (true)
        {
            ulong magic = (ulong)Bits(24) << 24 | (uint)Bits(24);
            Bits(16);
            Bits(16);
            if (magic == BlockStart)
                break;
            if (magic != StreamEnd)
                throw new InvalidDataException();
            bitCount -= bitCount % 8;
            if (!StreamHeader())
                return false;
        }
        if (Bits(1) != 0)
            throw new InvalidDataException("Randomised blocks are of the last century.");
        Block();
        return true;
    }

    private bool StreamHeader()
    {
        int first = bitCount >= 8 ? Bits(8) : Input.TryNext();
        if (first < 0 || first != 'B')
        {
            // What follows the last stream is not part of it.
            ended = true;
            return first < 0 || blockSize > 0 ? false : throw new InvalidDataException();
        }
        if (Bits(8) != 'Z' || Bits(8) != 'h' || Bits(8) - '0' is not (>= 1 and <= 9 and var level))
            throw new InvalidDataException();
        blockSize = level * 100_000;
        block ??= new uint[900_000];
        return true;
    }

    private int Bits(int count)
    {
        while (bitCount < count)
        {
            bits = bits << 8 | Input.Next();
            bitCount += 8;
        }
        bitCount -= count;
        return (int)(bits >> bitCount & ((1UL << count) - 1));
    }

    private void Block()
    {
        int origin = Bits(24);
        byte[] symbols = Symbols();
        int alphabet = symbols.Length + 2;
        int tableCount = Bits(3);
        int selectorCount = Bits(15);
        if (tableCount is < 2 or > 6 || selectorCount == 0 || symbols.Length == 0)
            throw new InvalidDataException();
        byte[] selectors = Selectors(tableCount, selectorCount);
        PrefixCode[] codes = new PrefixCode[tableCount];
        for (int i = 0; i < tableCount; i++)
            codes[i] = PrefixCode.Read(Bits, alphabet);
        int length = Fill(symbols, alphabet - 1, selectors, codes);
        Invert(length, origin);
    }

    private byte[] Symbols()
    {
        List<byte> symbols = [];
        int groups = Bits(16);
        for (int group = 0; group < 16; group++)
        {
            if ((groups & (0x8000 >> group)) == 0)
                continue;
            int members = Bits(16);
            for (int member = 0; member < 16; member++)
            {
                if ((members & (0x8000 >> member)) != 0)
                    symbols.Add((byte)(group * 16 + member));
            }
        }
        return [.. symbols];
    }

    private byte[] Selectors(int tables, int count)
    {
        byte[] order = [.. Enumerable.Range(0, tables).Select(table => (byte)table)];
        byte[] selectors = new byte[count];
        for (int i = 0; i < count; i++)
        {
            int position = 0;
            while (Bits(1) != 0)
            {
                if (++position >= tables)
                    throw new InvalidDataException();
            }
            selectors[i] = ToFront(order, position);
        }
        return selectors;
    }

    /// <summary>Undoes the prefix codes, run lengths and the move to front: the sorted bytes.</summary>
    private int Fill(byte[] symbols, int endSymbol, byte[] selectors, PrefixCode[] codes)
    {
        int length = 0, run = 0, weight = 1;
        for (int i = 0; ; i++)
        {
            if (i / GroupLength >= selectors.Length)
                throw new InvalidDataException();
            int symbol = codes[selectors[i / GroupLength]].Next(Bits);
            if (symbol <= 1)
            {
                run += weight << symbol;
                weight = weight >= 1 << 21 ? throw new InvalidDataException() : weight << 1;
                continue;
            }
            if (run > blockSize - length)
                throw new InvalidDataException();
            block.AsSpan(length, run).Fill(symbols[0]);
            length += run;
            (run, weight) = (0, 1);
            if (symbol == endSymbol)
                return length;
            if (length == blockSize || symbol - 1 >= symbols.Length)
                throw new InvalidDataException();
            block![length++] = ToFront(symbols, symbol - 1);
        }
    }

    private static byte ToFront(byte[] list, int position)
    {
        byte value = list[position];
        Array.Copy(list, 0, list, 1, position);
        list[0] = value;
        return value;
    }

    /// <summary>Undoes the Burrows-Wheeler transform: each place gets the index of the byte after it in the upper bits.</summary>
    private void Invert(int length, int origin)
    {
        if (origin >= length)
            throw new InvalidDataException();
        int[] starts = new int[256];
        for (int i = 0; i < length; i++)
            starts[block![i] & 0xFF]++;
        int sum = 0;
        for (int i = 0; i < 256; i++)
            (starts[i], sum) = (sum, sum + starts[i]);
        for (int i = 0; i < length; i++)
            block![starts[block[i] & 0xFF]++] |= (uint)i << 8;
        next = block![origin] >> 8;
        left = length;
        (repeated, last) = (0, -1);
    }
}

namespace Raywright.Core.Scanning.Compression;

/// <summary>A canonical prefix code of bzip2, decoded bit by bit.</summary>
internal sealed class PrefixCode
{
    private const int Longest = 20;

    private readonly int[] counts = new int[Longest + 2];
    private readonly int[] symbols;

    private PrefixCode(byte[] lengths)
    {
        foreach (byte length in lengths)
            counts[length]++;
        symbols = [.. Enumerable.Range(0, lengths.Length).OrderBy(symbol => lengths[symbol])];
    }

    public static PrefixCode Read(Func<int, int> bits, int alphabet)
    {
        byte[] lengths = new byte[alphabet];
        int length = bits(5);
        for (int i = 0; i < alphabet; i++)
        {
            while (true)
            {
                if (length is < 1 or > Longest)
                    throw new InvalidDataException();
                if (bits(1) == 0)
                    break;
                length += bits(1) == 0 ? 1 : -1;
            }
            lengths[i] = (byte)length;
        }
        return new(lengths);
    }

    public int Next(Func<int, int> bits)
    {
        int code = 0, first = 0, index = 0;
        for (int length = 1; length <= Longest; length++)
        {
            code |= bits(1);
            int count = counts[length];
            if (code - first < count)
                return symbols[index + code - first];
            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }
        throw new InvalidDataException();
    }
}

using System.Text;

namespace Raywright.Core.Scanning.Archives;

/// <summary>One header of 512 bytes in a tar archive.</summary>
internal readonly record struct TarHeader(string Name, string Link, char Type, long Size)
{
    public const int Length = 512;

    /// <summary>Reads a header; null where its checksum is wrong.</summary>
    public static TarHeader? Read(ReadOnlySpan<byte> block)
    {
        if (!HasChecksum(block))
            return null;
        string name = Text(block[..100]);
        if (block.Slice(257, 5).SequenceEqual("ustar"u8) && Text(block.Slice(345, 155)) is { Length: > 0 } prefix && block[263] == '0')
            name = $"{prefix}/{name}";
        return new(name, Text(block.Slice(157, 100)), (char)block[156], Number(block.Slice(124, 12)));
    }

    /// <summary>Whether the block's checksum holds, which nothing but tar has by chance.</summary>
    public static bool HasChecksum(ReadOnlySpan<byte> block)
    {
        long sum = 0, signed = 0;
        for (int i = 0; i < Length; i++)
        {
            byte value = i is >= 148 and < 156 ? (byte)' ' : block[i];
            sum += value;
            signed += (sbyte)value;
        }
        long expected = Number(block.Slice(148, 8));
        // Old programs summed signed bytes.
        return sum != 8 * ' ' && (expected == sum || expected == signed);
    }

    public static string Text(ReadOnlySpan<byte> field)
    {
        int end = field.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? field : field[..end]);
    }

    /// <summary>An octal number, or a binary one where the first bit is set; -1 where it is neither.</summary>
    private static long Number(ReadOnlySpan<byte> field)
    {
        long number = 0;
        if (field[0] == 0x80)
        {
            foreach (byte digit in field[1..])
            {
                if (number > long.MaxValue >> 8)
                    return -1;
                number = number << 8 | digit;
            }
            return number;
        }
        foreach (byte digit in field.Trim(" \0"u8))
        {
            if (digit is < (byte)'0' or > (byte)'7' || number > long.MaxValue >> 3)
                return -1;
            number = number << 3 | (uint)(digit - '0');
        }
        return number;
    }
}

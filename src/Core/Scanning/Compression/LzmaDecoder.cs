namespace Raywright.Core.Scanning.Compression;

/// <summary>
/// The LZMA algorithm: range decoder, state machine and window. Names as in the LZMA specification of Igor Pavlov.
/// The window grows with the output, so that a header cannot ask for memory that the data does not fill.
/// </summary>
internal sealed class LzmaDecoder(ByteSource input)
{
    private const int LargestWindow = 1 << 27;
    private const int States = 12;
    private const uint Top = 1 << 24;
    private const ushort Half = 1 << 10;

    private readonly ushort[] isMatch = new ushort[States << 4];
    private readonly ushort[] isRep = new ushort[States];
    private readonly ushort[] isRep0 = new ushort[States];
    private readonly ushort[] isRep1 = new ushort[States];
    private readonly ushort[] isRep2 = new ushort[States];
    private readonly ushort[] isRep0Long = new ushort[States << 4];
    private readonly ushort[] slots = new ushort[4 << 6];
    private readonly ushort[] special = new ushort[1 + 128];
    private readonly ushort[] align = new ushort[16];
    private readonly ushort[] lengths = new ushort[LengthCoder];
    private readonly ushort[] repeatLengths = new ushort[LengthCoder];
    private ushort[] literals = [];

    private const int LengthCoder = 2 + (16 << 3) * 2 + 256;

    private byte[] window = new byte[1 << 16];
    private int position;
    private long total;
    private int lc, lp, pb;
    private int state;
    private uint rep0, rep1, rep2, rep3;
    private uint range, code;
    private int copying;

    /// <summary>Whether the data said that it ends here.</summary>
    public bool Ended { get; private set; }

    public void Properties(int properties)
    {
        if (properties >= 9 * 5 * 5)
            throw new InvalidDataException();
        (lc, lp, pb) = (properties % 9, properties / 9 % 5, properties / 45);
        literals = new ushort[0x300 << (lc + lp)];
        ResetState();
    }

    public void ResetState()
    {
        foreach (ushort[] probabilities in (ushort[][])[isMatch, isRep, isRep0, isRep1, isRep2, isRep0Long, slots, special, align, lengths, repeatLengths, literals])
            Array.Fill(probabilities, Half);
        (state, rep0, rep1, rep2, rep3, copying) = (0, 0, 0, 0, 0, 0);
    }

    public void ResetWindow() => total = 0;

    public void StartRange()
    {
        if (input.Next() != 0)
            throw new InvalidDataException();
        (range, code) = (uint.MaxValue, 0);
        for (int i = 0; i < 4; i++)
            code = code << 8 | input.Next();
    }

    /// <summary>A byte that is not compressed.</summary>
    public byte Literal(byte value)
    {
        Put(value);
        return value;
    }

    /// <summary>Decodes until the output is full or the data ends.</summary>
    public void Decode(Span<byte> output, ref int written)
    {
        if (literals.Length == 0)
            throw new InvalidDataException();
        while (written < output.Length && !Ended)
        {
            if (copying > 0)
            {
                copying--;
                output[written++] = Literal(Back(rep0));
                continue;
            }
            int posState = (int)(total & ((1 << pb) - 1));
            if (Bit(ref isMatch[(state << 4) + posState]) == 0)
                output[written++] = LiteralSymbol();
            else if (Bit(ref isRep[state]) != 0)
                Repeat(posState);
            else
                Match(posState);
        }
    }

    private byte LiteralSymbol()
    {
        int previous = total > 0 ? Back(0) : 0;
        int context = ((int)(total & ((1 << lp) - 1)) << lc) + (previous >> (8 - lc));
        Span<ushort> probabilities = literals.AsSpan(0x300 * context, 0x300);
        uint symbol = 1;
        if (state >= 7)
        {
            uint match = Back(rep0);
            while (symbol < 0x100)
            {
                uint matchBit = match >> 7 & 1;
                match <<= 1;
                uint bit = Bit(ref probabilities[(int)(((1 + matchBit) << 8) + symbol)]);
                symbol = symbol << 1 | bit;
                if (matchBit != bit)
                    break;
            }
        }
        while (symbol < 0x100)
            symbol = symbol << 1 | Bit(ref probabilities[(int)symbol]);
        state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
        return Literal((byte)symbol);
    }

    private void Match(int posState)
    {
        (rep3, rep2, rep1) = (rep2, rep1, rep0);
        int length = Length(lengths, posState);
        state = state < 7 ? 7 : 10;
        rep0 = Distance(length);
        if (rep0 == uint.MaxValue)
        {
            Ended = true;
            return;
        }
        copying = length + 2;
        Reachable();
    }

    private void Repeat(int posState)
    {
        if (total == 0)
            throw new InvalidDataException();
        if (Bit(ref isRep0[state]) == 0)
        {
            if (Bit(ref isRep0Long[(state << 4) + posState]) == 0)
            {
                state = state < 7 ? 9 : 11;
                copying = 1;
                Reachable();
                return;
            }
        }
        else if (Bit(ref isRep1[state]) == 0)
            (rep0, rep1) = (rep1, rep0);
        else if (Bit(ref isRep2[state]) == 0)
            (rep0, rep1, rep2) = (rep2, rep0, rep1);
        else
            (rep0, rep1, rep2, rep3) = (rep3, rep0, rep1, rep2);
        copying = Length(repeatLengths, posState) + 2;
        state = state < 7 ? 8 : 11;
        Reachable();
    }

    private void Reachable()
    {
        if (rep0 >= total || rep0 >= LargestWindow)
            throw new InvalidDataException();
    }

    /// <summary>Choice bits, then low, middle and high trees in one array.</summary>
    private int Length(ushort[] coder, int posState)
    {
        if (Bit(ref coder[0]) == 0)
            return (int)Tree(coder.AsSpan(2 + (posState << 3)), 3);
        if (Bit(ref coder[1]) == 0)
            return 8 + (int)Tree(coder.AsSpan(2 + (16 << 3) + (posState << 3)), 3);
        return 16 + (int)Tree(coder.AsSpan(2 + (16 << 3) * 2), 8);
    }

    private uint Distance(int length)
    {
        uint slot = Tree(slots.AsSpan(Math.Min(length, 3) << 6), 6);
        if (slot < 4)
            return slot;
        int direct = (int)(slot >> 1) - 1;
        uint distance = (2 | (slot & 1)) << direct;
        if (slot < 14)
            return distance + ReverseTree(special.AsSpan((int)(distance - slot)), direct);
        for (int i = direct - 4; i > 0; i--)
        {
            range >>= 1;
            uint bit = code >= range ? 1u : 0;
            code -= bit * range;
            distance += bit << (i + 3);
            Normalize();
        }
        return distance + ReverseTree(align, 4);
    }

    private uint Tree(Span<ushort> probabilities, int bits)
    {
        uint symbol = 1;
        for (int i = 0; i < bits; i++)
            symbol = symbol << 1 | Bit(ref probabilities[(int)symbol]);
        return symbol - (1u << bits);
    }

    private uint ReverseTree(Span<ushort> probabilities, int bits)
    {
        uint symbol = 1, value = 0;
        for (int i = 0; i < bits; i++)
        {
            uint bit = Bit(ref probabilities[(int)symbol]);
            symbol = symbol << 1 | bit;
            value |= bit << i;
        }
        return value;
    }

    private uint Bit(ref ushort probability)
    {
        uint bound = (range >> 11) * probability;
        uint bit = code < bound ? 0u : 1;
        if (bit == 0)
        {
            range = bound;
            probability += (ushort)(((1 << 11) - probability) >> 5);
        }
        else
        {
            range -= bound;
            code -= bound;
            probability -= (ushort)(probability >> 5);
        }
        Normalize();
        return bit;
    }

    private void Normalize()
    {
        if (range < Top)
        {
            range <<= 8;
            code = code << 8 | input.Next();
        }
    }

    private byte Back(uint distance)
    {
        if (distance >= total)
            throw new InvalidDataException();
        int at = position - 1 - (int)distance;
        return window[at < 0 ? at + window.Length : at];
    }

    private void Put(byte value)
    {
        if (position == window.Length)
        {
            if (window.Length < LargestWindow)
                Array.Resize(ref window, window.Length * 2);
            else
                position = 0;
        }
        window[position++] = value;
        total++;
    }
}

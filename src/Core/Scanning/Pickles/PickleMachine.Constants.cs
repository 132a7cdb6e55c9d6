using System.Globalization;
using System.Text;

namespace Raywright.Core.Scanning.Pickles;

/// <summary>Numbers, texts and bytes.</summary>
internal sealed partial class PickleMachine
{
    // No module or name is longer; a longer line is none that a library wrote.
    private const int LongestLine = 1 << 16;
    private const int LongestText = 1024;

    /// <summary>Values that stand in the pickle; null where the opcode is none.</summary>
    private bool? Constant(int opcode)
    {
        switch (opcode)
        {
            case 'N': return Push(PickleValue.None);
            case 0x88 or 0x89: return Push(NumberValue.Of(0x89 - opcode));
            case 'K': return PushNumber(reader.Number(1));
            case 'M': return PushNumber(reader.Number(2));
            case 'J': return PushNumber((int?)reader.Number(4));
            case 'G': return reader.Skip(8) && Push(PickleValue.Plain);
            case 0x8A: return Long(reader.Number(1));
            case 0x8B: return reader.Number(4) is { } size && reader.Skip((int)size) && Push(PickleValue.Plain);
            case 'I' or 'L': return Digits(reader.Text(LongestLine));
            case 'F': return reader.SkipLine() && Push(PickleValue.Plain);
            case 'S': return Quoted(reader.Text(LongestLine));
            case 'V': return Escaped(reader.Text(LongestLine));
            case 'U' or 0x8C: return Text(reader.Number(1));
            case 'T' or 'X': return Text(reader.Number(4));
            case 0x8D: return Text(reader.Number(8));
            case 'C': return Bytes(reader.Number(1));
            case 'B': return Bytes(reader.Number(4));
            case 0x8E or 0x96: return Bytes(reader.Number(8));
            case 0x97: return Push(PickleValue.Plain);
            case 0x98: Top(); return true;
            case 0x80: return reader.Number(1) is not null;
            case 0x95: return Frame(reader.Number(8));
            default: return null;
        }
    }

    private bool PushNumber(long? number) => number is { } known && Push(NumberValue.Of(known));

    private bool Frame(long? size)
    {
        if (size is not { } length)
            return false;
        frameEnd = length < 0 || length > long.MaxValue - reader.Offset ? long.MaxValue : reader.Offset + length;
        return true;
    }

    private bool Long(long? size)
    {
        if (size is not { } length)
            return false;
        if (length is 0 or > 8)
            return reader.Skip(length) && Push(length == 0 ? NumberValue.Of(0) : PickleValue.Plain);
        // The highest bit is the sign.
        int unused = 64 - (int)length * 8;
        return reader.Number((int)length) is { } number && Push(NumberValue.Of(number << unused >> unused));
    }

    private bool Digits(string? line)
    {
        if (line is null)
            return false;
        return Push(long.TryParse(line.AsSpan().TrimEnd('L'), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number)
            ? NumberValue.Of(number)
            : PickleValue.Plain);
    }

    private bool Text(long? size)
    {
        if (size is not { } length)
            return false;
        if (length is < 0 or > LongestText)
            return reader.Skip(length) && Push(PickleValue.UnknownText);
        Span<byte> text = stackalloc byte[(int)length];
        return reader.Take(text) && Push(Kept(Encoding.UTF8.GetString(text)));
    }

    private bool Bytes(long? size)
    {
        if (size is not { } length)
            return false;
        if (length is < 0 or > CallRules.LongestBytes)
            return reader.Skip(length) && Push(PickleValue.Plain);
        // Only an inner pickle is of interest, and that needs a few bytes.
        if (length < 8)
            return reader.Skip(length) && Push(PickleValue.Plain);
        return findings.KeepsBytes(length) ? Blob(new byte[length]) : reader.Skip(length) && Push(PickleValue.Plain);
    }

    private bool Blob(byte[] bytes) => reader.Take(bytes) && Push(new BytesValue(bytes));

    /// <summary>A Python 2 string in quotes, with the escapes of a literal.</summary>
    private bool Quoted(string? line)
    {
        if (line is null)
            return false;
        string text = line.Trim();
        return Push(text.Length is >= 2 and <= LongestLine && text[0] is '\'' or '"' ? Kept(Unescape(text[1..^1], literal: true)) : PickleValue.UnknownText);
    }

    private bool Escaped(string? line) =>
        line is not null && Push(line.Length > LongestLine ? PickleValue.UnknownText : Kept(Unescape(line, literal: false)));

    private PickleValue Kept(string text) => text.Length <= LongestText && findings.KeepsText(text.Length) ? new TextValue(text) : PickleValue.UnknownText;

    private static string Unescape(string text, bool literal)
    {
        if (!text.Contains('\\', StringComparison.Ordinal))
            return text;
        StringBuilder plain = new(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\' || i + 1 == text.Length)
            {
                plain.Append(text[i]);
                continue;
            }
            char kind = text[++i];
            int digits = kind switch { 'u' when !literal => 4, 'U' when !literal => 8, 'x' when literal => 2, _ => 0 };
            if (digits > 0 && i + digits < text.Length && int.TryParse(text.AsSpan(i + 1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int code) && Rune.IsValid(code))
            {
                plain.Append(new Rune(code).ToString());
                i += digits;
            }
            else if (literal && kind is >= '0' and <= '7')
                i += Octal(text.AsSpan(i), plain) - 1;
            else if (literal)
                plain.Append(kind is 'n' ? '\n' : kind is 't' ? '\t' : kind);
            else
                plain.Append('\\').Append(kind);
        }
        return plain.ToString();
    }

    private static int Octal(ReadOnlySpan<char> digits, StringBuilder plain)
    {
        int value = 0, count = 0;
        while (count < 3 && count < digits.Length && digits[count] is >= '0' and <= '7')
            value = value * 8 + digits[count++] - '0';
        plain.Append((char)value);
        return count;
    }
}

using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Raywright.Core.Errors;
using Raywright.Core.Scanning.Pickles;

namespace Raywright.Core.Scanning.Formats;

/// <summary>NumPy's .npy format: a header, then raw elements or, for elements of type object, a pickle.</summary>
internal static partial class NumpyFile
{
    private const int LargestHeader = 1 << 20;

    public static void Scan(Content content, ScanNotes notes, ReadOnlySpan<byte> head)
    {
        int prefix = head is [_, _, _, _, _, _, 1, ..] ? 10 : 12;
        long size = head.Length < prefix ? -1 : prefix == 10 ? BinaryPrimitives.ReadUInt16LittleEndian(head[8..]) : BinaryPrimitives.ReadUInt32LittleEndian(head[8..]);
        if (size is < 2 or > LargestHeader)
        {
            Broken(content, notes, "its header has no possible length");
            return;
        }
        byte[] bytes = content.Head(prefix + (int)size);
        string header = Encoding.Latin1.GetString(bytes.AsSpan(Math.Min(prefix, bytes.Length)));
        if (header.Length < size || !header.StartsWith('{'))
        {
            Broken(content, notes, "its header is cut off or damaged");
            return;
        }
        if (ObjectType().IsMatch(header))
        {
            PickleScan.Scan(content, notes, expected: true, prefix + (int)size);
            return;
        }
        if (content.Length is { } length && Elements(header) is { } elements && elements > length - prefix - size)
            Broken(content, notes, $"it declares {elements} bytes of elements and has {length - prefix - size}");
    }

    private static void Broken(Content content, ScanNotes notes, string detail) =>
        notes.Add(content, ScanVerdict.Invalid, Catalogue.ScanNumpyBroken, detail);

    /// <summary>Bytes of a plain array; null for structured types and for what cannot be told.</summary>
    private static long? Elements(string header)
    {
        Match type = PlainType().Match(header);
        Match shape = Shape().Match(header);
        if (!type.Success || !shape.Success || !long.TryParse(type.Groups["size"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out long bytes))
            return null;
        if (type.Groups["kind"].ValueSpan is "U")
            bytes = checked(bytes > int.MaxValue ? long.MaxValue / 4 : bytes) * 4;
        foreach (string size in shape.Groups["sizes"].Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!long.TryParse(size.TrimEnd('L'), NumberStyles.None, CultureInfo.InvariantCulture, out long count))
                return null;
            bytes = count != 0 && bytes > long.MaxValue / count ? long.MaxValue : bytes * count;
        }
        return bytes;
    }

    // Any O in a type text counts, also escaped or inside a structured type: taking one too many costs nothing.
    [GeneratedRegex("""['"][<>|=]?O\d*['"]|\\x4f|\\117|\\u004f|\\N\{""", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex ObjectType();

    [GeneratedRegex("""['"]descr['"]\s*:\s*['"][<>|=]?(?<kind>[a-zA-Z?])(?<size>\d+)['"]""", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex PlainType();

    [GeneratedRegex("""['"]shape['"]\s*:\s*\((?<sizes>[^)]*)\)""", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Shape();
}

using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Raywright.Core.Errors;
using Raywright.Core.Scanning.Archives;
using Raywright.Core.Scanning.Pickles;

namespace Raywright.Core.Scanning.Formats;

/// <summary>NumPy's .npy format: a header, then raw elements or, for elements of type object, a pickle.</summary>
internal static partial class NumpyFile
{
    private const int LargestHeader = 1 << 20;
    private static readonly byte[] Magic = [0x93, .. "NUMPY"u8];

    private const int MostArrays = 10_000;

    /// <summary>Looks at all arrays of the file: NumPy writes and reads several after each other.</summary>
    public static void Scan(Content content, ScanNotes notes)
    {
        Content rest = content;
        for (int array = 0; array < MostArrays; array++)
        {
            if (One(rest, notes) is not { } length || content.Length is not { } all)
                return;
            long start = all - rest.Length!.Value + length;
            if (start >= all)
                return;
            rest = content with { Length = all - start, Source = () => new RangeStream(content.Open(), start, all - start), Unpacked = false };
            if (!rest.Head(6).AsSpan().SequenceEqual(Magic))
                return;
        }
        notes.Add(content, ScanVerdict.Malicious, Catalogue.ScanOpaque, "more arrays follow each other in it than can be looked into");
    }

    /// <summary>Looks at one array; returns its length with the header, or null where nothing can follow it.</summary>
    private static long? One(Content content, ScanNotes notes)
    {
        byte[] start = content.Head(12);
        int prefix = start is [_, _, _, _, _, _, 1, ..] ? 10 : 12;
        long size = start.Length < 12 ? -1 : prefix == 10 ? BinaryPrimitives.ReadUInt16LittleEndian(start.AsSpan(8)) : BinaryPrimitives.ReadUInt32LittleEndian(start.AsSpan(8));
        if (size is < 2 or > LargestHeader)
        {
            Broken(content, notes, "its header has no possible length");
            return null;
        }
        byte[] bytes = content.Head(prefix + (int)size);
        string header = Encoding.Latin1.GetString(bytes.AsSpan(Math.Min(prefix, bytes.Length)));
        if (header.Length < size || !header.StartsWith('{'))
        {
            Broken(content, notes, "its header is cut off or damaged");
            return null;
        }
        // NumPy has many ways to write a type that means objects, so that a pickle is looked for behind any header.
        PickleScan.Scan(content, notes, expected: ObjectType().IsMatch(header), prefix + (int)size);
        if (Elements(header) is not { } elements)
            return null;
        long length = elements > long.MaxValue - prefix - size ? long.MaxValue : elements + prefix + size;
        if (content.Length < length)
            Broken(content, notes, $"it declares {elements} bytes of elements and has {content.Length - prefix - size}");
        return length;
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

    [GeneratedRegex("""['"]descr['"]\s*:\s*['"][<>|=]?O\d*['"]""", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex ObjectType();

    [GeneratedRegex("""['"]descr['"]\s*:\s*['"][<>|=]?(?<kind>[a-zA-Z?])(?<size>\d+)['"]""", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex PlainType();

    [GeneratedRegex("""['"]shape['"]\s*:\s*\((?<sizes>[^)]*)\)""", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Shape();
}

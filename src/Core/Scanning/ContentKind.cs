using System.Buffers.Binary;
using System.Text;

namespace Raywright.Core.Scanning;

internal enum ContentKind
{
    Empty,
    Other,
    LfsPointer,
    WebPage,
    Zip,
    Tar,
    Gzip,
    Zlib,
    Bzip2,
    Xz,
    Lzma,
    Lz4,
    Unsupported,
    NumpyArray,
    Safetensors,
}

/// <summary>Tells what a content is by its first bytes; names lie.</summary>
internal static class ContentSniffer
{
    public const int HeadLength = 512;

    // HDF5 files may start with a pickle-free superblock; compressions that no decoder here knows.
    private static readonly byte[][] UnknownCompressions =
    [
        [0x28, 0xB5, 0x2F, 0xFD],
        [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C],
        "Rar!"u8.ToArray(),
        [0x1F, 0x9D],
        [0x1F, 0xA0],
    ];

    public static ContentKind Recognise(ReadOnlySpan<byte> head, string extension)
    {
        if (head.IsEmpty)
            return ContentKind.Empty;
        ReadOnlySpan<byte> text = head.TrimStart(" \t\r\n"u8);
        if (text.StartsWith("\uFEFF"u8))
            text = text["\uFEFF"u8.Length..];
        if (text.StartsWith("version https://git-lfs"u8))
            return ContentKind.LfsPointer;
        if (IsWebPage(text))
            return ContentKind.WebPage;
        if (head.StartsWith("PK\u0003\u0004"u8) || head.StartsWith("PK\u0005\u0006"u8))
            return ContentKind.Zip;
        if (head.StartsWith((ReadOnlySpan<byte>)[0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y']))
            return ContentKind.NumpyArray;
        if (Compression(head) is { } compression)
            return compression;
        if (IsTar(head))
            return ContentKind.Tar;
        return extension == ".safetensors" || IsSafetensors(head) ? ContentKind.Safetensors : ContentKind.Other;
    }

    private static ContentKind? Compression(ReadOnlySpan<byte> head)
    {
        if (head is [0x1F, 0x8B, 0x08, ..])
            return ContentKind.Gzip;
        // Method 8 and a header that 31 divides, as zlib checks it.
        if (head.Length > 2 && (head[0] & 0x0F) == 8 && head[0] >> 4 <= 7 && ((head[0] << 8) | head[1]) % 31 == 0)
            return ContentKind.Zlib;
        if (head is [(byte)'B', (byte)'Z', (byte)'h', >= (byte)'1' and <= (byte)'9', 0x31 or 0x17, ..])
            return ContentKind.Bzip2;
        if (head is [0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0, ..])
            return ContentKind.Xz;
        if (head.Length >= 13 && head[0] < 225 && head[1] == 0 && head is [0x5D, 0, ..])
            return ContentKind.Lzma;
        if (head is [0x04, 0x22, 0x4D, 0x18, ..])
            return ContentKind.Lz4;
        foreach (byte[] magic in UnknownCompressions)
        {
            if (head.StartsWith(magic))
                return ContentKind.Unsupported;
        }
        return null;
    }

    private static bool IsWebPage(ReadOnlySpan<byte> text)
    {
        string start = Encoding.ASCII.GetString(text[..Math.Min(text.Length, 20)]).ToLowerInvariant();
        return start.StartsWith("<!doctype html", StringComparison.Ordinal) || start.StartsWith("<html", StringComparison.Ordinal) || start.StartsWith("<head", StringComparison.Ordinal);
    }

    private static bool IsTar(ReadOnlySpan<byte> head) => head.Length >= 512 && Archives.TarHeader.HasChecksum(head);

    private static bool IsSafetensors(ReadOnlySpan<byte> head) =>
        head.Length > 10 && BinaryPrimitives.ReadUInt64LittleEndian(head) is > 1 and < 100_000_000 && head[8] == '{' && head[9] is (byte)'"' or (byte)'}' && head[5] == 0;
}

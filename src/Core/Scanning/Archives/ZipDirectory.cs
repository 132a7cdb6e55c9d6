using System.Buffers.Binary;
using System.Text;

namespace Raywright.Core.Scanning.Archives;

/// <summary>One entry as the central directory, or its own header where there is no directory, describes it.</summary>
/// <param name="Name">Name with <c>/</c> between folders.</param>
/// <param name="Header">Offset of its local header.</param>
/// <param name="Method">How it is compressed.</param>
/// <param name="Encrypted">Whether it says that it is encrypted.</param>
/// <param name="Packed">Bytes in the archive.</param>
/// <param name="Size">Bytes unpacked.</param>
/// <param name="Crc">Its checksum; null where it stands elsewhere.</param>
/// <param name="Mode">Unix file type and mode, where it was written on Unix.</param>
internal readonly record struct ZipEntry(string Name, long Header, int Method, bool Encrypted, long Packed, long Size, uint? Crc, int Mode);

/// <summary>The central directory of a zip archive.</summary>
/// <param name="Entries">In its order.</param>
/// <param name="Start">Offset of its first byte.</param>
/// <param name="Complete">Whether as many entries were read as it declares.</param>
internal sealed record ZipDirectory(IReadOnlyList<ZipEntry> Entries, long Start, bool Complete)
{
    private const int EndLength = 22;
    private const int EntryLength = 46;

    /// <summary>Finds and reads the directory as Python does: by the last end record in the file; null where there is none.</summary>
    public static ZipDirectory? Read(Stream archive, int mostEntries)
    {
        byte[] tail = Tail(archive);
        int end = tail.AsSpan().LastIndexOf("PK\u0005\u0006"u8);
        if (end < 0 || end + EndLength > tail.Length)
            return null;
        ReadOnlySpan<byte> record = tail.AsSpan(end);
        long endAt = archive.Length - tail.Length + end;
        long count = BinaryPrimitives.ReadUInt16LittleEndian(record[10..]);
        long size = BinaryPrimitives.ReadUInt32LittleEndian(record[12..]);
        long offset = BinaryPrimitives.ReadUInt32LittleEndian(record[16..]);
        if (Zip64(archive, endAt) is { } large)
            (count, size, offset, endAt) = large;
        long start = endAt - size;
        if (size < 0 || start < 0)
            return null;
        // What stands before the archive shifts all its offsets.
        long shift = start - offset;
        List<ZipEntry> entries = List(archive, start, size, shift, mostEntries);
        return entries.Count == 0 && count > 0 ? null : new(entries, start, entries.Count == count);
    }

    private static byte[] Tail(Stream archive)
    {
        int length = (int)Math.Min(archive.Length, EndLength + ushort.MaxValue);
        byte[] tail = new byte[length];
        archive.Position = archive.Length - length;
        int read = archive.ReadAtLeast(tail, length, throwOnEndOfStream: false);
        return tail[..read];
    }

    private static (long Count, long Size, long Offset, long EndAt)? Zip64(Stream archive, long endAt)
    {
        byte[] locator = At(archive, endAt - 20, 20);
        if (!locator.AsSpan().StartsWith("PK\u0006\u0007"u8))
            return null;
        // Python looks right before the locator, not where the locator points to.
        byte[] record = At(archive, endAt - 20 - 56, 56);
        if (!record.AsSpan().StartsWith("PK\u0006\u0006"u8))
            return null;
        return (BinaryPrimitives.ReadInt64LittleEndian(record.AsSpan(32)), BinaryPrimitives.ReadInt64LittleEndian(record.AsSpan(40)), BinaryPrimitives.ReadInt64LittleEndian(record.AsSpan(48)), endAt - 76);
    }

    internal static byte[] At(Stream archive, long offset, int length)
    {
        if (offset < 0 || offset >= archive.Length)
            return [];
        byte[] bytes = new byte[length];
        archive.Position = offset;
        int read = archive.ReadAtLeast(bytes, length, throwOnEndOfStream: false);
        return read == length ? bytes : [];
    }

    private static List<ZipEntry> List(Stream archive, long start, long size, long shift, int mostEntries)
    {
        List<ZipEntry> entries = [];
        using BufferedStream buffered = new(new RangeStream(archive, start, size, leaveOpen: true), 1 << 16);
        byte[] header = new byte[EntryLength];
        while (entries.Count <= mostEntries && buffered.ReadAtLeast(header, EntryLength, throwOnEndOfStream: false) == EntryLength && header.AsSpan().StartsWith("PK\u0001\u0002"u8))
        {
            int nameLength = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(28));
            int extraLength = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(30));
            int commentLength = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(32));
            byte[] rest = new byte[nameLength + extraLength + commentLength];
            if (buffered.ReadAtLeast(rest, rest.Length, throwOnEndOfStream: false) < rest.Length)
                break;
            entries.Add(Entry(header, rest.AsSpan(0, nameLength), rest.AsSpan(nameLength, extraLength), shift));
        }
        return entries;
    }

    private static ZipEntry Entry(ReadOnlySpan<byte> header, ReadOnlySpan<byte> name, ReadOnlySpan<byte> extra, long shift)
    {
        int flags = BinaryPrimitives.ReadUInt16LittleEndian(header[8..]);
        long packed = BinaryPrimitives.ReadUInt32LittleEndian(header[20..]);
        long size = BinaryPrimitives.ReadUInt32LittleEndian(header[24..]);
        long offset = BinaryPrimitives.ReadUInt32LittleEndian(header[42..]);
        ReadOnlySpan<byte> large = Large(extra);
        TakeLarge(ref size, ref large);
        TakeLarge(ref packed, ref large);
        TakeLarge(ref offset, ref large);
        int mode = (int)(BinaryPrimitives.ReadUInt32LittleEndian(header[38..]) >> 16);
        return new(Encoding.UTF8.GetString(name), offset > long.MaxValue - shift ? -1 : offset + shift, BinaryPrimitives.ReadUInt16LittleEndian(header[10..]), (flags & 0x41) != 0,
            packed, size, BinaryPrimitives.ReadUInt32LittleEndian(header[16..]), mode);
    }

    /// <summary>The extra field with sizes of 64 bits, which stand there in the place of 0xFFFFFFFF.</summary>
    internal static ReadOnlySpan<byte> Large(ReadOnlySpan<byte> extra)
    {
        while (extra.Length >= 4)
        {
            int length = Math.Min(BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]), extra.Length - 4);
            if (extra[0] == 1 && extra[1] == 0)
                return extra.Slice(4, length);
            extra = extra[(4 + length)..];
        }
        return [];
    }

    internal static void TakeLarge(ref long value, ref ReadOnlySpan<byte> large)
    {
        if (value != uint.MaxValue || large.Length < 8)
            return;
        value = Math.Max(0, BinaryPrimitives.ReadInt64LittleEndian(large));
        large = large[8..];
    }
}

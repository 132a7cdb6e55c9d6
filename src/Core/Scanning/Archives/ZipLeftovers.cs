using System.Buffers.Binary;
using System.Text;
using Raywright.Core.Errors;

namespace Raywright.Core.Scanning.Archives;

/// <summary>Finds entries in the parts of a zip archive that its directory does not mention, as a streaming reader would.</summary>
internal sealed class ZipLeftovers(Content content, ScanNotes notes, Stream archive)
{
    private const int LocalLength = 30;
    private readonly byte[] buffer = new byte[1 << 16];

    /// <summary>Looks at all local headers between two offsets.</summary>
    public void Scan(long from, long to)
    {
        while (to - from >= LocalLength && Find("PK\u0003\u0004"u8, from, to) is { } header && content.Budget.Enter())
            from = Entry(header, to);
    }

    private long Entry(long at, long to)
    {
        byte[] header = ZipDirectory.At(archive, at, LocalLength);
        if (header.Length < LocalLength)
            return to;
        int nameLength = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(26));
        int extraLength = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(28));
        long packed = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(18));
        long size = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(22));
        string name = Encoding.UTF8.GetString(ZipDirectory.At(archive, at + LocalLength, nameLength));
        ReadOnlySpan<byte> large = ZipDirectory.Large(ZipDirectory.At(archive, at + LocalLength + nameLength, extraLength));
        ZipDirectory.TakeLarge(ref size, ref large);
        ZipDirectory.TakeLarge(ref packed, ref large);
        long data = at + LocalLength + nameLength + extraLength;
        if (data > to)
            return at + 4;
        // Written as a stream: the size stands behind the data, which ends at the next signature.
        long end = (header[6] & 8) != 0 && packed == 0 ? Find("PK"u8, data, to) ?? to : Math.Min(packed > to - data ? to : data + packed, to);
        notes.Add(content, ScanVerdict.Suspicious, Catalogue.ScanArchiveAmbiguous, $"entry {ScanNotes.Shown(name)} is not in the directory");
        EntryNames.Check(content, notes, name);
        ZipContent.Look(content, notes, new(name, at, BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(8)), (header[6] & 1) != 0, end - data, size, null, 0), data, end - data);
        return Math.Max(end, at + 4);
    }

    private long? Find(ReadOnlySpan<byte> signature, long from, long to)
    {
        archive.Position = from;
        int kept = 0;
        // Entries often follow each other closely: a large portion for each would be read again and again.
        for (int portion = 64; from < to; portion = Math.Min(portion * 4, buffer.Length))
        {
            int count = archive.Read(buffer, kept, (int)Math.Min(portion - kept, to - from));
            if (count == 0)
                return null;
            ReadOnlySpan<byte> window = buffer.AsSpan(0, kept + count);
            if (window.IndexOf(signature) is >= 0 and var at)
                return from - kept + at;
            from += count;
            kept = Math.Min(signature.Length - 1, window.Length);
            window[^kept..].CopyTo(buffer);
        }
        return null;
    }
}

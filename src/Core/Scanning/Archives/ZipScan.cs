using System.Buffers.Binary;
using System.Text;
using Raywright.Core.Errors;

namespace Raywright.Core.Scanning.Archives;

/// <summary>
/// Reads a zip archive as both strict and lenient loaders would: by its directory, and besides by the local headers
/// that the directory leaves out. Flags and checksums that would stop a strict reader stop nothing here.
/// </summary>
internal static class ZipScan
{
    private const int LocalLength = 30;

    public static void Scan(Content content, ScanNotes notes)
    {
        if (Seekable(content, notes) is { } archive)
            Entries(archive, notes);
    }

    /// <summary>Looks for an archive at the end of something else, which zip readers find there.</summary>
    public static void ScanAppended(Content content, ScanNotes notes)
    {
        bool found;
        using (Stream stream = content.Open())
            found = stream.CanSeek && ZipDirectory.Read(stream, 1) is { Entries.Count: > 0 };
        if (found)
            Entries(content, notes);
    }

    /// <summary>Zip needs its end first; an archive that is compressed itself is held in memory.</summary>
    private static Content? Seekable(Content content, ScanNotes notes)
    {
        using (Stream stream = content.Open())
        {
            if (stream.CanSeek)
                return content;
        }
        if (content.All(content.Budget.Limits.LargestNestedArchive) is { } bytes)
            return content with { Source = () => new MemoryStream(bytes, writable: false), Unpacked = false, Length = bytes.Length };
        if (!content.Budget.Exhausted)
            notes.Add(content, ScanVerdict.Malicious, Catalogue.ScanOpaque, "a compressed archive inside the archive is too large to be looked into");
        return null;
    }

    private static void Entries(Content content, ScanNotes notes)
    {
        using Stream archive = content.Open();
        if (ZipDirectory.Read(archive, content.Budget.Limits.MostEntries) is not { } directory)
        {
            notes.Add(content, ScanVerdict.Invalid, Catalogue.ScanArchiveBroken, "the archive has no directory: it is cut off or damaged");
            new ZipLeftovers(content, notes, archive).Scan(0, archive.Length);
            return;
        }
        if (!directory.Complete)
            notes.Add(content, ScanVerdict.Suspicious, Catalogue.ScanArchiveAmbiguous, "the directory has another number of entries than it says");
        Crowded(content, notes, directory);
        List<(long Start, long Data, long End, ZipEntry Entry)> ranges = [];
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (ZipEntry entry in directory.Entries)
        {
            if (!content.Budget.Enter())
                return;
            if (!names.Add(entry.Name))
                notes.Add(content, ScanVerdict.Suspicious, Catalogue.ScanArchiveAmbiguous, $"entry {ScanNotes.Shown(entry.Name)} stands twice in it");
            Describe(content, notes, entry);
            if (Local(content, notes, archive, entry) is { } data)
                ranges.Add((entry.Header, data, Math.Min(entry.Packed > long.MaxValue - data ? long.MaxValue : data + entry.Packed, archive.Length), entry));
        }
        ranges.Sort((one, other) => one.Start.CompareTo(other.Start));
        long covered = 0;
        ZipLeftovers leftovers = new(content, notes, archive);
        foreach ((long start, long data, long end, ZipEntry entry) in ranges)
        {
            if (start < covered)
            {
                notes.Add(content, ScanVerdict.Malicious, Catalogue.ScanArchiveBomb, $"entry {ScanNotes.Shown(entry.Name)} overlaps another");
                continue;
            }
            leftovers.Scan(covered, start);
            covered = end;
            ZipContent.Look(content, notes, entry, data, end - data);
        }
        leftovers.Scan(covered, directory.Start);
    }

    private static void Crowded(Content content, ScanNotes notes, ZipDirectory directory)
    {
        int empty = directory.Entries.Count(entry => entry.Size == 0 && !entry.Name.EndsWith('/'));
        if (empty >= content.Budget.Limits.CrowdedFrom)
            notes.Add(content, ScanVerdict.Suspicious, Catalogue.ScanArchiveCrowded, $"it has {empty} empty entries");
    }

    private static void Describe(Content content, ScanNotes notes, ZipEntry entry)
    {
        EntryNames.Check(content, notes, entry.Name);
        const int FileType = 0xF000, Regular = 0x8000, Folder = 0x4000;
        if ((entry.Mode & FileType) is not (0 or Regular or Folder))
            notes.Add(content, ScanVerdict.Malicious, Catalogue.ScanArchiveLink, $"entry {ScanNotes.Shown(entry.Name)} is a link or a device");
        if (entry.Encrypted)
            notes.Add(content, ScanVerdict.Malicious, Catalogue.ScanOpaque, $"entry {ScanNotes.Shown(entry.Name)} is marked as encrypted");
    }

    /// <summary>Compares the entry with its own header; returns where its data begins, or null where there is no header.</summary>
    private static long? Local(Content content, ScanNotes notes, Stream archive, ZipEntry entry)
    {
        byte[] header = ZipDirectory.At(archive, entry.Header, LocalLength);
        if (!header.AsSpan().StartsWith("PK\u0003\u0004"u8))
        {
            notes.Add(content, ScanVerdict.Invalid, Catalogue.ScanArchiveBroken, $"entry {ScanNotes.Shown(entry.Name)} is not where the directory says");
            return null;
        }
        int nameLength = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(26));
        int extraLength = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(28));
        string name = Encoding.UTF8.GetString(ZipDirectory.At(archive, entry.Header + LocalLength, nameLength));
        if (name != entry.Name)
        {
            notes.Add(content, ScanVerdict.Suspicious, Catalogue.ScanArchiveAmbiguous, $"entry {ScanNotes.Shown(entry.Name)} is called {ScanNotes.Shown(name)} in its own header");
            EntryNames.Check(content, notes, name);
        }
        if ((header[6] & 1) != 0 && !entry.Encrypted)
            notes.Add(content, ScanVerdict.Malicious, Catalogue.ScanOpaque, $"entry {ScanNotes.Shown(entry.Name)} is marked as encrypted in its own header");
        long data = entry.Header + LocalLength + nameLength + extraLength;
        long packed = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(18));
        if ((header[6] & 8) == 0 && packed != uint.MaxValue && packed != entry.Packed)
        {
            notes.Add(content, ScanVerdict.Suspicious, Catalogue.ScanArchiveAmbiguous, $"entry {ScanNotes.Shown(entry.Name)} has two sizes");
            ZipContent.Look(content, notes, entry with { Crc = null }, data, Math.Min(packed, archive.Length));
        }
        int method = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(8));
        if (method != entry.Method)
        {
            notes.Add(content, ScanVerdict.Suspicious, Catalogue.ScanArchiveAmbiguous, $"entry {ScanNotes.Shown(entry.Name)} is compressed in two ways at once");
            ZipContent.Look(content, notes, entry with { Method = method, Crc = null, Size = -1 }, data, Math.Min(entry.Packed, archive.Length));
        }
        return data;
    }
}

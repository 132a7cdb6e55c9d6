using System.IO.Compression;
using Raywright.Core.Errors;
using Raywright.Core.Scanning.Compression;

namespace Raywright.Core.Scanning.Archives;

/// <summary>The bytes of one zip entry: what they are, and whether size and checksum hold.</summary>
internal static class ZipContent
{
    public static void Look(Content archive, ScanNotes notes, ZipEntry entry, long data, long packed)
    {
        if (entry.Name.EndsWith('/') && packed == 0)
            return;
        string path = $"{archive.Path}!{entry.Name}";
        string name = Path.GetFileName(entry.Name.Replace('\\', '/'));
        Stream Raw() => new RangeStream(archive.Open(), data, packed);
        Func<Stream>? source = entry.Method switch
        {
            0 => Raw,
            8 => () => new CarefulStream(() => new DeflateStream(Raw(), CompressionMode.Decompress)),
            12 => () => new Bzip2Stream(Raw()),
            14 => () => LzmaStream.InZip(Raw()),
            95 => () => new XzStream(Raw()),
            _ => null,
        };
        Content content = archive.Inner(path, name, entry.Method == 0 ? packed : null, source ?? Raw, unpacked: entry.Method != 0);
        if (source is null)
        {
            notes.Add(content, ScanVerdict.Malicious, Catalogue.ScanOpaque, $"it is compressed with method {entry.Method}, which cannot be looked into");
            return;
        }
        ContentInspector.Inspect(content, notes);
        if (!entry.Encrypted && entry.Crc is { } crc && !archive.Budget.Exhausted)
            Verify(content, notes, entry.Size, crc);
    }

    private static void Verify(Content content, ScanNotes notes, long size, uint expected)
    {
        Crc32 crc = new();
        long length = 0;
        using Stream stream = content.Open();
        byte[] buffer = new byte[1 << 16];
        for (int count; (count = stream.Read(buffer)) > 0; length += count)
            crc.Append(buffer.AsSpan(0, count));
        if (content.Budget.Exhausted)
            return;
        if (content.Broken || length != size)
            notes.Add(content, ScanVerdict.Invalid, Catalogue.ScanArchiveBroken, $"it unpacks to {length} bytes instead of {size}");
        else if (crc.Value != expected)
            notes.Add(content, ScanVerdict.Invalid, Catalogue.ScanArchiveBroken, "its checksum does not match");
    }
}

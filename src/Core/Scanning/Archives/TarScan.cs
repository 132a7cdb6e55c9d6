using System.Globalization;
using System.Text;
using Raywright.Core.Errors;

namespace Raywright.Core.Scanning.Archives;

/// <summary>Reads a tar archive from its first to its last byte, also behind what claims to be its end.</summary>
internal sealed class TarScan
{
    private const int LargestText = 1 << 20;

    private readonly Content content;
    private readonly ScanNotes notes;
    private readonly HashSet<string> links = new(StringComparer.Ordinal);
    private string? longName;
    private string? longLink;
    private long? longSize;

    private TarScan(Content content, ScanNotes notes) => (this.content, this.notes) = (content, notes);

    public static void Scan(Content content, ScanNotes notes)
    {
        using Stream stream = content.Open();
        new TarScan(content, notes).Read(stream);
    }

    private void Read(Stream stream)
    {
        byte[] block = new byte[TarHeader.Length];
        long at = 0;
        while (stream.ReadAtLeast(block, block.Length, throwOnEndOfStream: false) == block.Length)
        {
            at += block.Length;
            if (!block.AsSpan().ContainsAnyExcept((byte)0))
                continue;
            if (TarHeader.Read(block) is not { Size: >= 0 } header)
            {
                notes.Add(content, ScanVerdict.Suspicious, Catalogue.ScanArchiveAmbiguous, "the archive goes on with something else than entries");
                return;
            }
            if (!content.Budget.Enter())
                return;
            long size = longSize is { } larger && header.Type is not ('x' or 'g' or 'L' or 'K') ? larger : header.Size;
            long padded = header.Type is '1' or '2' or '3' or '4' or '5' or '6' ? 0 : (size > long.MaxValue - 512 ? long.MaxValue : (size + 511) / 512 * 512);
            if (header.Type is 'x' or 'g' or 'L' or 'K' && size <= LargestText)
                Extended(stream, header.Type, (int)size, (int)padded);
            else
            {
                Entry(stream, header with { Name = longName ?? header.Name, Link = longLink ?? header.Link, Size = size }, header.Name, at, padded);
                (longName, longLink, longSize) = (null, null, null);
            }
            at += padded;
        }
    }

    private void Extended(Stream stream, char type, int size, int padded)
    {
        byte[] bytes = new byte[padded];
        int read = stream.ReadAtLeast(bytes, padded, throwOnEndOfStream: false);
        ReadOnlySpan<byte> text = bytes.AsSpan(0, Math.Min(size, read));
        if (type == 'L')
            longName = TarHeader.Text(text);
        else if (type == 'K')
            longLink = TarHeader.Text(text);
        else
            Pax(text);
    }

    /// <summary>Records of the form <c>length key=value\n</c>.</summary>
    private void Pax(ReadOnlySpan<byte> records)
    {
        while (records.IndexOf((byte)' ') is > 0 and var space
            && int.TryParse(records[..space], NumberStyles.None, CultureInfo.InvariantCulture, out int length) && length > space + 1 && length <= records.Length)
        {
            ReadOnlySpan<byte> record = records[(space + 1)..(length - 1)];
            int equals = record.IndexOf((byte)'=');
            string key = equals < 0 ? "" : Encoding.UTF8.GetString(record[..equals]);
            string value = Encoding.UTF8.GetString(record[(equals + 1)..]);
            if (key is "path" or "GNU.sparse.name")
                longName = value;
            else if (key == "linkpath")
                longLink = value;
            else if (key == "size" && long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long size))
                longSize = size;
            records = records[length..];
        }
    }

    private void Entry(Stream stream, TarHeader entry, string plainName, long at, long padded)
    {
        EntryNames.Check(content, notes, entry.Name);
        if (plainName != entry.Name)
            EntryNames.Check(content, notes, plainName);
        string name = entry.Name.TrimEnd('/');
        if (entry.Type is '1' or '2')
            Link(name, entry);
        else if (entry.Type is '3' or '4' or '6')
            notes.Add(content, ScanVerdict.Malicious, Catalogue.ScanArchiveLink, $"entry {ScanNotes.Shown(name)} is a device");
        if (links.Count > 0 && Parents(name).Any(links.Contains))
            notes.Add(content, ScanVerdict.Malicious, Catalogue.ScanArchiveLink, $"entry {ScanNotes.Shown(name)} is written through a link");
        if (padded > 0)
            Look(stream, entry, name, at, padded);
    }

    private void Link(string name, TarHeader entry)
    {
        links.Add(name);
        // A hard link names its target from the top of the archive, a symbolic one from its own folder.
        bool escapes = EntryNames.Escapes(entry.Type == '1' ? "" : name, entry.Link);
        notes.Add(content, escapes ? ScanVerdict.Malicious : ScanVerdict.Suspicious, Catalogue.ScanArchiveLink,
            $"entry {ScanNotes.Shown(name)} is a link to {ScanNotes.Shown(entry.Link)}");
    }

    private static IEnumerable<string> Parents(string name)
    {
        for (int slash = name.LastIndexOf('/'); slash > 0; slash = name.LastIndexOf('/', slash - 1))
            yield return name[..slash];
    }

    private void Look(Stream stream, TarHeader entry, string name, long at, long padded)
    {
        string path = $"{content.Path}!{name}";
        if (stream.CanSeek)
        {
            ContentInspector.Inspect(content.Inner(path, Path.GetFileName(name), Math.Min(entry.Size, stream.Length - at), () => new RangeStream(content.Open(), at, entry.Size), unpacked: false), notes);
            stream.Position = Math.Min(stream.Length, padded > long.MaxValue - at ? long.MaxValue : at + padded);
            return;
        }
        // A compressed archive can only be read in order: its entries pass through memory.
        if (entry.Size > content.Budget.Limits.LargestNestedArchive)
        {
            ContentInspector.Inspect(content.Inner(path, Path.GetFileName(name), entry.Size, () => new RangeStream(content.Open(), at, entry.Size), unpacked: false), notes);
            Skip(stream, padded);
            return;
        }
        byte[] bytes = new byte[entry.Size];
        int read = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        ContentInspector.Inspect(content.Inner(path, Path.GetFileName(name), read, () => new MemoryStream(bytes, 0, read, writable: false), unpacked: false), notes);
        Skip(stream, padded - read);
    }

    private static void Skip(Stream stream, long bytes)
    {
        byte[] buffer = new byte[1 << 16];
        for (int count; bytes > 0 && (count = stream.Read(buffer, 0, (int)Math.Min(buffer.Length, bytes))) > 0;)
            bytes -= count;
    }
}

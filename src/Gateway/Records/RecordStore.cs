using System.Globalization;

namespace Raywright.Gateway.Records;

/// <summary>
/// Segment files of records in one folder, named by the time of their first record, appended to by one writer and retained by
/// size: the oldest goes when there are too many. A null folder keeps none.
/// </summary>
public sealed class RecordStore(string? folder) : IDisposable
{
    private const long SegmentBytes = 32 << 20;
    private const int MostSegments = 64;
    private FileStream? segment;

    /// <summary>Appends whole records. Called by one thread at a time.</summary>
    internal void Append(ReadOnlySpan<byte> records, long nowMicros)
    {
        if (folder is null || records.IsEmpty)
            return;
        if (segment is null || segment.Length + records.Length > SegmentBytes)
            Roll(nowMicros);
        segment!.Write(records);
        segment.Flush();
    }

    /// <summary>Records newest first, at most <paramref name="most"/> of those that <paramref name="wanted"/> accepts.</summary>
    public IReadOnlyList<ServedRecord> Newest(int most, Func<ServedRecord, bool> wanted)
    {
        List<ServedRecord> found = [];
        foreach (string path in Segments().Reverse())
        {
            List<ServedRecord> here = [.. Read(path).Where(wanted)];
            here.Reverse();
            found.AddRange(here.Take(most - found.Count));
            if (found.Count >= most)
                break;
        }
        return found;
    }

    public void Dispose() => segment?.Dispose();

    private static IEnumerable<ServedRecord> Read(string path)
    {
        byte[] data;
        using (FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete))
        {
            data = new byte[stream.Length];
            stream.ReadExactly(data);
        }
        for (int at = 0; RecordFormat.Read(data.AsSpan(at), out int size) is { } record; at += size)
            yield return record;
    }

    private void Roll(long nowMicros)
    {
        segment?.Dispose();
        Directory.CreateDirectory(folder!);
        segment = new FileStream(Path.Combine(folder!, nowMicros.ToString("d20", CultureInfo.InvariantCulture) + ".records"), FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        foreach (string old in Segments().SkipLast(MostSegments))
            File.Delete(old);
    }

    private IEnumerable<string> Segments() => folder is not null && Directory.Exists(folder)
        ? Directory.EnumerateFiles(folder, "*.records").Order(StringComparer.Ordinal)
        : [];
}

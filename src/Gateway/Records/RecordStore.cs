using System.Globalization;

namespace Raywright.Gateway.Records;

/// <summary>When segments of records are begun and deleted.</summary>
/// <param name="SegmentBytes">A segment that would pass it is closed.</param>
/// <param name="SegmentAge">A segment older than this is closed.</param>
/// <param name="Bytes">Most bytes of all segments together, about.</param>
/// <param name="Age">Age at which a segment goes.</param>
public sealed record RecordRetention(long SegmentBytes, TimeSpan SegmentAge, long Bytes, TimeSpan Age)
{
    public static readonly RecordRetention Default = new(32L << 20, TimeSpan.FromDays(1), 2L << 30, TimeSpan.FromDays(30));
}

/// <summary>
/// Segment files of records in one folder, named by the time of their first record, appended to by one writer and retained by
/// rule. A null folder keeps none.
/// </summary>
public sealed class RecordStore(string? folder, RecordRetention? retention = null) : IDisposable
{
    private const string Extension = ".records";
    private readonly RecordRetention rule = retention ?? RecordRetention.Default;
    private FileStream? segment;
    private long begun;
    private long looked;

    /// <summary>Appends whole records. Called by one thread at a time.</summary>
    internal void Append(ReadOnlySpan<byte> records, long nowMicros)
    {
        if (folder is null)
            return;
        if (nowMicros - looked > Micros(TimeSpan.FromHours(1)))
            DeleteOld(nowMicros);
        if (records.IsEmpty)
            return;
        if (segment is null || segment.Length + records.Length > rule.SegmentBytes || nowMicros - begun > Micros(rule.SegmentAge))
            Roll(nowMicros);
        try
        {
            segment!.Write(records);
            segment.Flush();
        }
        catch (IOException)
        {
            // Part of a record may be on disk now; whatever followed it in this file could not be read.
            Close();
            throw;
        }
    }

    /// <summary>
    /// Records newest first, at most <paramref name="most"/> of those that <paramref name="wanted"/> accepts, from before
    /// <paramref name="beforeMicros"/> (UTC) where that is given: the time of the last record of one page leads to the next. Looks
    /// into at most <paramref name="mostSegments"/>, so that a seldom asked model does not cost reading all.
    /// </summary>
    public IReadOnlyList<ServedRecord> Newest(int most, Func<ServedRecord, bool> wanted, long beforeMicros = long.MaxValue, int mostSegments = int.MaxValue)
    {
        List<ServedRecord> found = [];
        foreach (string path in Segments().Reverse().SkipWhile(path => StartOf(path) >= beforeMicros).Take(mostSegments))
        {
            List<ServedRecord> here = [];
            SegmentFile.ReadFrom(path, 0, most - found.Count, record => record.AtMicros < beforeMicros && wanted(record), here);
            here.Reverse();
            found.AddRange(here);
            if (found.Count == most)
                break;
        }
        return found;
    }

    /// <summary>Follows what is appended from now on.</summary>
    public RecordTail Tail() => new(this);

    public void Dispose() => Close();

    private void Close()
    {
        // Closing flushes what the stream still holds, which fails again where writing has failed.
        FileStream? old = segment;
        segment = null;
        try
        {
            old?.Dispose();
        }
        catch (IOException)
        {
        }
    }

    private void Roll(long nowMicros)
    {
        Close();
        Directory.CreateDirectory(folder!);
        DeleteOld(nowMicros);
        begun = nowMicros;
        // Unbuffered: the journal hands over large pieces, and nothing may linger in a stream whose disk is full.
        segment = new FileStream(Free(nowMicros), FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
    }

    /// <summary>A name that no segment has: never goes on in a file whose tail may be torn.</summary>
    private string Free(long micros)
    {
        while (true)
        {
            string path = Path.Combine(folder!, micros.ToString("d20", CultureInfo.InvariantCulture) + Extension);
            if (!File.Exists(path))
                return path;
            micros++;
        }
    }

    private void DeleteOld(long nowMicros)
    {
        looked = nowMicros;
        long bytes = 0;
        string? last = null;
        foreach (string path in Segments().Reverse())
        {
            bytes += new FileInfo(path).Length;
            // A segment ends where the next begins, so that start tells its age.
            long end = last is null ? nowMicros : StartOf(last);
            last = path;
            if (path != segment?.Name && (bytes > rule.Bytes || nowMicros - end > Micros(rule.Age)))
                File.Delete(path);
        }
    }

    /// <summary>Paths of the segments, oldest first.</summary>
    internal IEnumerable<string> Segments() => folder is not null && Directory.Exists(folder)
        ? Directory.EnumerateFiles(folder, "*" + Extension).Where(path => StartOf(path) >= 0).Order(StringComparer.Ordinal)
        : [];

    private static long StartOf(string path) =>
        long.TryParse(Path.GetFileNameWithoutExtension(path), NumberStyles.None, CultureInfo.InvariantCulture, out long start) ? start : -1;

    private static long Micros(TimeSpan time) => time.Ticks / TimeSpan.TicksPerMicrosecond;
}

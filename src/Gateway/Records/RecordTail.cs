namespace Raywright.Gateway.Records;

/// <summary>Reads records as they are appended, from where it was opened on. Not safe for concurrent use.</summary>
public sealed class RecordTail
{
    private readonly RecordStore store;
    private string? segment;
    private long offset;

    internal RecordTail(RecordStore store)
    {
        this.store = store;
        segment = store.Segments().LastOrDefault();
        offset = segment is null ? 0 : SegmentFile.WholeBytes(segment);
    }

    /// <summary>
    /// Of what has been appended since the last call the newest <paramref name="most"/> in each segment that are wanted, oldest first.
    /// </summary>
    public IReadOnlyList<ServedRecord> Read(int most, Func<ServedRecord, bool> wanted)
    {
        List<ServedRecord> found = [];
        foreach (string path in store.Segments().SkipWhile(path => string.CompareOrdinal(path, segment) < 0).ToArray())
        {
            if (path != segment)
                (segment, offset) = (path, 0);
            offset += SegmentFile.ReadFrom(path, offset, most, wanted, found);
        }
        return found;
    }
}

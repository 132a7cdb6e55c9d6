namespace Raywright.Gateway.Records;

/// <summary>One segment on disk.</summary>
internal static class SegmentFile
{
    /// <summary>Whole records from the last to the first; a torn tail is left out, a file that is gone has none.</summary>
    public static IEnumerable<ServedRecord> ReadBackwards(string path)
    {
        byte[] data = Load(path);
        List<int> starts = [];
        for (int at = 0; RecordFormat.IsWhole(data.AsSpan(at), out int size); at += size)
            starts.Add(at);
        for (int index = starts.Count - 1; index >= 0; index--)
            yield return RecordFormat.Read(data.AsSpan(starts[index]));
    }

    /// <summary>Adds the whole records from <paramref name="offset"/> on; gives the bytes they take.</summary>
    public static long ReadFrom(string path, long offset, List<ServedRecord> into)
    {
        byte[] data = Load(path, offset);
        int at = 0;
        for (; RecordFormat.IsWhole(data.AsSpan(at), out int size); at += size)
            into.Add(RecordFormat.Read(data.AsSpan(at)));
        return at;
    }

    /// <summary>Bytes of the whole records in it.</summary>
    public static long WholeBytes(string path)
    {
        byte[] data = Load(path);
        int at = 0;
        while (RecordFormat.IsWhole(data.AsSpan(at), out int size))
            at += size;
        return at;
    }

    private static byte[] Load(string path, long offset = 0)
    {
        try
        {
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            stream.Seek(offset, SeekOrigin.Begin);
            byte[] data = new byte[Math.Max(0, stream.Length - offset)];
            int length = stream.ReadAtLeast(data, data.Length, throwOnEndOfStream: false);
            return length == data.Length ? data : data[..length];
        }
        catch (FileNotFoundException)
        {
            // Retention was faster.
            return [];
        }
    }
}

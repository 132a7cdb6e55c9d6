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

    private static byte[] Load(string path)
    {
        try
        {
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            byte[] data = new byte[stream.Length];
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

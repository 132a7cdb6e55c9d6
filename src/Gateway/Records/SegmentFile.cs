using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace Raywright.Gateway.Records;

/// <summary>One segment on disk. One that is gone has no records: retention was faster.</summary>
internal static class SegmentFile
{
    private delegate T Use<T>(ReadOnlySpan<byte> data);

    /// <summary>
    /// Adds the newest of the whole records from <paramref name="offset"/> on that are wanted, oldest first; gives the bytes that
    /// all of them take. A torn tail is left out. What is beyond <paramref name="most"/> is not read: a flood is thousands of records a second.
    /// </summary>
    public static long ReadFrom(string path, long offset, int most, Func<ServedRecord, bool> wanted, List<ServedRecord> into) => With(path, offset, data =>
    {
        List<int> starts = Starts(data, out int whole);
        int before = into.Count;
        for (int index = starts.Count - 1; index >= 0 && into.Count - before < most; index--)
        {
            ServedRecord record = RecordFormat.Read(data[starts[index]..]);
            if (wanted(record))
                into.Add(record);
        }
        into.Reverse(before, into.Count - before);
        return whole;
    });

    /// <summary>Bytes of the whole records in it.</summary>
    public static long WholeBytes(string path) => With(path, 0, data =>
    {
        Starts(data, out int whole);
        return whole;
    });

    private static List<int> Starts(ReadOnlySpan<byte> data, out int whole)
    {
        List<int> starts = [];
        for (whole = 0; RecordFormat.IsWhole(data[whole..], out int size); whole += size)
            starts.Add(whole);
        return starts;
    }

    /// <summary>What stands in it from an offset on, in memory that is used again: arrays of this size are collected dearly.</summary>
    private static T With<T>(string path, long offset, Use<T> use)
    {
        byte[] data = [];
        try
        {
            using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            data = ArrayPool<byte>.Shared.Rent((int)Math.Max(0, RandomAccess.GetLength(file) - offset));
            int length = 0, read;
            do
            {
                read = RandomAccess.Read(file, data.AsSpan(length), offset + length);
                length += read;
            }
            while (read > 0 && length < data.Length);
            return use(data.AsSpan(0, length));
        }
        catch (FileNotFoundException)
        {
            return use([]);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(data);
        }
    }
}

using System.Buffers;
using System.Text;
using CsCheck;
using Raywright.Gateway.Records;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Gateway.Tests.Records;

public sealed class RecordStoreTests : IDisposable
{
    private const long Second = 1_000_000;

    private static readonly Gen<ServedRecord> AnyRecord =
        from texts in Gen.String.Array[5]
        from status in Gen.Int[100, 599]
        from numbers in Gen.Long.Array[5]
        from sample in Gen.Byte.Array[0, 300]
        select new ServedRecord(Fair(texts[0]), Fair(texts[1]), Fair(texts[2]), Fair(texts[3]), status, "RW1201", numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], Fair(texts[4]), sample);

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Records_ComeBackAsTheyWere() => AnyRecord.Array[1, 20].Sample(records =>
    {
        using TemporaryFolder own = new();
        using RecordStore store = new(own.Path);
        store.Append(Written(records), 1);
        IReadOnlyList<ServedRecord> read = store.Newest(100, _ => true);
        Assert.Equal(records.Reverse().Where(record => record.AtMicros < long.MaxValue).Select(Text), read.Select(Text));
    }, iter: 50, threads: 1);

    [Fact]
    public void ATail_GivesTheNewestThatAreWanted_AndGoesOn()
    {
        using RecordStore store = new(folder.Path);
        store.Append(Written([Record(Second)]), 1);
        RecordTail tail = store.Tail();
        store.Append(Written([.. Enumerable.Range(2, 6).Select(index => Record(index * Second))]), 2);
        Assert.Equal([4 * Second, 6 * Second], tail.Read(2, record => record.AtMicros / Second % 2 == 0).Select(record => record.AtMicros));
        Assert.Empty(tail.Read(2, _ => true));
        store.Append(Written([Record(8 * Second), Record(9 * Second)]), 3);
        Assert.Equal([8 * Second, 9 * Second], tail.Read(10, _ => true).Select(record => record.AtMicros));
    }

    [Fact]
    public void TornTail_LosesOnlyWhatWasTorn()
    {
        ServedRecord[] records = [.. Enumerable.Range(1, 5).Select(index => Record(index * Second))];
        byte[] whole = Written(records);
        int size = whole.Length / records.Length;
        for (int length = 0; length <= whole.Length; length++)
        {
            File.WriteAllBytes(folder.Combine("00000000000000000001.records"), whole.AsSpan(0, length));
            using RecordStore store = new(folder.Path);
            Assert.Equal(length / size, store.Newest(100, _ => true).Count);
        }
    }

    [Fact]
    public void AnyBytes_AreReadWithoutAnException() => Gen.Byte.Array[0, 200].Sample(noise =>
    {
        File.WriteAllBytes(folder.Combine("00000000000000000001.records"), [.. Written([Record(Second)]), .. noise]);
        using RecordStore store = new(folder.Path);
        return store.Newest(100, _ => true).Count == 1;
    }, threads: 1);

    [Fact]
    public void FlippedBit_EndsTheSegmentThere()
    {
        byte[] whole = Written([Record(Second), Record(2 * Second), Record(3 * Second)]);
        whole[(whole.Length / 3) + 20] ^= 1;
        File.WriteAllBytes(folder.Combine("00000000000000000001.records"), whole);
        using RecordStore store = new(folder.Path);
        Assert.Equal(Second, Assert.Single(store.Newest(100, _ => true)).AtMicros);
    }

    [Fact]
    public void NewStore_NeverGoesOnInAnOldSegment()
    {
        for (int run = 0; run < 3; run++)
        {
            using RecordStore store = new(folder.Path);
            store.Append(Written([Record(run)]), nowMicros: 7);
        }
        Assert.Equal(3, Directory.GetFiles(folder.Path).Length);
        using RecordStore all = new(folder.Path);
        Assert.Equal([2, 1, 0], all.Newest(100, _ => true).Select(record => record.AtMicros));
    }

    [Fact]
    public void Pages_LeadFromTheNewestToTheOldest()
    {
        using RecordStore store = new(folder.Path, RecordRetention.Default with { SegmentBytes = 1000 });
        for (int at = 1; at <= 100; at++)
            store.Append(Written([Record(at * Second, at % 2 == 0 ? "even" : "odd")]), at * Second);
        Assert.True(Directory.GetFiles(folder.Path).Length > 5);
        List<long> seen = [];
        long before = long.MaxValue;
        while (store.Newest(7, record => record.Revision == "even", before) is { Count: > 0 } page)
        {
            seen.AddRange(page.Select(record => record.AtMicros / Second));
            before = page[^1].AtMicros;
        }
        Assert.Equal(Enumerable.Range(1, 50).Select(index => index * 2L).Reverse(), seen);
    }

    [Fact]
    public void Retention_KeepsSizeAndAge()
    {
        RecordRetention rule = new(SegmentBytes: 1000, TimeSpan.FromHours(2), Bytes: 5000, TimeSpan.FromDays(1));
        using RecordStore store = new(folder.Path, rule);
        for (int at = 1; at <= 200; at++)
            store.Append(Written([Record(at * Second)]), at * Second);
        Assert.InRange(Directory.GetFiles(folder.Path).Sum(path => new FileInfo(path).Length), 1000, 6000);
        Assert.Equal(200 * Second, store.Newest(1, _ => true)[0].AtMicros);
        // Nothing is asked for a long time; the next look finds all but the open segment too old.
        store.Append([], (long)TimeSpan.FromDays(3).TotalMicroseconds);
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void ForeignFiles_AreLeftAlone()
    {
        folder.Write("notes.records", "mine");
        using RecordStore store = new(folder.Path, RecordRetention.Default with { Bytes = 1 });
        store.Append(Written([Record(1)]), 1);
        Assert.Single(store.Newest(10, _ => true));
        Assert.True(File.Exists(folder.Combine("notes.records")));
    }

    private static ServedRecord Record(long at, string revision = "iris-dev-1-0123abcd") =>
        new("request", "dev", "iris", revision, 200, "", at, 100, 1, 20, 30, "abcdefgh", "{}"u8.ToArray());

    private static byte[] Written(ServedRecord[] records)
    {
        ArrayBufferWriter<byte> bytes = new();
        foreach (ServedRecord record in records)
            RecordFormat.Write(bytes, record);
        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>Half a surrogate pair cannot be written as UTF-8.</summary>
    private static string Fair(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    private static string Text(ServedRecord record) => $"{record with { Sample = default }} {Convert.ToHexString(record.Sample.Span)}";
}

using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Raywright.Gateway.Records;

/// <summary>
/// A record on disk: length of the payload (4 bytes), CRC-32C of it (4), payload; little-endian. The payload is the numbers, then
/// each text and the sample with its length (4) before. A torn tail shows by length or checksum and ends the segment.
/// </summary>
internal static class RecordFormat
{
    private const int HeadBytes = 8;
    private const int Numbers = 6;
    private const int LargestPayload = 1 << 20;
    private const int LargestSample = LargestPayload / 2;

    public static void Write(ArrayBufferWriter<byte> into, ServedRecord record)
    {
        ReadOnlySpan<string> texts = [record.RequestId, record.Environment, record.Model, record.Revision, record.Code, record.Key];
        ReadOnlySpan<byte> sample = record.Sample.Span[..Math.Min(record.Sample.Length, LargestSample)];
        int size = (Numbers * 8) + sample.Length + 4;
        foreach (string text in texts)
            size += 4 + Encoding.UTF8.GetByteCount(text);
        Span<byte> all = into.GetSpan(HeadBytes + size)[..(HeadBytes + size)];
        Span<byte> rest = all[HeadBytes..];
        foreach (long number in (ReadOnlySpan<long>)[record.AtMicros, record.LatencyMicros, record.Status, record.Rows, record.RequestBytes, record.AnswerBytes])
        {
            BinaryPrimitives.WriteInt64LittleEndian(rest, number);
            rest = rest[8..];
        }
        foreach (string text in texts)
        {
            int length = Encoding.UTF8.GetBytes(text, rest[4..]);
            BinaryPrimitives.WriteInt32LittleEndian(rest, length);
            rest = rest[(4 + length)..];
        }
        BinaryPrimitives.WriteInt32LittleEndian(rest, sample.Length);
        sample.CopyTo(rest[4..]);
        BinaryPrimitives.WriteInt32LittleEndian(all, size);
        BinaryPrimitives.WriteUInt32LittleEndian(all[4..], Checksum(all[HeadBytes..]));
        into.Advance(HeadBytes + size);
    }

    /// <summary>Whether a whole record is at the start of <paramref name="data"/>, and how many bytes it takes.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> data, out int size)
    {
        size = 0;
        if (data.Length < HeadBytes)
            return false;
        int length = BinaryPrimitives.ReadInt32LittleEndian(data);
        if (length is < Numbers * 8 or > LargestPayload || data.Length - HeadBytes < length)
            return false;
        size = HeadBytes + length;
        return Checksum(data.Slice(HeadBytes, length)) == BinaryPrimitives.ReadUInt32LittleEndian(data[4..]);
    }

    /// <summary>Reads the record at the start of <paramref name="data"/>, which <see cref="IsWhole"/> has accepted.</summary>
    public static ServedRecord Read(ReadOnlySpan<byte> data)
    {
        ReadOnlySpan<byte> payload = data.Slice(HeadBytes, BinaryPrimitives.ReadInt32LittleEndian(data));
        Span<long> numbers = stackalloc long[Numbers];
        for (int index = 0; index < Numbers; index++)
            numbers[index] = BinaryPrimitives.ReadInt64LittleEndian(payload[(index * 8)..]);
        payload = payload[(Numbers * 8)..];
        string[] texts = new string[6];
        for (int index = 0; index < texts.Length; index++)
            texts[index] = Encoding.UTF8.GetString(Part(ref payload));
        return new(texts[0], texts[1], texts[2], texts[3], (int)numbers[2], texts[4], numbers[0], numbers[1], numbers[3], numbers[4], numbers[5], texts[5], Part(ref payload).ToArray());
    }

    private static ReadOnlySpan<byte> Part(ref ReadOnlySpan<byte> payload)
    {
        int length = BinaryPrimitives.ReadInt32LittleEndian(payload);
        ReadOnlySpan<byte> part = payload.Slice(4, length);
        payload = payload[(4 + length)..];
        return part;
    }

    private static uint Checksum(ReadOnlySpan<byte> data)
    {
        uint sum = uint.MaxValue;
        for (; data.Length >= 8; data = data[8..])
            sum = BitOperations.Crc32C(sum, BinaryPrimitives.ReadUInt64LittleEndian(data));
        foreach (byte one in data)
            sum = BitOperations.Crc32C(sum, one);
        return ~sum;
    }
}

using System.Text;

namespace Raywright.TestKit;

/// <summary>Writes protobuf's wire format.</summary>
public sealed class ProtoWriter
{
    private readonly List<byte> bytes = [];

    public ProtoWriter Number(int field, long value)
    {
        Varint((ulong)field << 3);
        Varint((ulong)value);
        return this;
    }

    public ProtoWriter Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    public ProtoWriter Message(int field, Action<ProtoWriter> content)
    {
        ProtoWriter inner = new();
        content(inner);
        return Bytes(field, inner.ToArray());
    }

    public ProtoWriter Bytes(int field, ReadOnlySpan<byte> value)
    {
        Varint(((ulong)field << 3) | 2);
        Varint((ulong)value.Length);
        bytes.AddRange(value);
        return this;
    }

    public void Raw(ReadOnlySpan<byte> value) => bytes.AddRange(value);

    public byte[] ToArray() => [.. bytes];

    private void Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
    }
}

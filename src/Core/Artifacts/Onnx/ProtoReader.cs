using System.Text;

namespace Raywright.Core.Artifacts.Onnx;

/// <summary>
/// Reads protobuf's wire format from a seekable stream, field by field, holding nothing: weights of any size are passed over.
/// Throws <see cref="InvalidDataException"/> on anything malformed; every read stays inside the enclosing message.
/// Source: https://protobuf.dev/programming-guides/encoding/
/// </summary>
internal sealed class ProtoReader(Stream stream)
{
    private const int LongestText = 1 << 20;
    private const int DeepestMessage = 64;
    private long end = stream.Length;
    private int depth;

    public int Field { get; private set; }

    private int wire;

    /// <summary>Moves to the next field of the current message; false at its end.</summary>
    public bool Next()
    {
        if (stream.Position >= end)
            return false;
        ulong tag = Varint();
        Field = checked((int)(tag >> 3));
        wire = (int)(tag & 7);
        return Field > 0 ? true : throw new InvalidDataException("A field has the number 0.");
    }

    public long Int()
    {
        Expect(0);
        return (long)Varint();
    }

    public string Text()
    {
        int length = checked((int)Length(LongestText));
        byte[] bytes = new byte[length];
        stream.ReadExactly(bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary>Repeated integers, packed or one at a time.</summary>
    public void Ints(List<long> into)
    {
        if (wire == 0)
        {
            into.Add(Int());
            return;
        }
        long stop = Length(LongestText * 16L) + stream.Position;
        while (stream.Position < stop)
            into.Add((long)Varint());
    }

    /// <summary>Reads a nested message with <paramref name="each"/>, which is called once a field and reads or skips it.</summary>
    public void Message(Action<ProtoReader> each)
    {
        long length = Length(long.MaxValue);
        long outer = end;
        end = stream.Position + length;
        if (++depth > DeepestMessage)
            throw new InvalidDataException("Messages are nested too deeply.");
        while (Next())
            each(this);
        if (stream.Position != end)
            throw new InvalidDataException("A message ends in the middle of a field.");
        depth--;
        end = outer;
    }

    public void Skip()
    {
        switch (wire)
        {
            case 0: Varint(); break;
            case 1: Forward(8); break;
            case 2: Forward(Length(long.MaxValue)); break;
            case 5: Forward(4); break;
            default: throw new InvalidDataException($"Wire type {wire} is not used by ONNX.");
        }
    }

    private long Length(long most)
    {
        Expect(2);
        ulong length = Varint();
        if (length > (ulong)(end - stream.Position))
            throw new InvalidDataException("A field reaches past the end of its message.");
        if (length > (ulong)most)
            throw new InvalidDataException("A text is too long.");
        return (long)length;
    }

    private void Forward(long bytes)
    {
        if (bytes > end - stream.Position)
            throw new InvalidDataException("A field reaches past the end of its message.");
        stream.Seek(bytes, SeekOrigin.Current);
    }

    private void Expect(int type)
    {
        if (wire != type)
            throw new InvalidDataException($"Field {Field} has wire type {wire} instead of {type}.");
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            int next = stream.Position < end ? stream.ReadByte() : -1;
            if (next < 0)
                throw new InvalidDataException("A number is cut off.");
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }
        throw new InvalidDataException("A number has more than 10 bytes.");
    }
}

using System.Text;

namespace Raywright.Core.Artifacts.Onnx;

/// <summary>
/// Reads protobuf's wire format from a seekable stream, field by field, holding nothing: weights of any size are passed over.
/// Throws <see cref="InvalidDataException"/> on anything malformed; every read stays inside the enclosing message, and what is
/// kept altogether stays inside a budget, so that no file costs more memory than a real graph does.
/// Source: https://protobuf.dev/programming-guides/encoding/
/// </summary>
internal sealed class ProtoReader(Stream stream)
{
    /// <summary>Longer texts are cut: they are no names, but compiled kernels or vocabularies.</summary>
    private const int LongestText = 1 << 20;
    private const int DeepestMessage = 64;

    /// <summary>What the object that comes of a message takes, roughly.</summary>
    private const int CostOfMessage = 160;
    private const int BlockSize = 1 << 16;
    private readonly byte[] block = new byte[BlockSize];
    private readonly long length = stream.Length;
    private long blockStart;
    private int blockSize;
    private int at;
    private long end = stream.Length;
    private long budget = 256L << 20;
    private int depth;
    private int wire;

    public int Field { get; private set; }

    /// <summary>Bytes read or passed over so far.</summary>
    public long Position => blockStart + at;

    /// <summary>Moves to the next field of the current message; false at its end.</summary>
    public bool Next()
    {
        if (Position >= end)
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
        long whole = Length();
        byte[] bytes = new byte[Math.Min(whole, LongestText)];
        Spend(bytes.Length);
        Copy(bytes);
        Forward(whole - bytes.Length);
        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary>Repeated integers, packed or one at a time; those beyond <paramref name="most"/> are passed over.</summary>
    public void Ints(List<long> into, int most)
    {
        if (wire == 0)
        {
            Keep(into, most);
            return;
        }
        long stop = Length() + Position;
        while (Position < stop)
            Keep(into, most);
        if (Position != stop)
            throw new InvalidDataException("A number reaches past the end of its field.");
    }

    /// <summary>Reads a nested message with <paramref name="each"/>, which is called once a field and reads or skips it.</summary>
    public void Message(Action<ProtoReader> each)
    {
        long size = Length();
        long outer = end;
        end = Position + size;
        Spend(CostOfMessage);
        if (++depth > DeepestMessage)
            throw new InvalidDataException("Messages are nested too deeply.");
        while (Next())
            each(this);
        if (Position != end)
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
            case 2: Forward(Length()); break;
            case 5: Forward(4); break;
            default: throw new InvalidDataException($"Wire type {wire} is not used by ONNX.");
        }
    }

    private void Keep(List<long> into, int most)
    {
        long value = (long)Varint();
        if (into.Count < most)
            into.Add(value);
    }

    private void Spend(long bytes)
    {
        budget -= bytes;
        if (budget < 0)
            throw new InvalidDataException("The graph has more names and nodes than any real one.");
    }

    private long Length()
    {
        Expect(2);
        ulong size = Varint();
        return size <= (ulong)(end - Position) ? (long)size : throw new InvalidDataException("A field reaches past the end of its message.");
    }

    private void Forward(long bytes)
    {
        if (bytes > end - Position)
            throw new InvalidDataException("A field reaches past the end of its message.");
        if (bytes <= blockSize - at)
        {
            at += (int)bytes;
            return;
        }
        blockStart = Position + bytes;
        (blockSize, at) = (0, 0);
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
            if (Position >= end || (at == blockSize && !Fill()))
                throw new InvalidDataException("A number is cut off.");
            byte next = block[at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }
        throw new InvalidDataException("A number has more than 10 bytes.");
    }

    private void Copy(Span<byte> into)
    {
        while (into.Length > 0)
        {
            if (at == blockSize && !Fill())
                throw new InvalidDataException("A text is cut off.");
            int part = Math.Min(into.Length, blockSize - at);
            block.AsSpan(at, part).CopyTo(into);
            at += part;
            into = into[part..];
        }
    }

    private bool Fill()
    {
        blockStart += blockSize;
        at = 0;
        blockSize = 0;
        if (blockStart >= length)
            return false;
        stream.Position = blockStart;
        blockSize = stream.Read(block);
        return blockSize > 0;
    }
}

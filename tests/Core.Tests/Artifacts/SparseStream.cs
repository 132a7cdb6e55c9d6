namespace Raywright.Core.Tests.Artifacts;

/// <summary>A model followed by a field of weights that only pretends to be there; counts what is read of it.</summary>
internal sealed class SparseStream : Stream
{
    private readonly byte[] start;

    public SparseStream(byte[] model, long weights)
    {
        // An unknown field of the model message, as long as wanted; its length is written as protobuf does.
        List<byte> head = [.. model];
        ulong size = (ulong)weights;
        head.AddRange([(30 << 3 & 0x7F) | 2 | 0x80, 30 >> 4]);
        for (; size >= 0x80; size >>= 7)
            head.Add((byte)(size | 0x80));
        head.Add((byte)size);
        start = [.. head];
        Length = start.Length + weights;
    }

    public long BytesRead { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length { get; }

    public override long Position { get; set; }

    public override int Read(byte[] buffer, int offset, int count)
    {
        int read = (int)Math.Min(count, Length - Position);
        for (int index = 0; index < read; index++)
            buffer[offset + index] = Position + index < start.Length ? start[Position + index] : (byte)0;
        Position += read;
        BytesRead += read;
        return read;
    }

    public override long Seek(long offset, SeekOrigin origin) => Position = origin == SeekOrigin.Begin ? offset : Position + offset;

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

namespace Raywright.Core.Scanning.Archives;

/// <summary>A part of a stream, which can be sought in where the stream can.</summary>
internal sealed class RangeStream : Stream
{
    private readonly Stream inner;
    private readonly long start;
    private readonly long length;
    private readonly bool leaveOpen;
    private long position;

    public RangeStream(Stream inner, long start, long length, bool leaveOpen = false)
    {
        this.leaveOpen = leaveOpen;
        this.inner = inner;
        this.start = inner.CanSeek ? Math.Clamp(start, 0, inner.Length) : start;
        this.length = inner.CanSeek ? Math.Clamp(length, 0, inner.Length - this.start) : length;
        if (inner.CanSeek)
            inner.Position = this.start;
        else
            Pass(start);
    }

    public override bool CanRead => true;

    public override bool CanSeek => inner.CanSeek;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position
    {
        get => position;
        set
        {
            position = Math.Clamp(value, 0, length);
            inner.Position = start + position;
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        int most = (int)Math.Min(buffer.Length, length - position);
        int count = most == 0 ? 0 : inner.Read(buffer[..most]);
        position += count;
        return count;
    }

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => position + offset,
        _ => length + offset,
    };

    private void Pass(long bytes)
    {
        byte[] buffer = new byte[1 << 16];
        for (int count; bytes > 0 && (count = inner.Read(buffer, 0, (int)Math.Min(buffer.Length, bytes))) > 0;)
            bytes -= count;
    }

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && !leaveOpen)
            inner.Dispose();
        base.Dispose(disposing);
    }
}

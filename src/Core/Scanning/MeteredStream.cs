namespace Raywright.Core.Scanning;

/// <summary>Counts what is read, ends where the budget does, and turns undecodable data into an end instead of an exception.</summary>
internal sealed class MeteredStream(Content content, Stream inner) : Stream
{
    private long position;

    public override bool CanRead => true;

    public override bool CanSeek => inner.CanSeek;

    public override bool CanWrite => false;

    public override long Length => inner.Length;

    public override long Position
    {
        get => inner.CanSeek ? inner.Position : position;
        set => inner.Position = value;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        if (content.Budget.Exhausted)
            return 0;
        int count;
        try
        {
            count = inner.Read(buffer);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or NotSupportedException or UnauthorizedAccessException)
        {
            content.Broken = true;
            return 0;
        }
        position += count;
        content.Budget.Read(count);
        if (content.Unpacked && position > content.Counted)
        {
            content.Budget.Unpack(position - content.Counted);
            content.Counted = position;
        }
        return count;
    }

    public override long Seek(long offset, SeekOrigin origin) => inner.Seek(offset, origin);

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }
}

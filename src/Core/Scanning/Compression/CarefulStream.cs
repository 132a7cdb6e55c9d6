namespace Raywright.Core.Scanning.Compression;

/// <summary>
/// Gives out every byte that comes before a fault. .NET's inflater drops what it has when it meets damaged data, while
/// a loader that reads in other portions still gets it: so the last portion is read again byte by byte.
/// </summary>
internal sealed class CarefulStream(Func<Stream> open) : Stream
{
    private Stream inner = open();
    private bool bytewise;
    private long given;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
            return 0;
        try
        {
            int count = inner.Read(bytewise ? buffer[..1] : buffer);
            given += count;
            return count;
        }
        catch (InvalidDataException) when (!bytewise)
        {
            bytewise = true;
            inner.Dispose();
            inner = open();
            byte[] again = new byte[1 << 12];
            for (long left = given; left > 0;)
            {
                int count = inner.Read(again, 0, (int)Math.Min(again.Length, left));
                if (count == 0)
                    return 0;
                left -= count;
            }
            return Read(buffer);
        }
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

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

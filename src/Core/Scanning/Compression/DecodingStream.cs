namespace Raywright.Core.Scanning.Compression;

/// <summary>A stream that decodes another in order. What was decoded before a fault is still given out.</summary>
internal abstract class DecodingStream(Stream inner) : Stream
{
    private bool failed;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    protected ByteSource Input { get; } = new(inner);

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        int written = 0;
        try
        {
            if (failed)
                throw new InvalidDataException();
            Decode(buffer, ref written);
        }
        catch (InvalidDataException) when (written > 0)
        {
            failed = true;
        }
        return written;
    }

    /// <summary>Writes into <paramref name="output"/> and counts each byte at once; writes nothing only at the end.</summary>
    /// <exception cref="InvalidDataException">The data is not of this format, or cut off.</exception>
    protected abstract void Decode(Span<byte> output, ref int written);

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

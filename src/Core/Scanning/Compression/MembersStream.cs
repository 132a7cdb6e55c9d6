using System.IO.Compression;

namespace Raywright.Core.Scanning.Compression;

/// <summary>
/// Decodes zlib, also several streams after each other, which joblib reads as one. .NET stops after the first, and goes
/// back to where it ended in a stream that can be sought in.
/// </summary>
internal sealed class MembersStream(Stream inner) : Stream
{
    private ZLibStream member = new(inner, CompressionMode.Decompress, leaveOpen: true);
    private bool any;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            int count = member.Read(buffer);
            any |= count > 0;
            if (count > 0 || !any || !inner.CanSeek || inner.Position >= inner.Length)
                return count;
            any = false;
            member.Dispose();
            member = new(inner, CompressionMode.Decompress, leaveOpen: true);
        }
        return 0;
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
        {
            member.Dispose();
            inner.Dispose();
        }
        base.Dispose(disposing);
    }
}

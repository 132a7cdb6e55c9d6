namespace Raywright.Server.Hosting;

/// <summary>A log that is appended to and begun anew when it is large, with one predecessor kept: it never takes more than twice its limit.</summary>
internal sealed class RotatingFile(string path, long mostBytes = 64 << 20) : Stream
{
    private FileStream? file;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (buffer.IsEmpty)
            return;
        if (file is not null && file.Length + buffer.Length > mostBytes)
        {
            file.Dispose();
            file = null;
            File.Move(path, path + ".1", overwrite: true);
        }
        file ??= new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        file.Write(buffer);
    }

    public override void Flush() => file?.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            file?.Dispose();
        base.Dispose(disposing);
    }
}

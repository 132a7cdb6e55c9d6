using System.Buffers.Binary;

namespace Raywright.Core.Scanning.Compression;

/// <summary>A bare LZMA stream: the old .lzma format, or an entry of a zip archive.</summary>
internal sealed class LzmaStream : DecodingStream
{
    private readonly LzmaDecoder decoder;
    private readonly bool inZip;
    private bool started;
    private long left = -1;

    private LzmaStream(Stream inner, bool inZip)
        : base(inner)
    {
        this.inZip = inZip;
        decoder = new(Input);
    }

    public static LzmaStream Alone(Stream inner) => new(inner, inZip: false);

    public static LzmaStream InZip(Stream inner) => new(inner, inZip: true);

    protected override void Decode(Span<byte> output, ref int written)
    {
        if (!started)
            Start();
        if (decoder.Ended || left == 0)
            return;
        Span<byte> wanted = left >= 0 && left < output.Length ? output[..(int)left] : output;
        int before = written;
        try
        {
            decoder.Decode(wanted, ref written);
        }
        finally
        {
            if (left > 0)
                left -= written - before;
        }
    }

    private void Start()
    {
        started = true;
        Span<byte> header = stackalloc byte[13];
        if (inZip)
        {
            // Version of the packer (2), size of the properties (2), the properties; the size stands in the directory.
            Input.Fill(header[..9]);
            decoder.Properties(header[4]);
            Input.Skip(BinaryPrimitives.ReadUInt16LittleEndian(header[2..]) - 5);
        }
        else
        {
            Input.Fill(header);
            decoder.Properties(header[0]);
            left = Math.Max(-1, BinaryPrimitives.ReadInt64LittleEndian(header[5..]));
        }
        decoder.StartRange();
    }
}

using System.Buffers.Binary;

namespace Raywright.Server.App.Playground;

/// <summary>Small pictures that stand in a page itself, in the plainest format that every browser shows.</summary>
internal static class Bitmap
{
    private const int HeaderSize = 54;

    /// <summary>An address that is the picture.</summary>
    /// <param name="pixels">One byte a channel, row by row, the channels of a pixel together.</param>
    /// <param name="width">Pixels.</param>
    /// <param name="height">Pixels.</param>
    /// <param name="channels">1 or 3.</param>
    public static string Address(ReadOnlySpan<byte> pixels, int width, int height, int channels)
    {
        int stride = ((width * 3) + 3) / 4 * 4;
        byte[] file = new byte[HeaderSize + (stride * height)];
        file[0] = (byte)'B';
        file[1] = (byte)'M';
        Put(file, 2, file.Length);
        Put(file, 10, HeaderSize);
        Put(file, 14, 40);
        Put(file, 18, width);
        // Below zero: from the top.
        Put(file, 22, -height);
        file[26] = 1;
        file[28] = 24;
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                int from = ((y * width) + x) * channels, to = HeaderSize + (y * stride) + (x * 3);
                for (int channel = 0; channel < 3; channel++)
                    file[to + 2 - channel] = pixels[from + Math.Min(channel, channels - 1)];
            }
        }
        return $"data:image/bmp;base64,{Convert.ToBase64String(file)}";
    }

    /// <summary>Numbers as colours: blue below zero, orange above, the paler the closer to it.</summary>
    public static string Numbers(IReadOnlyList<double> values, int columns)
    {
        int rows = (values.Count + columns - 1) / columns;
        double most = Math.Max(1e-12, values.Max(Math.Abs));
        byte[] pixels = new byte[rows * columns * 3];
        pixels.AsSpan().Fill(255);
        for (int at = 0; at < values.Count; at++)
        {
            double share = values[at] / most, pale = 1 - Math.Abs(share);
            (double red, double green, double blue) = share < 0 ? (47, 91, 208) : (217, 115, 13);
            pixels[at * 3] = Mix(red, pale);
            pixels[(at * 3) + 1] = Mix(green, pale);
            pixels[(at * 3) + 2] = Mix(blue, pale);
        }
        return Address(pixels, columns, rows, 3);
    }

    private static byte Mix(double colour, double pale) => (byte)Math.Round(colour + ((255 - colour) * pale));

    private static void Put(byte[] file, int at, int value) => BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at), value);
}

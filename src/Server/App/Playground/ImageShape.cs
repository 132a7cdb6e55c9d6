using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Raywright.Core.Contracts;
using Raywright.Core.Tensors;

namespace Raywright.Server.App.Playground;

/// <summary>In which order an input wants the values of an image.</summary>
public enum ImageLayout
{
    /// <summary>Row by row in one list.</summary>
    Flat,

    /// <summary>A list of rows.</summary>
    Rows,

    /// <summary>One plane a channel.</summary>
    ChannelsFirst,

    /// <summary>The channels of a pixel together.</summary>
    ChannelsLast,
}

/// <summary>An input that is an image, as far as its contract lets one guess.</summary>
/// <param name="Height">Pixels.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Channels">1 for grey, 3 for red, green and blue.</param>
/// <param name="Layout">Their order.</param>
/// <param name="Min">The value of black.</param>
/// <param name="Max">The value of white.</param>
/// <param name="IsWhole">Whether values are whole numbers.</param>
public sealed partial record ImageShape(int Height, int Width, int Channels, ImageLayout Layout, double Min, double Max, bool IsWhole)
{
    private const int OpenSide = 224;
    private const int LeastSide = 8;
    private const int MostPixels = 512 * 512;
    private const int LargestDrawn = 64;

    public int Count => Height * Width * Channels;

    /// <summary>Whether a person can draw one with a few strokes.</summary>
    public bool CanDraw => Channels == 1 && Math.Max(Height, Width) <= LargestDrawn;

    /// <summary>Null where the input is something else, or nobody can tell.</summary>
    /// <param name="input">The input.</param>
    /// <param name="largest">The largest value of an example, which tells the range where the contract does not.</param>
    public static ImageShape? Of(InputField input, double? largest = null)
    {
        if (!(input.Type.IsFloat || input.Type.IsInteger) || input.Shape.Length < 2 || input.Columns.Length > 0)
            return null;
        bool named = Named().IsMatch($"{input.Name} {input.Description}");
        ImmutableArray<long> row = input.Shape[1..];
        (long height, long width, int channels, ImageLayout layout) = row switch
        {
            [1 or 3, var tall, var wide] when tall is -1 or >= LeastSide && wide is -1 or >= LeastSide => (tall, wide, (int)row[0], ImageLayout.ChannelsFirst),
            [var tall, var wide, 1 or 3] when tall is -1 or >= LeastSide && wide is -1 or >= LeastSide => (tall, wide, (int)row[2], ImageLayout.ChannelsLast),
            [>= LeastSide and var tall, >= LeastSide and var wide] when named || tall == wide => (tall, wide, 1, ImageLayout.Rows),
            [>= LeastSide * LeastSide and var size] when named && Side(size) is { } side => (side, side, 1, ImageLayout.Flat),
            _ => (0, 0, 0, ImageLayout.Flat),
        };
        (height, width) = (height < 0 ? OpenSide : height, width < 0 ? OpenSide : width);
        if (channels == 0 || height * width > MostPixels)
            return null;
        (double min, double max) = Range(input, largest);
        return new((int)height, (int)width, channels, layout, min, max, input.Type.IsInteger);
    }

    /// <summary>What a person would write for an image into the field of the input.</summary>
    /// <param name="pixels">One byte a channel, row by row, the channels of a pixel together.</param>
    /// <param name="asJson">Whether the field takes JSON, or a plain list.</param>
    public string Text(ReadOnlySpan<byte> pixels, bool asJson)
    {
        StringBuilder text = new();
        int[] sizes = Layout switch
        {
            ImageLayout.Flat => [Height * Width],
            ImageLayout.Rows => [Height, Width],
            ImageLayout.ChannelsFirst => [Channels, Height, Width],
            _ => [Height, Width, Channels],
        };
        int at = 0;
        Write(text, pixels, sizes, 0, ref at);
        return asJson ? text.ToString() : text.ToString().Trim('[', ']');
    }

    /// <summary>The same back: bytes of the values, for showing them; null where they are too few or too many.</summary>
    public byte[]? Pixels(ReadOnlySpan<double> values)
    {
        if (values.Length != Count)
            return null;
        byte[] pixels = new byte[Count];
        for (int at = 0; at < values.Length; at++)
        {
            double share = (values[at] - Min) / (Max - Min);
            pixels[Place(at)] = (byte)Math.Round(Math.Clamp(double.IsNaN(share) ? 0 : share, 0, 1) * 255);
        }
        return pixels;
    }

    /// <summary>All numbers of a text, however they are nested.</summary>
    public static double[] Numbers(string text) => [.. text.Split([',', ';', ' ', '\t', '\r', '\n', '[', ']'], StringSplitOptions.RemoveEmptyEntries)
        .Select(part => double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : double.NaN)];

    private void Write(StringBuilder text, ReadOnlySpan<byte> pixels, int[] sizes, int depth, ref int at)
    {
        text.Append('[');
        for (int index = 0; index < sizes[depth]; index++)
        {
            text.Append(index > 0 ? depth + 1 == sizes.Length ? ", " : "," : "");
            if (depth + 1 < sizes.Length)
            {
                Write(text, pixels, sizes, depth + 1, ref at);
                continue;
            }
            double value = Min + (pixels[Place(at++)] / 255.0 * (Max - Min));
            text.Append((IsWhole ? Math.Round(value) : Math.Round(value, 4)).ToString(CultureInfo.InvariantCulture));
        }
        text.Append(']');
    }

    /// <summary>Where the value at a place of the tensor stands among the pixels.</summary>
    private int Place(int at) => Layout == ImageLayout.ChannelsFirst ? (at % (Height * Width) * Channels) + (at / (Height * Width)) : at;

    private static int? Side(long size)
    {
        int side = (int)Math.Round(Math.Sqrt(size));
        return (long)side * side == size ? side : null;
    }

    /// <summary>What the contract says, else its description, else what an example looks like.</summary>
    private static (double Min, double Max) Range(InputField input, double? largest)
    {
        if (input is { Min: { } min, Max: { } max } && min < max)
            return (min, max);
        if (Described().Match(input.Description ?? "") is { Success: true } range
            && double.TryParse(range.Groups[1].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double low)
            && double.TryParse(range.Groups[2].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double high) && low < high)
            return (low, high);
        if (input.Type == DataType.UInt8)
            return (0, 255);
        return (0, largest switch { null or <= 1 => input.Type.IsInteger ? 255 : 1, <= 16 => 16, _ => 255 });
    }

    [GeneratedRegex("image|pixel|picture|photo|digit|grey|gray|bitmap|img", RegexOptions.IgnoreCase)]
    private static partial Regex Named();

    [GeneratedRegex(@"(-?\d+(?:\.\d+)?)\s*(?:\.\.|–|to)\s*(\d+(?:\.\d+)?)")]
    private static partial Regex Described();
}

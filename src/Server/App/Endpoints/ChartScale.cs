using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Raywright.Server.App.Endpoints;

/// <summary>Curves as paths of SVG in a box of <see cref="Height"/> by as many units as there are values.</summary>
public static class ChartScale
{
    public const int Height = 100;

    /// <summary>The round number at the top of the axis: 1, 2 or 5 times a power of ten.</summary>
    public static double Top(IEnumerable<double> values)
    {
        double most = values.Where(double.IsFinite).DefaultIfEmpty(0).Max();
        if (most <= 0)
            return 1;
        double power = Math.Pow(10, Math.Floor(Math.Log10(most)));
        double[] rounds = [1, 2, 5, 10];
        return rounds.First(round => round * power >= most * 0.999) * power;
    }

    /// <summary>A line through the values, broken where there is none.</summary>
    public static string Line(ImmutableArray<double> values, double top)
    {
        StringBuilder path = new();
        for (int index = 0; index < values.Length; index++)
        {
            if (double.IsFinite(values[index]) && (Has(values, index - 1) || Has(values, index + 1)))
                path.Append(CultureInfo.InvariantCulture, $"{(Has(values, index - 1) ? 'L' : 'M')}{index + 0.5:0.##} {Y(values[index], top):0.##}");
        }
        return path.ToString();
    }

    /// <summary>The values that stand alone and are in no line.</summary>
    public static string Dots(ImmutableArray<double> values, double top) => string.Concat(Enumerable.Range(0, values.Length)
        .Where(index => double.IsFinite(values[index]) && !Has(values, index - 1) && !Has(values, index + 1))
        .Select(index => string.Create(CultureInfo.InvariantCulture, $"M{index + 0.5:0.##} {Y(values[index], top):0.##}h0.001")));

    /// <summary>The ground below a line that has no gap once it has begun.</summary>
    public static string Area(ImmutableArray<double> values, double top)
    {
        int first = values.ToList().FindIndex(double.IsFinite);
        return first < 0 || first == values.Length - 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"{Line(values, top)}L{values.Length - 0.5:0.##} {Height}L{first + 0.5:0.##} {Height}Z");
    }

    private static bool Has(ImmutableArray<double> values, int index) => index >= 0 && index < values.Length && double.IsFinite(values[index]);

    private static double Y(double value, double top) => Height - (Math.Clamp(value / top, 0, 1) * Height);
}

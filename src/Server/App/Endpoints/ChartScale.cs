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

    /// <summary>A line through the values, broken where there is none; a value alone is a dot.</summary>
    public static string Line(ImmutableArray<double> values, double top)
    {
        StringBuilder path = new();
        bool on = false;
        for (int index = 0; index < values.Length; index++)
        {
            bool there = double.IsFinite(values[index]);
            if (there)
                path.Append(CultureInfo.InvariantCulture, $"{(on ? 'L' : 'M')}{index + 0.5:0.##} {Y(values[index], top):0.##}");
            if (there && !on && (index + 1 == values.Length || !double.IsFinite(values[index + 1])))
                path.Append("h0.01");
            on = there;
        }
        return path.ToString();
    }

    /// <summary>The ground below a line that has no gap once it has begun.</summary>
    public static string Area(ImmutableArray<double> values, double top)
    {
        int first = values.ToList().FindIndex(double.IsFinite);
        return first < 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{Line(values, top)}L{values.Length - 0.5:0.##} {Height}L{first + 0.5:0.##} {Height}Z");
    }

    private static double Y(double value, double top) => Height - (Math.Clamp(value / top, 0, 1) * Height);
}

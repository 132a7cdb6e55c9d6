using System.Globalization;
using Raywright.Core.Contracts;
using Raywright.Core.Tensors;

namespace Raywright.Core.Initialization;

/// <summary>What the rows of a data file hold in one column.</summary>
internal sealed class ColumnProfile(string name)
{
    private const int MostCategories = 20;
    private static readonly string[] Missing = ["", "nan", "na", "n/a", "null", "none", "?"];
    private readonly SortedSet<string> distinct = new(StringComparer.Ordinal);

    public string Name => name;

    public int Values { get; private set; }

    public int Empty { get; private set; }

    public double Min { get; private set; } = double.PositiveInfinity;

    public double Max { get; private set; } = double.NegativeInfinity;

    public static bool IsMissing(string text) => Missing.Contains(text.Trim().ToLowerInvariant());

    /// <summary>Counts one value; false where it is none of the type.</summary>
    public bool Add(string text, DataType type)
    {
        if (type != DataType.String && IsMissing(text))
        {
            Empty++;
            return true;
        }
        Values++;
        if (type == DataType.String)
        {
            if (distinct.Count <= MostCategories)
                distinct.Add(text);
            return true;
        }
        if (Number(text, type) is not { } value)
            return false;
        Min = Math.Min(Min, value);
        Max = Math.Max(Max, value);
        return true;
    }

    /// <summary>The number that a text stands for in a column of <paramref name="type"/>; null where it stands for none.</summary>
    public static double? Number(string text, DataType type)
    {
        string plain = text.Trim();
        if (type == DataType.Bool)
            return plain.ToLowerInvariant() switch { "true" or "1" or "yes" => 1, "false" or "0" or "no" => 0, _ => null };
        if (!double.TryParse(plain, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) || !double.IsFinite(value))
            return null;
        return type.IsFloat || value == Math.Floor(value) ? value : null;
    }

    /// <summary>The values of a column that has few and repeats them; free text has none.</summary>
    public string[] Categories => distinct.Count is > 0 and <= MostCategories && Values >= 5 * distinct.Count ? [.. distinct] : [];

    /// <summary>
    /// A range that real traffic stays in: a range is a promise whose breach refuses a request, so it leaves as much room on
    /// each side as the data themselves take. What starts near zero and is never negative stays so.
    /// </summary>
    public (double Min, double Max)? Range(DataType type)
    {
        double span = Max - Min;
        if (Values < 10 || span <= 0 || !double.IsFinite(span))
            return null;
        double step = Math.Pow(10, Math.Floor(Math.Log10(span)));
        double least = Min >= 0 && Min <= span / 2 ? 0 : Outward(Min - span, step, Math.Floor);
        double most = Outward(Max + span, step, Math.Ceiling);
        return type switch
        {
            DataType.Bool => null,
            DataType.UInt8 => (0, Math.Min(most, byte.MaxValue)),
            DataType.Int8 => (Math.Max(least, sbyte.MinValue), Math.Min(most, sbyte.MaxValue)),
            DataType.UInt16 or DataType.UInt32 or DataType.UInt64 => (Math.Max(0, Math.Floor(least)), Math.Ceiling(most)),
            _ => type.IsInteger ? (Math.Floor(least), Math.Ceiling(most)) : (least, most),
        };
    }

    /// <summary>What the data hold, for people: <c>4.3 to 7.9</c>.</summary>
    public string Seen => string.Create(CultureInfo.InvariantCulture, $"{Math.Round(Min, 6)} to {Math.Round(Max, 6)}");

    /// <summary>Whole steps away from the data, so that the range reads well.</summary>
    private static double Outward(double value, double step, Func<double, double> round)
    {
        double rounded = round(value / step) * step;
        return step >= 1 ? rounded : Math.Round(rounded, Math.Clamp((int)-Math.Log10(step) + 1, 0, 15));
    }
}

using System.Collections.Immutable;
using System.Globalization;

namespace Raywright.Server.App.Playground;

/// <summary>A line of what was and a line of what comes, drawn into a box of fixed size.</summary>
public sealed class LinePlot
{
    public const int Width = 460;
    public const int Height = 220;
    private const int Left = 46;
    private const int Right = 10;
    private const int Top = 10;
    private const int Bottom = 26;
    private const int WantedTicks = 4;
    private readonly double low;
    private readonly double high;

    /// <param name="history">What the model was given, oldest first.</param>
    /// <param name="future">What it says comes next.</param>
    public LinePlot(ImmutableArray<double> history, ImmutableArray<double> future)
    {
        (History, Future) = (history, future);
        double[] all = [.. history.Concat(future).Where(double.IsFinite)];
        (double least, double most) = all.Length == 0 ? (0, 1) : (all.Min(), all.Max());
        double step = Step(Math.Max(most - least, Math.Max(Math.Abs(most), 1) * 1e-6));
        (low, high) = (Math.Floor(least / step) * step, Math.Ceiling(most / step) * step);
        if (high <= low)
            high = low + step;
        Ticks = [.. Enumerable.Range(0, (int)Math.Round((high - low) / step) + 1).Select(index => low + (index * step))];
    }

    public ImmutableArray<double> History { get; }

    public ImmutableArray<double> Future { get; }

    /// <summary>Round values along the upright axis.</summary>
    public ImmutableArray<double> Ticks { get; }

    public string HistoryPoints => Points(Enumerable.Range(0, History.Length));

    /// <summary>From the last known value on, so that the lines meet.</summary>
    public string FuturePoints => Points(Enumerable.Range(Math.Max(0, History.Length - 1), Future.Length + (History.IsEmpty ? 0 : 1)));

    /// <summary>Where now is.</summary>
    public string Now => Number(X(History.Length - 1));

    public string Y(double value) => Number(Top + ((high - value) / (high - low) * (Height - Top - Bottom)));

    /// <summary>The place of a step, 0 is the last known value.</summary>
    public string X(int step, bool fromNow) => Number(X(fromNow ? History.Length - 1 + step : step));

    public static string Number(double value) => Math.Round(value, 1).ToString(CultureInfo.InvariantCulture);

    private string Points(IEnumerable<int> places) => string.Join(' ', places.Where(at => double.IsFinite(At(at))).Select(at => $"{Number(X(at))},{Y(At(at))}"));

    private double At(int place) => place < History.Length ? History[place] : Future[place - History.Length];

    private double X(int place) => Left + (place / (double)Math.Max(1, History.Length + Future.Length - 1) * (Width - Left - Right));

    /// <summary>1, 2 or 5 times a power of ten.</summary>
    private static double Step(double span)
    {
        double raw = span / WantedTicks, power = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        return (raw / power) switch { <= 1 => power, <= 2 => 2 * power, <= 5 => 5 * power, _ => 10 * power };
    }
}

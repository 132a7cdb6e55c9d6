using System.Collections.Immutable;
using System.Globalization;
using Raywright.Gateway.Telemetry;
using Raywright.Server.App.Shared;

namespace Raywright.Server.App.Endpoints;

/// <summary>The figures of the last minutes or the last hour, as curves, as a sentence and as rows.</summary>
/// <param name="Name">As it is said: <c>5 minutes</c>.</param>
/// <param name="Points">Oldest first, all one after the other.</param>
/// <param name="Steps">How many there are when the server has run for so long.</param>
/// <param name="StepsInRow">Of the table.</param>
public sealed record FiguresWindow(string Name, ImmutableArray<FiguresPoint> Points, int Steps, int StepsInRow)
{
    private static readonly double StepSeconds = RevisionFigures.SlotLength.TotalSeconds;

    public long Requests => Points.Sum(point => point.Requests);

    public long Errors => Points.Sum(point => point.Errors);

    public static FiguresWindow Minutes(ImmutableArray<FiguresPoint> points) => new("5 minutes", points, 30, 3);

    public static FiguresWindow Hour(ImmutableArray<FiguresPoint> points) => new("hour", points, FiguresHistory.Steps, 30);

    public ImmutableArray<double> PerSecond => Curve(point => point.Requests / StepSeconds);

    public ImmutableArray<double> FailedPerSecond => Curve(point => point.Errors / StepSeconds);

    public ImmutableArray<double> P50 => Curve(point => point.P50Ms);

    public ImmutableArray<double> P99 => Curve(point => point.P99Ms);

    public ImmutableArray<FiguresLine> Rows => [.. Points.Reverse().Chunk(StepsInRow).Select(Line)];

    /// <summary>What the curves say, for whoever does not see them.</summary>
    public string Summary
    {
        get
        {
            FiguresLine all = Line([.. Points]);
            string count = string.Create(CultureInfo.InvariantCulture, $"{all.Requests:#,0} request{(all.Requests == 1 ? "" : "s")}");
            string failed = all.Errors == 0 ? "none failed" : string.Create(CultureInfo.InvariantCulture, $"{all.Errors:#,0} failed ({Figures.Share(all.Errors / (double)all.Requests)})");
            if (all.Requests == 1)
                return $"{count} in the last {Name}, {failed}. It took about {Figures.Milliseconds(all.P50)}.";
            return $"{count} in the last {Name}, {failed}. Half were answered within about {Figures.Milliseconds(all.P50)}; in the slowest ten seconds 99 of 100 within {Figures.Milliseconds(all.P99)}.";
        }
    }

    private static FiguresLine Line(FiguresPoint[] points)
    {
        FiguresPoint[] asked = [.. points.Where(point => point.Requests > 0)];
        long requests = asked.Sum(point => point.Requests);
        return new(
            points.Length == 0 ? 0 : points.Max(point => point.At), requests, asked.Sum(point => point.Errors), points.Length == 0 ? 0 : requests / (points.Length * StepSeconds),
            asked.Length == 0 ? null : Middle(asked, requests), asked.Length == 0 ? null : asked.Max(point => point.P99Ms));
    }

    /// <summary>The median of steps, each as heavy as its requests: medians cannot be added, and this is close.</summary>
    private static double Middle(FiguresPoint[] asked, long requests)
    {
        long before = 0;
        foreach (FiguresPoint point in asked.OrderBy(point => point.P50Ms))
        {
            before += point.Requests;
            if (before * 2 >= requests)
                return point.P50Ms;
        }
        return asked[^1].P50Ms;
    }

    /// <summary>As long as the window, whatever there is of it at its end.</summary>
    private ImmutableArray<double> Curve(Func<FiguresPoint, double> of) =>
        [.. Enumerable.Repeat(double.NaN, Math.Max(0, Steps - Points.Length)), .. Points.Select(of)];
}

/// <param name="At">The end of the time it is about, UTC microseconds.</param>
/// <param name="P50">Of the middle ten seconds.</param>
/// <param name="P99">Of the slowest ten seconds.</param>
public sealed record FiguresLine(long At, long Requests, long Errors, double PerSecond, double? P50, double? P99);

using System.Collections.Immutable;
using Raywright.Gateway.Telemetry;
using Raywright.Server.App.Endpoints;
using Xunit;

namespace Raywright.Server.Tests.App;

public sealed class FiguresWindowTests
{
    [Fact]
    public void TheSentence_SaysWhatTheCurvesShow()
    {
        FiguresWindow window = FiguresWindow.Minutes([Point(1, 90, 0, 2, 5), Point(2, 0, 0, double.NaN, double.NaN), Point(3, 10, 5, 40, 120)]);
        Assert.Equal("100 requests in the last 5 minutes, 5 failed (5.0 %). Half were answered within about 2.0 ms; in the slowest ten seconds 99 of 100 within 120 ms.", window.Summary);
        Assert.Equal("1 request in the last hour, none failed. It took about 2.0 ms.", FiguresWindow.Hour([Point(1, 1, 0, 2, 2)]).Summary);
    }

    [Fact]
    public void Curves_EndNow_AndAreEmptyBeforeThereWasAnything()
    {
        FiguresWindow window = FiguresWindow.Minutes([Point(1, 20, 0, 1, 2)]);
        Assert.Equal(30, window.PerSecond.Length);
        Assert.All(window.PerSecond[..29], value => Assert.True(double.IsNaN(value)));
        Assert.Equal(2, window.PerSecond[^1]);
    }

    [Fact]
    public void Rows_JoinSteps_NewestFirst()
    {
        ImmutableArray<FiguresLine> rows = FiguresWindow.Minutes([.. Enumerable.Range(1, 7).Select(step => Point(step, step, 1, step, step * 2))]).Rows;
        Assert.Equal([7, 4, 1], rows.Select(row => row.At));
        Assert.Equal([18, 9, 1], rows.Select(row => row.Requests));
        Assert.Equal([3, 3, 1], rows.Select(row => row.Errors));
        Assert.Equal([14d, 8, 2], rows.Select(row => row.P99));
        Assert.Equal(0.6, rows[0].PerSecond, 6);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.07, 0.1)]
    [InlineData(1.2, 2)]
    [InlineData(5, 5)]
    [InlineData(730, 1000)]
    public void TheTopOfAnAxis_IsRound(double most, double top) => Assert.Equal(top, ChartScale.Top([double.NaN, most / 2, most]), 9);

    [Fact]
    public void ALine_BreaksWhereNothingWas()
    {
        Assert.Equal("M0.5 100L1.5 50", ChartScale.Line([0, 5, double.NaN, 10], 10));
        Assert.Equal("M3.5 0h0.001", ChartScale.Dots([0, 5, double.NaN, 10], 10));
        Assert.Equal("M1.5 50L2.5 0L2.5 100L1.5 100Z", ChartScale.Area([double.NaN, 5, 10], 10));
        Assert.Equal("", ChartScale.Area([double.NaN], 1));
    }

    private static FiguresPoint Point(long at, long requests, long errors, double p50, double p99) => new(at, requests, errors, p50, p99);
}

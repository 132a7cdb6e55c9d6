using System.Collections.Immutable;
using Microsoft.Extensions.Time.Testing;
using Raywright.Core;
using Raywright.Gateway.Routing;
using Raywright.Gateway.Telemetry;
using Raywright.Gateway.Tests.Hosting;
using Xunit;

namespace Raywright.Gateway.Tests.Telemetry;

public sealed class FiguresHistoryTests
{
    private readonly FakeTimeProvider clock = new();
    private readonly RouteTableStore routes = new();
    private readonly FiguresHistory history;
    private long version;

    public FiguresHistoryTests() => history = new FiguresHistory(routes, clock);

    [Fact]
    public void AStep_HasWhatWasAskedInIt()
    {
        RevisionRoute route = Publish();
        Ask(route, times: 9, status: 200, micros: 2000);
        Ask(route, times: 1, status: 503, micros: 90_000);
        Pass(seconds: 10);
        Ask(route, times: 1, status: 422, micros: 3000);
        Pass(seconds: 10);
        Pass(seconds: 10);
        ImmutableArray<FiguresPoint> points = history.Of("dev", "iris");
        Assert.Equal([10, 1, 0], points.Select(point => point.Requests));
        // What the caller did wrong is no failure of the model.
        Assert.Equal([1, 0, 0], points.Select(point => point.Errors));
        Assert.InRange(points[0].P50Ms, 1.8, 2.2);
        Assert.InRange(points[0].P99Ms, 84, 96);
        Assert.True(double.IsNaN(points[2].P50Ms));
        Assert.Equal(Enumerable.Repeat(10_000_000L, 2), points.Zip(points.Skip(1), (one, next) => next.At - one.At));
        Assert.True(points[2].At <= clock.NowMicros());
    }

    [Fact]
    public void AStepThatRuns_IsNotTakenOver()
    {
        Ask(Publish(), times: 3);
        history.Advance();
        Assert.Empty(history.Of("dev", "iris"));
    }

    [Fact]
    public void ARevisionThatLosesItsTraffic_CountsInTheStepOfTheChange()
    {
        RevisionRoute old = Publish();
        Pass(seconds: 10);
        Ask(old, times: 4);
        RevisionRoute next = Publish();
        Ask(next, times: 2);
        Pass(seconds: 10);
        Ask(old, times: 7);
        Pass(seconds: 10);
        Assert.Equal([0, 6, 0], history.Of("dev", "iris").Select(point => point.Requests));
    }

    [Fact]
    public void AnHour_IsKept_AndNoMore()
    {
        RevisionRoute route = Publish();
        for (int step = 0; step < FiguresHistory.Steps + 5; step++)
        {
            Ask(route, times: step);
            Pass(seconds: 10);
        }
        ImmutableArray<FiguresPoint> points = history.Of("dev", "iris");
        Assert.Equal(Enumerable.Range(5, FiguresHistory.Steps).Select(number => (long)number), points.Select(point => point.Requests));
        Assert.Equal(points[^3..], history.Of("dev", "iris", 3));
    }

    [Fact]
    public void AfterALongSleep_ItBeginsAnew_SinceTimeIsMissing()
    {
        RevisionRoute route = Publish();
        Ask(route, times: 1);
        Pass(seconds: 10);
        clock.Advance(TimeSpan.FromHours(8));
        Ask(route, times: 5);
        Pass(seconds: 10);
        ImmutableArray<FiguresPoint> points = history.Of("dev", "iris");
        Assert.Equal(5, points.Length);
        Assert.Equal([0, 0, 0, 0, 5], points.Select(point => point.Requests));
    }

    [Fact]
    public void AnEndpointThatIsGone_IsForgotten()
    {
        Ask(Publish(), times: 1);
        Pass(seconds: 10);
        Assert.NotEmpty(history.Of("dev", "iris"));
        routes.Publish(new RouteTable(++version, []));
        Pass(seconds: 10);
        Assert.Empty(history.Of("dev", "iris"));
        Assert.Empty(history.Of("prod", "iris"));
    }

    private RevisionRoute Publish()
    {
        RevisionRoute route = new(Revisions.Of(), new FakeTarget(), clock);
        routes.Publish(new RouteTable(++version, [new EndpointRoute("dev", "iris", [new WeightedRevision(route, 100)])]));
        return route;
    }

    private static void Ask(RevisionRoute route, int times, int status = 200, long micros = 1000)
    {
        for (int time = 0; time < times; time++)
            route.Figures.Add(status, micros, 1);
    }

    private void Pass(int seconds)
    {
        clock.Advance(TimeSpan.FromSeconds(seconds));
        history.Advance();
    }
}

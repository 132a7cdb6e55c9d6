using System.Collections.Concurrent;
using System.Collections.Immutable;
using Raywright.Core;
using Raywright.Gateway.Routing;
using Raywright.Statistics.Latency;

namespace Raywright.Gateway.Telemetry;

/// <summary>
/// The last hour of each endpoint in steps of ten seconds, about 14 KB each: read from what requests count anyway, so that they
/// pay nothing for it. Kept in memory only.
/// </summary>
public sealed class FiguresHistory(RouteTableStore routes, TimeProvider clock)
{
    /// <summary>Steps that are kept: an hour.</summary>
    public const int Steps = 360;

    private readonly ConcurrentDictionary<string, Course> courses = new(StringComparer.Ordinal);
    private readonly Lock reading = new();
    private readonly LatencySketch sum = new();
    private long read = RevisionFigures.SlotNow(clock) - 1;

    /// <summary>Rises with each step.</summary>
    public long Read => Volatile.Read(ref read);

    /// <summary>The latest steps of an endpoint, oldest first, all one after the other.</summary>
    public ImmutableArray<FiguresPoint> Of(string environment, string model, int most = Steps) =>
        courses.TryGetValue($"{environment}/{model}", out Course? course) ? course.Latest(most) : [];

    /// <summary>Takes over the steps that have ended since the last call; to be called at least once a minute.</summary>
    public void Advance()
    {
        lock (reading)
        {
            long now = RevisionFigures.SlotNow(clock);
            // Whoever comes later than that, as after a sleep of the machine, finds older steps overwritten.
            long first = Math.Max(read + 1, now - RevisionFigures.Slots + 1);
            if (first >= now)
                return;
            IReadOnlyList<EndpointRoute> endpoints = routes.Current.Endpoints;
            foreach (EndpointRoute endpoint in endpoints)
            {
                Course course = courses.GetOrAdd(endpoint.Path, _ => new Course());
                RevisionFigures[] serving = [.. endpoint.Traffic.Select(share => share.Revision.Figures)];
                // One that has just lost its traffic answered a part of the step.
                RevisionFigures[] all = [.. serving.Union(course.Serving)];
                for (long slot = first; slot < now; slot++)
                    course.Add(Point(slot, all), continues: slot > first || first == read + 1);
                course.Serving = serving;
            }
            HashSet<string> there = [.. endpoints.Select(endpoint => endpoint.Path)];
            foreach (string gone in courses.Keys.Where(path => !there.Contains(path)))
                courses.TryRemove(gone, out _);
            Volatile.Write(ref read, now - 1);
        }
    }

    private FiguresPoint Point(long slot, RevisionFigures[] revisions)
    {
        sum.Clear();
        long errors = 0;
        foreach (RevisionFigures figures in revisions)
            errors += figures.AddSlot(slot, sum);
        long end = clock.NowMicros() - (long)clock.GetElapsedTime(RevisionFigures.SlotStart(clock, slot + 1)).TotalMicroseconds;
        return new(end, sum.Count, errors, sum.Quantile(0.5) / 1000, sum.Quantile(0.99) / 1000);
    }

    /// <summary>A ring of steps.</summary>
    private sealed class Course
    {
        private readonly FiguresPoint[] points = new FiguresPoint[Steps];
        private readonly Lock gate = new();
        private long count;
        private long start;

        public RevisionFigures[] Serving { get; set; } = [];

        public void Add(FiguresPoint point, bool continues)
        {
            lock (gate)
            {
                if (!continues)
                    start = count;
                points[count++ % Steps] = point;
            }
        }

        public ImmutableArray<FiguresPoint> Latest(int most)
        {
            lock (gate)
            {
                int there = (int)Math.Min(Math.Min(count - start, Steps), most);
                return [.. Enumerable.Range(0, there).Select(index => points[(count - there + index) % Steps])];
            }
        }
    }
}

/// <summary>Ten seconds of an endpoint.</summary>
/// <param name="At">Their end, UTC microseconds.</param>
/// <param name="Requests">Answered ones.</param>
/// <param name="Errors">Those of them that failed: answers of 500 and above.</param>
/// <param name="P50Ms">NaN without requests.</param>
/// <param name="P99Ms">NaN without requests.</param>
public readonly record struct FiguresPoint(long At, long Requests, long Errors, double P50Ms, double P99Ms);

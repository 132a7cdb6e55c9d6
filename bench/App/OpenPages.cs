using System.Text;
using Raywright.Bench.Serving;

namespace Raywright.Bench.App;

/// <summary>What open pages cost the gateway: the same load with none and with twenty, in turns within one run.</summary>
internal static class OpenPages
{
    private const int Pages = 20;
    private const int Connections = 16;

    /// <summary>What every second page is; the others are the list.</summary>
    private const string Endpoint = "endpoints/dev/iris";

    /// <summary>What runs for months is measured: compiled through by then.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(15);

    /// <summary>What opening the pages costs is not what open pages cost.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(3);

    public static async Task<string> MeasureAsync(AppSubject subject, int rounds, TimeSpan duration)
    {
        await LoadGenerator.ClosedAsync(subject.Request, 64, WarmUp);
        double rate = (await LoadGenerator.ClosedAsync(subject.Request, 64, duration)).PerSecond / 4;
        await using (await OpenCircuits.OpenAsync(subject, Pages, ["", Endpoint]))
            await LoadGenerator.OpenAsync(subject.Request, Connections, WarmUp, rate);
        List<LoadResult> alone = [], watched = [];
        List<double> cpu = [], cpuWatched = [], perPage = [];
        for (int round = 0; round < rounds; round++)
        {
            // Each first in every second round, so that neither has the better half of a machine that warms up.
            foreach (bool open in round % 2 == 0 ? new[] { false, true } : [true, false])
            {
                await using OpenCircuits circuits = open ? await OpenCircuits.OpenAsync(subject, Pages, ["", Endpoint]) : OpenCircuits.None;
                await LoadGenerator.OpenAsync(subject.Request, Connections, Settling, rate);
                TimeSpan before = subject.CpuTime();
                LoadResult result = await LoadGenerator.OpenAsync(subject.Request, Connections, duration, rate);
                (open ? watched : alone).Add(result);
                (open ? cpuWatched : cpu).Add((subject.CpuTime() - before) / result.Elapsed);
                if (open)
                    perPage.Add(circuits.Batches / (double)Pages / result.Elapsed.TotalSeconds);
                Console.Error.WriteLine($"round {round + 1}: {(open ? Pages : 0)} pages, p50 {result.Milliseconds(50):0.000} ms, p99 {result.Milliseconds(99):0.000} ms, {result.Errors} errors, {circuits.Batches} drawings");
            }
        }
        StringBuilder page = new();
        page.AppendLine("| open pages | requests a second | p50 ms | p99 ms | errors |").AppendLine("|---|---|---|---|---|");
        foreach ((string name, List<LoadResult> results) in new[] { ("none", alone), ($"{Pages}", watched) })
            page.AppendLine($"| {name} | {FirstPage.Spread(results.Select(one => one.PerSecond))} | {FirstPage.Spread(results.Select(one => one.Milliseconds(50)))} | {FirstPage.Spread(results.Select(one => one.Milliseconds(99)))} | {results.Sum(one => one.Errors)} |");
        page.AppendLine().AppendLine($"p99 with {Pages} pages to p99 with none, round by round: {FirstPage.Spread(watched.Zip(alone, (with, without) => with.Milliseconds(99) / without.Milliseconds(99)))}.");
        page.AppendLine($"Each page was drawn {FirstPage.Spread(perPage)} times a second; the server used {FirstPage.Spread(cpuWatched)} of its core with pages, {FirstPage.Spread(cpu)} without.");
        return page.ToString();
    }
}

using System.Globalization;
using System.Text;

namespace Raywright.Bench.Serving;

/// <summary>Medians with their range, and ratios to a floor worked out round by round: two subjects of one round met the same noise.</summary>
internal static class Report
{
    private static readonly (string Name, Func<Measurement, double> Of)[] Figures =
    [
        ("CPU µs a request at 64", one => one.CpuMicros), ("requests a second at 64", one => one.PerSecond), ("CPU µs a request at 1", one => one.AloneCpuMicros), ("p50 ms at 1", one => one.AloneMillis),
        ("CPU µs a request at half", one => one.HalfCpuMicros), ("p50 ms at half", one => one.HalfP50Millis), ("p99 ms at half", one => one.HalfP99Millis),
    ];

    public static string Write(IReadOnlyDictionary<string, List<Measurement>> rounds)
    {
        StringBuilder page = new();
        page.AppendLine($"| subject | {string.Join(" | ", Figures.Select(figure => figure.Name))} | errors |");
        page.AppendLine($"|---|{string.Concat(Enumerable.Repeat("---|", Figures.Length + 1))}");
        foreach ((string name, List<Measurement> all) in rounds)
            page.AppendLine($"| {name} | {string.Join(" | ", Figures.Select(figure => Spread(all.Select(figure.Of))))} | {all.Sum(one => one.Errors)} |");
        foreach (string floor in new[] { "onnx", "fastapi", "ray", "ray-batch" }.Where(rounds.ContainsKey))
        {
            page.AppendLine().AppendLine($"Raywright to {floor}, round by round:").AppendLine();
            foreach ((string name, Func<Measurement, double> of) in Figures)
                page.AppendLine($"- {name}: {Spread(rounds["raywright"].Zip(rounds[floor], (ours, theirs) => of(ours) / of(theirs)))}");
        }
        return page.ToString();
    }

    private static string Spread(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return $"{Text(sorted[sorted.Length / 2])} ({Text(sorted[0])} to {Text(sorted[^1])})";
    }

    private static string Text(double value) => value.ToString(value >= 1000 ? "0" : value >= 10 ? "0.0" : "0.000", CultureInfo.InvariantCulture);
}

namespace Raywright.Statistics.Quality;

/// <summary>Measures of how well predictions meet the truth. All take two lists of equal length, at least one element.</summary>
public static class QualityMetrics
{
    /// <summary>Part of predictions that equal the truth, 0 to 1.</summary>
    public static double Accuracy(IReadOnlyList<string> predicted, IReadOnlyList<string> truth) =>
        Pairs(predicted, truth).Average(pair => pair.Predicted == pair.Truth ? 1.0 : 0.0);

    /// <summary>Mean over the classes of the truth of 2·TP / (2·TP + FP + FN) (macro F1), 0 to 1.</summary>
    public static double MacroF1(IReadOnlyList<string> predicted, IReadOnlyList<string> truth) => truth.Distinct(StringComparer.Ordinal).Average(label =>
    {
        (string Predicted, string Truth)[] pairs = Pairs(predicted, truth);
        double hits = pairs.Count(pair => pair.Predicted == label && pair.Truth == label);
        double misses = pairs.Count(pair => (pair.Predicted == label) != (pair.Truth == label));
        return 2 * hits / ((2 * hits) + misses);
    });

    /// <summary>Root of the mean squared error, in the unit of the values.</summary>
    public static double RootMeanSquaredError(IReadOnlyList<double> predicted, IReadOnlyList<double> truth) =>
        Math.Sqrt(Pairs(predicted, truth).Average(pair => (pair.Predicted - pair.Truth) * (pair.Predicted - pair.Truth)));

    /// <summary>Mean absolute error, in the unit of the values.</summary>
    public static double MeanAbsoluteError(IReadOnlyList<double> predicted, IReadOnlyList<double> truth) =>
        Pairs(predicted, truth).Average(pair => Math.Abs(pair.Predicted - pair.Truth));

    /// <summary>Coefficient of determination: 1 is perfect, 0 is as good as the mean; NaN where the truth is constant.</summary>
    public static double RSquared(IReadOnlyList<double> predicted, IReadOnlyList<double> truth)
    {
        double mean = truth.Average();
        double total = truth.Sum(value => (value - mean) * (value - mean));
        return total == 0 ? double.NaN : 1 - (Pairs(predicted, truth).Sum(pair => (pair.Predicted - pair.Truth) * (pair.Predicted - pair.Truth)) / total);
    }

    private static (T Predicted, T Truth)[] Pairs<T>(IReadOnlyList<T> predicted, IReadOnlyList<T> truth) =>
        predicted.Count == truth.Count && predicted.Count > 0
            ? [.. predicted.Zip(truth)]
            : throw new ArgumentException($"{predicted.Count} predictions cannot be compared with {truth.Count} truths.", nameof(predicted));
}

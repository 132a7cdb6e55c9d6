using System.Globalization;
using Raywright.Core.Contracts;
using Raywright.Core.Spec;
using Raywright.Core.Tensors;

namespace Raywright.Core.Initialization;

/// <summary>
/// Proposes a bar that the model meets today on labelled rows, with room for chance: a later version that falls below it
/// is worse, not unlucky.
/// </summary>
internal static class QualityProposal
{
    private const int FewestRows = 20;

    /// <param name="contract">With the labels that a truth may name.</param>
    /// <param name="pairs">Prediction and truth of each row, in the same terms.</param>
    public static QualityConfig? Of(Contract contract, IReadOnlyList<(string Predicted, string Truth)> pairs)
    {
        if (pairs.Count < FewestRows)
            return null;
        bool classes = contract.Outputs.Any(output => output.Labels is not null || output.Type.IsInteger || output.Type == DataType.String);
        return classes ? Accuracy(pairs) : RootMeanSquare(pairs);
    }

    /// <summary>Two standard errors below what was measured; null for a model that does no better than the commonest class.</summary>
    private static QualityConfig? Accuracy(IReadOnlyList<(string Predicted, string Truth)> pairs)
    {
        double rows = pairs.Count;
        double accuracy = pairs.Count(pair => Same(pair.Predicted, pair.Truth)) / rows;
        double commonest = pairs.GroupBy(pair => pair.Truth, StringComparer.Ordinal).Max(group => group.Count()) / rows;
        double room = Math.Max(0.03, 2 * Math.Sqrt(accuracy * (1 - accuracy) / rows));
        double bar = Math.Floor((accuracy - room) * 100) / 100;
        return accuracy > commonest && bar > 0 ? new("accuracy", bar, null) : null;
    }

    /// <summary>A quarter above what was measured, to two digits; null for a model that does no better than the mean.</summary>
    private static QualityConfig? RootMeanSquare(IReadOnlyList<(string Predicted, string Truth)> pairs)
    {
        (double Predicted, double Truth)[] numbers = [.. pairs.Select(pair => (Number(pair.Predicted), Number(pair.Truth)))];
        double mean = numbers.Average(pair => pair.Truth);
        double error = Math.Sqrt(numbers.Average(pair => (pair.Predicted - pair.Truth) * (pair.Predicted - pair.Truth)));
        double spread = Math.Sqrt(numbers.Average(pair => (pair.Truth - mean) * (pair.Truth - mean)));
        if (!(error < spread) || error <= 0)
            return null;
        double step = Math.Pow(10, Math.Floor(Math.Log10(error * 1.25)) - 1);
        return new("rmse", null, double.Parse((Math.Ceiling(error * 1.25 / step) * step).ToString("G3", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture));
    }

    private static bool Same(string predicted, string truth) =>
        predicted == truth || (Number(predicted) is var number && !double.IsNaN(number) && number == Number(truth));

    private static double Number(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : double.NaN;
}

using Raywright.Core.Contracts;
using Raywright.Core.Tensors;

namespace Raywright.Core.Initialization;

/// <summary>Guesses what a model is for from its contract; a hint for the app, so that no answer is better than a wrong one.</summary>
internal static class TaskHint
{
    private static readonly string[] ScoreWords = ["prob", "score", "logit", "softmax", "class", "label"];

    public static string? Of(Contract contract)
    {
        OutputField[] outputs = [.. contract.Outputs];
        if (outputs.Any(output => output.Name.Contains("logits", StringComparison.OrdinalIgnoreCase) && output.Shape.Length == 3))
            return "text-generation";
        if (outputs.Any(output => output.Labels is { } labels && labels.Keys.Order(StringComparer.Ordinal).SequenceEqual(["-1", "1"])))
            return "anomaly-detection";
        if (outputs.Any(IsClass) || (outputs.Any(IsScores) && outputs.Length <= 2))
            return Classification(contract);
        return outputs is [{ Type.IsFloat: true } only] ? OfNumbers(contract, only) : null;
    }

    private static string Classification(Contract contract) => contract.Inputs switch
    {
        [{ Type: DataType.String }] => "text-classification",
        [{ Shape.Length: 4 }] => "image-classification",
        _ => "classification",
    };

    private static string? OfNumbers(Contract contract, OutputField output) => output.Shape switch
    {
        [_] or [_, 1] => "regression",
        [_, > 1] when Names(contract).Any(name => name.Contains("forecast", StringComparison.OrdinalIgnoreCase) || name.Contains("horizon", StringComparison.OrdinalIgnoreCase)) => "forecasting",
        _ => null,
    };

    private static IEnumerable<string> Names(Contract contract) =>
        contract.Inputs.Select(input => input.Name).Concat(contract.Outputs.Select(output => output.Name));

    private static bool IsClass(OutputField output) =>
        !output.Type.IsFloat && (output.Labels is not null || ((output.Type.IsInteger || output.Type == DataType.String) && output.Name.Contains("label", StringComparison.OrdinalIgnoreCase)));

    private static bool IsScores(OutputField output) =>
        output.Type.IsFloat && output.Shape is [_, > 1] && (output.Labels is not null || ScoreWords.Any(word => output.Name.Contains(word, StringComparison.OrdinalIgnoreCase)));
}

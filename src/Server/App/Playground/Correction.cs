using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Raywright.Core.Api;
using Raywright.Core.Contracts;
using Raywright.Core.Errors;

namespace Raywright.Server.App.Playground;

/// <summary>What a person can say an answer should have been.</summary>
/// <param name="Output">The output that is judged.</param>
/// <param name="Choices">Its classes; empty where it has none.</param>
/// <param name="Numbers">How many numbers it takes; 0 for a text.</param>
public sealed record Correction(string Output, ImmutableArray<string> Choices, int Numbers)
{
    private const int MostNumbers = 1000;

    /// <summary>Null where there is no single thing to put right.</summary>
    public static Correction? Of(Contract contract, Asked asked)
    {
        if (asked.Question is null || asked.Answer?.Rows is not [var row])
            return null;
        if (contract.Outputs.FirstOrDefault(output => output.Labels is not null) is { Labels: { } labels } named)
            return new(named.Name, labels.Names, 0);
        if (Answer.Headline(row) is { Kind: not AnswerKind.Scores } headline)
            return new(headline.Name, [], headline.Kind == AnswerKind.Number ? 1 : 0);
        return row.FirstOrDefault(part => part is { Kind: AnswerKind.Numbers, IsVector: false }) is { } numbers ? new(numbers.Name, [], numbers.Numbers.Length) : null;
    }

    /// <summary>The case that says so.</summary>
    /// <param name="asked">Question and answer.</param>
    /// <param name="truth">What the person wrote or chose.</param>
    public Result<CaseProposal> Propose(Asked asked, string truth)
    {
        truth = truth.Trim();
        if (truth.Length == 0)
            return Wrong($"Say what {Output} should be.");
        if (Choices.Length > 0 && !Choices.Contains(truth, StringComparer.Ordinal))
            return Wrong($"`{truth}` is no class of the model.");
        JsonElement question = asked.Question!.Value;
        if (Numbers == 0)
            return Proposal(question, JsonSerializer.SerializeToElement(truth), asked);
        double[] values = ImageShape.Numbers(truth);
        if (values.Length != Numbers || Numbers > MostNumbers || !values.All(double.IsFinite))
            return Wrong(Numbers == 1 ? $"`{truth}` is no number." : string.Create(CultureInfo.InvariantCulture, $"{Output} takes {Numbers} numbers."));
        return Proposal(question, Numbers == 1 ? JsonSerializer.SerializeToElement(values[0]) : JsonSerializer.SerializeToElement(values), asked);
    }

    private static CaseProposal Proposal(JsonElement question, JsonElement label, Asked asked) => new(
        question.GetProperty("inputs"), label,
        Parameters: question.TryGetProperty("parameters", out JsonElement parameters) && parameters.ValueKind == JsonValueKind.Object ? parameters : null,
        Version: asked.Version?.Split(':') is [_, var number] && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int version) ? version : null,
        Name: asked.Version is null ? "from the app" : $"from the app, wrong in {asked.Version}");

    private static Problem Wrong(string detail) => new(Catalogue.RequestInvalid, detail, "label");
}

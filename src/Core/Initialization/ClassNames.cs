using System.Collections.Immutable;
using System.Globalization;
using Raywright.Core.Contracts;
using Raywright.Core.Tensors;

namespace Raywright.Core.Initialization;

/// <summary>What a model answered and what was true, of one row.</summary>
/// <param name="Class">The class as the model gives it: an integer.</param>
internal readonly record struct Judgement(long Class, string Truth);

/// <summary>Names for classes that a model only numbers, found by comparing its answers with named truths.</summary>
/// <param name="Remark">How sure that is; a sentence for the spec.</param>
internal sealed record ClassNames(LabelSet Labels, string Remark)
{
    /// <summary>
    /// Trainers number classes in the alphabetical order of their names (scikit-learn's LabelEncoder does). Where answers meet
    /// another order more often, that is said but not taken: a bad model must not look good because its classes were renamed.
    /// Null where the data do not tell.
    /// </summary>
    /// <param name="contract">The contract, with outputs that have no labels yet.</param>
    /// <param name="truths">Every truth that occurs.</param>
    /// <param name="judgements">Answers with their truths, where the model was asked.</param>
    public static ClassNames? Find(Contract contract, IEnumerable<string> truths, IReadOnlyList<Judgement> judgements)
    {
        ImmutableArray<string> names = [.. truths.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        bool wanted = contract.Outputs.All(output => !IsNamed(output) && output.Type != DataType.String) && JudgedOutput(contract) is not null;
        if (!wanted || names.Length < 2 || names.All(name => double.TryParse(name, CultureInfo.InvariantCulture, out _)))
            return null;
        if (Keys(contract, names.Length, judgements) is not { } keys)
            return null;
        LabelSet ordered = new(Texts(keys), names);
        int agreeing = Agreement(ordered, judgements);
        string remark = judgements.Count == 0
            ? "Names of the classes are assumed to stand in alphabetical order; check that it is so."
            : string.Create(CultureInfo.InvariantCulture, $"Names of the classes are assumed to stand in alphabetical order; {agreeing} of {judgements.Count} answers agree with the truth.");
        if (ByVote(keys, names, judgements) is { } voted && Agreement(voted, judgements) is var better && better > agreeing)
            remark += string.Create(CultureInfo.InvariantCulture, $" {better} would agree with the order {string.Join(", ", voted.Names)}: correct `labels` if that is what the model was trained with.");
        return new(ordered, remark);
    }

    /// <summary>The output whose classes have names: whole numbers, one a row; else scores, one a class.</summary>
    internal static OutputField? JudgedOutput(Contract contract) =>
        contract.Outputs.FirstOrDefault(output => output.Type.IsInteger && output.Shape is [_] or [_, 1])
        ?? contract.Outputs.FirstOrDefault(output => output.Type.IsFloat && output.Shape is [_, > 1]);

    /// <summary>Whether its classes have names that are more than their numbers.</summary>
    internal static bool IsNamed(OutputField output) => output.Labels is { } labels && !labels.Names.SequenceEqual(labels.Keys);

    /// <summary>The numbers of the classes, ascending: 0 to K-1, unless the answers say otherwise.</summary>
    private static long[]? Keys(Contract contract, int names, IReadOnlyList<Judgement> judgements)
    {
        long[] seen = [.. judgements.Select(judgement => judgement.Class).Distinct().Order()];
        long? scores = contract.Outputs.Where(output => output.Type.IsFloat && output.Shape is [_, > 1]).Select(output => (long?)output.Shape[1]).FirstOrDefault();
        bool counted = seen.All(number => number >= 0 && number < names);
        if (counted && (scores is null || scores == names))
            return [.. Enumerable.Range(0, names).Select(number => (long)number)];
        return !counted && seen.Length == names ? seen : null;
    }

    /// <summary>Each class is called what it was most often; null where two would be called the same.</summary>
    private static LabelSet? ByVote(long[] keys, ImmutableArray<string> names, IReadOnlyList<Judgement> judgements)
    {
        ImmutableArray<string> voted = [.. keys.Select(key => judgements
            .Where(judgement => judgement.Class == key)
            .GroupBy(judgement => judgement.Truth, StringComparer.Ordinal)
            .OrderByDescending(group => group.Count())
            .FirstOrDefault()?.Key ?? "")];
        return voted.Distinct(StringComparer.Ordinal).Count() == names.Length && !voted.Contains("") ? new(Texts(keys), voted) : null;
    }

    private static int Agreement(LabelSet labels, IReadOnlyList<Judgement> judgements) => judgements.Count(judgement =>
        labels.Keys.IndexOf(judgement.Class.ToString(CultureInfo.InvariantCulture)) is var index and >= 0 && labels.Names[index] == judgement.Truth);

    private static ImmutableArray<string> Texts(long[] keys) => [.. keys.Select(key => key.ToString(CultureInfo.InvariantCulture))];
}

using System.Collections.Immutable;
using System.Globalization;

namespace Raywright.Server.App.Playground;

/// <summary>One output of two answers to the same question.</summary>
/// <param name="Row">From 1.</param>
/// <param name="Output">Its name, and the class where it is one of several scores.</param>
/// <param name="One">What the first said; null where it said nothing.</param>
/// <param name="Other">What the second said.</param>
/// <param name="Differs">Whether a person should look at it.</param>
/// <param name="Distance">How far two numbers are apart; null where they are none.</param>
public sealed record AnswerDifference(int Row, string Output, string? One, string? Other, bool Differs, double? Distance)
{
    /// <summary>Below it numbers of two machines differ without a reason.</summary>
    private const double Noise = 1e-5;

    private const int MostScores = 12;

    public static ImmutableArray<AnswerDifference> Of(Answer one, Answer other) =>
        [.. Enumerable.Range(0, Math.Max(one.Rows.Length, other.Rows.Length)).SelectMany(row => InRow(row, At(one, row), At(other, row)))];

    private static IEnumerable<AnswerDifference> InRow(int row, ImmutableArray<AnswerPart> one, ImmutableArray<AnswerPart> other)
    {
        foreach (string name in one.Concat(other).Select(part => part.Name).Distinct(StringComparer.Ordinal))
        {
            AnswerPart? left = one.FirstOrDefault(part => part.Name == name), right = other.FirstOrDefault(part => part.Name == name);
            if (left?.Kind == AnswerKind.Scores && right?.Kind == AnswerKind.Scores)
            {
                foreach (AnswerDifference score in Scores(row, left, right))
                    yield return score;
                continue;
            }
            double? distance = left is { Kind: AnswerKind.Number, Numbers: [{ } a] } && right is { Kind: AnswerKind.Number, Numbers: [{ } b] } ? Math.Abs(a - b) : null;
            double largest = Math.Max(Math.Abs(left?.Numbers is [{ } x] ? x : 0), Math.Abs(right?.Numbers is [{ } y] ? y : 0));
            bool differs = distance is { } apart ? apart > Noise * Math.Max(1, largest) : left is { Kind: AnswerKind.Numbers } && right is { Kind: AnswerKind.Numbers } ? !SameNumbers(left, right) : left?.Text != right?.Text;
            yield return new(row + 1, name, left?.Text, right?.Text, differs, distance);
        }
    }

    private static IEnumerable<AnswerDifference> Scores(int row, AnswerPart left, AnswerPart right)
    {
        foreach (string name in left.Scores.Concat(right.Scores).Select(score => score.Name).Distinct(StringComparer.Ordinal).Take(MostScores))
        {
            Score? one = left.Scores.FirstOrDefault(score => score.Name == name), other = right.Scores.FirstOrDefault(score => score.Name == name);
            double? distance = one?.Value is { } a && other?.Value is { } b ? Math.Abs(a - b) : null;
            yield return new(
                row + 1, string.Create(CultureInfo.InvariantCulture, $"{left.Name} · {name}"), one is null ? null : left.Value(one), other is null ? null : right.Value(other),
                distance is { } apart ? apart > Noise : one?.Value != other?.Value, distance);
        }
    }

    private static bool SameNumbers(AnswerPart one, AnswerPart other) =>
        one.Numbers.Length == other.Numbers.Length && one.Numbers.Zip(other.Numbers).All(pair =>
            pair.First == pair.Second || (pair is ({ } a, { } b) && Math.Abs(a - b) <= Noise * Math.Max(1, Math.Max(Math.Abs(a), Math.Abs(b)))));

    private static ImmutableArray<AnswerPart> At(Answer answer, int row) => row < answer.Rows.Length ? answer.Rows[row] : [];
}

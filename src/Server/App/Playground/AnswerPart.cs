using System.Collections.Immutable;
using System.Globalization;
using Raywright.Server.App.Shared;

namespace Raywright.Server.App.Playground;

/// <summary>How an output is shown.</summary>
public enum AnswerKind
{
    /// <summary>A class or a text, in words.</summary>
    Words,

    Number,

    /// <summary>One number a class.</summary>
    Scores,

    /// <summary>Several numbers in their order.</summary>
    Numbers,

    /// <summary>Whatever else.</summary>
    Json,
}

/// <summary>A number with its class.</summary>
public sealed record Score(string Name, double? Value);

/// <summary>One output of one row.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">How it is shown.</param>
/// <param name="Text">The value in words.</param>
/// <param name="Scores">Highest first; of <see cref="AnswerKind.Scores"/> only.</param>
/// <param name="Numbers">The values of <see cref="AnswerKind.Number"/> and <see cref="AnswerKind.Numbers"/>; null where the model gave none.</param>
public sealed record AnswerPart(string Name, AnswerKind Kind, string Text, ImmutableArray<Score> Scores = default, ImmutableArray<double?> Numbers = default)
{
    /// <summary>More numbers than these say something together only: an embedding.</summary>
    public const int MostReadable = 32;

    public ImmutableArray<Score> Scores { get; init; } = Scores.IsDefault ? [] : Scores;

    public ImmutableArray<double?> Numbers { get; init; } = Numbers.IsDefault ? [] : Numbers;

    public bool IsVector => Kind == AnswerKind.Numbers && Numbers.Length > MostReadable && Numbers.All(number => number is not null);

    /// <summary>Whether the scores are shares of 1, to be shown as percentages.</summary>
    public bool AreShares => Scores.All(score => score.Value is null or (>= 0 and <= 1.0001)) && Math.Abs(Scores.Sum(score => score.Value ?? 0) - 1) < 0.01;

    /// <summary>The length of a score's bar, of 100.</summary>
    public double Length(Score score)
    {
        double most = AreShares ? 1 : Scores.Max(each => Math.Abs(each.Value ?? 0));
        return most == 0 ? 0 : Math.Round(Math.Abs(score.Value ?? 0) / most * 100, 2);
    }

    public string Value(Score score) => score.Value is not { } value ? "null" : AreShares ? Figures.Share(value) : Number(value);

    /// <summary>A number with as many digits as say something.</summary>
    public static string Number(double value) => value == Math.Truncate(value) && Math.Abs(value) < 1e15
        ? value.ToString("#,0", CultureInfo.InvariantCulture)
        : value.ToString("G6", CultureInfo.InvariantCulture);
}

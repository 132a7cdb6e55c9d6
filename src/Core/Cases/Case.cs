using System.Text.Json;

namespace Raywright.Core.Cases;

/// <summary>One line of a cases file (DESIGN 3, A case).</summary>
/// <param name="Line">Its line in the file, from 1.</param>
/// <param name="Body">The request body, <c>{"inputs": …}</c>, as UTF-8.</param>
/// <param name="Expected">Outputs that every version keeps, or <c>{"error": TEXT}</c>; null asserts only that the answer fits the contract.</param>
/// <param name="Tolerance">Null means <see cref="CaseTolerance.Default"/>.</param>
/// <param name="Label">The truth, one value or one a row; null where it is unknown.</param>
/// <param name="Recorded">Whether the expected answer is the model's own: differences are shown and fail nothing.</param>
/// <param name="Name">For people.</param>
public sealed record Case(
    int Line,
    ReadOnlyMemory<byte> Body,
    JsonElement? Expected = null,
    CaseTolerance? Tolerance = null,
    JsonElement? Label = null,
    bool Recorded = false,
    string? Name = null)
{
    /// <summary>Whether it can be evidence that the model answers what it should.</summary>
    public bool IsEvidence => !Recorded;

    public string Title => Name ?? $"case in line {Line}";
}

/// <summary>How far an answer may be from the expected one. Either bound is enough.</summary>
/// <param name="Absolute">Largest difference.</param>
/// <param name="Relative">Largest difference as a part of the expected value.</param>
public sealed record CaseTolerance(double? Absolute, double? Relative)
{
    /// <summary>1e-5 × max(1, largest expected value of the output).</summary>
    public static double Default(double largestExpected) => 1e-5 * Math.Max(1, largestExpected);
}

/// <summary>What came of one case.</summary>
/// <param name="Passed">True where the answer fits; always true for a recorded case that only differs in its values.</param>
/// <param name="Difference">What differs, in words; null where nothing does.</param>
/// <param name="Largest">Largest numeric difference.</param>
public sealed record CaseOutcome(bool Passed, string? Difference, double Largest);

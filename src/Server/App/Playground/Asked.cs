using System.Text.Json;
using Raywright.Core.Api;

namespace Raywright.Server.App.Playground;

/// <summary>What came back to a question.</summary>
/// <param name="Json">The body for people, indented; of a stream one value a line.</param>
/// <param name="Answer">The body read; null where there is a problem instead, or a stream.</param>
/// <param name="Problem">Why there is no answer, or why a stream ended early.</param>
/// <param name="Milliseconds">There and back; of a stream until its end.</param>
/// <param name="Values">What a stream gave; null where the answer came whole.</param>
/// <param name="FirstMilliseconds">Until a stream's first value.</param>
/// <param name="Stopped">Whether a stream ended because the person had enough.</param>
public sealed record Asked(
    string Json, Answer? Answer, ProblemDetails? Problem, string? RequestId, string? Version, string? Revision, double Milliseconds,
    StreamedValues? Values = null, double? FirstMilliseconds = null, bool Stopped = false)
{
    /// <summary>What was asked, <c>{"inputs": …}</c>; null where it was no JSON.</summary>
    public JsonElement? Question { get; init; }

    /// <summary>The table that was asked, row by row; null where it was none.</summary>
    public TableQuestion? Table { get; init; }

    /// <summary>What of the question is shown beside the answer.</summary>
    public QuestionShown Shown { get; init; } = QuestionShown.Nothing;
}

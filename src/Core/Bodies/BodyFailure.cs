using Raywright.Core.Errors;

namespace Raywright.Core.Bodies;

/// <summary>
/// Leaves a parser from any depth. It never leaves this folder: the parser turns it into the problem it carries, so that
/// the hot path needs no result to be passed back and checked at every value.
/// </summary>
internal sealed class BodyFailure(Problem problem) : Exception(problem.Detail)
{
    public Problem Problem { get; } = problem;
}

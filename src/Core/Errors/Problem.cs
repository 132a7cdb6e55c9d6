namespace Raywright.Core.Errors;

/// <summary>Where in a text file something stands. Line and column count from 1.</summary>
public readonly record struct SourceLocation(string File, int Line, int Column)
{
    /// <summary>The form compilers use and editors open: <c>file:line:column</c>.</summary>
    public override string ToString() => $"{File}:{Line}:{Column}";
}

/// <summary>One expected failure on one occasion. A value, never an exception (DESIGN 6).</summary>
/// <param name="Definition">The catalogue row.</param>
/// <param name="Detail">What is wrong here, with names and figures; a full sentence.</param>
/// <param name="Field">The input, key or path it is about, e.g. <c>inputs.features</c> or <c>scaling.min</c>.</param>
/// <param name="Location">Where in the user's file, if in one.</param>
/// <param name="Fix">What to write or do instead, on this occasion; null means the catalogue's cure.</param>
/// <param name="RetryAfter">How long to wait before trying again, where that is known.</param>
public sealed record Problem(
    ErrorDefinition Definition,
    string Detail,
    string? Field = null,
    SourceLocation? Location = null,
    string? Fix = null,
    TimeSpan? RetryAfter = null)
{
    public string Code => Definition.Code;

    public string Advice => Fix ?? Definition.Cure;

    public override string ToString() =>
        Location is { } at ? $"{at}: {Code}: {Detail}" : $"{Code}: {Detail}";
}

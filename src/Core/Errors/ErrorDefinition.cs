namespace Raywright.Core.Errors;

/// <summary>One row of the error catalogue: everything about an expected failure that does not depend on the occasion.</summary>
/// <param name="Code">The stable code, <c>RW1234</c>. Never reused. The thousands name the area, see <see cref="Catalogue"/>.</param>
/// <param name="Title">What happened, as a short sentence without a full stop.</param>
/// <param name="Cause">Why it happens, for the reference page.</param>
/// <param name="Cure">What to do about it, for the reference page and as the default advice.</param>
/// <param name="HttpStatus">Status of the answer where the failure ends an HTTP request.</param>
/// <param name="Exit">Exit status of the CLI where the failure ends a command.</param>
/// <param name="Retryable">Whether the same request may succeed later without any change.</param>
public sealed record ErrorDefinition(
    string Code,
    string Title,
    string Cause,
    string Cure,
    int HttpStatus = 400,
    ExitCode Exit = ExitCode.Error,
    bool Retryable = false);

/// <summary>Exit statuses of the command line (DESIGN 3).</summary>
public enum ExitCode
{
    Ok = 0,
    Error = 1,
    Cancelled = 2,
    Refused = 3,
    NotSignedIn = 4,
    NotFound = 5,
    InProgress = 8,
}

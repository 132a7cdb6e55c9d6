using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Raywright.Core.Api;

/// <summary>A long operation (DESIGN 3): what was asked, how far it is, how it ended. Times are UTC microseconds since 1970.</summary>
/// <param name="Id"><c>op_</c> and 20 characters; sorts by time of creation.</param>
/// <param name="Kind">What it does: <c>deploy</c>, <c>delete</c>, <c>test</c>.</param>
/// <param name="Target">What it is done to, e.g. <c>dev/iris</c>.</param>
/// <param name="Steps">In the order in which they run; those not yet started are pending.</param>
/// <param name="Result">What came of it, by kind; a deploy's is a <see cref="DeployResult"/>.</param>
/// <param name="Problem">Why it failed.</param>
/// <param name="Actor">Who asked: the name of the key.</param>
public sealed record Operation(
    string Id,
    string Kind,
    string Target,
    OperationState State,
    ImmutableArray<OperationStep> Steps,
    long CreatedAt,
    long? EndedAt = null,
    JsonElement? Result = null,
    ProblemDetails? Problem = null,
    string? Actor = null)
{
    [JsonIgnore]
    public bool Ended => State is OperationState.Succeeded or OperationState.Failed or OperationState.Cancelled;
}

[JsonConverter(typeof(JsonStringEnumConverter<OperationState>))]
public enum OperationState
{
    [JsonStringEnumMemberName("pending")] Pending,
    [JsonStringEnumMemberName("running")] Running,
    [JsonStringEnumMemberName("succeeded")] Succeeded,
    [JsonStringEnumMemberName("failed")] Failed,
    [JsonStringEnumMemberName("cancelled")] Cancelled,
    [JsonStringEnumMemberName("waiting-for-person")] WaitingForPerson,
}

/// <param name="Name">Stable name: <c>source</c>, <c>scan</c>, <c>contract</c>, <c>tests</c>, <c>gates</c>, <c>render</c>, <c>preflight</c>, <c>apply</c>, <c>question</c>, <c>traffic</c>.</param>
/// <param name="Message">For people: what it found, e.g. <c>60 cases passed, accuracy 0.883</c>.</param>
/// <param name="Figures">Numbers worth showing, by name.</param>
/// <param name="Warnings">What did not stop it but should be read.</param>
/// <param name="Progress">What it is at, where that takes long; only while it runs.</param>
public sealed record OperationStep(
    string Name,
    OperationState State,
    long? StartedAt = null,
    long? EndedAt = null,
    string? Message = null,
    ImmutableSortedDictionary<string, double>? Figures = null,
    ImmutableArray<ProblemDetails> Warnings = default,
    string? Progress = null)
{
    public ImmutableArray<ProblemDetails> Warnings { get; init; } = Warnings.IsDefault ? [] : Warnings;
}

/// <summary>A problem on the wire: RFC 9457 problem details with the product's fields (DESIGN 3).</summary>
/// <param name="Fix">What to write or do instead.</param>
/// <param name="Location"><c>file:line:column</c>.</param>
/// <param name="Errors">Every problem, where there was more than one; the first is this one.</param>
public sealed record ProblemDetails(
    string Type,
    string Title,
    int Status,
    string Detail,
    string Code,
    string? RequestId = null,
    bool Retryable = false,
    long? RetryAfterMs = null,
    string? Field = null,
    string? Fix = null,
    string? Location = null,
    ImmutableArray<ProblemDetails> Errors = default)
{
    public ImmutableArray<ProblemDetails> Errors { get; init; } = Errors.IsDefault ? [] : Errors;
}

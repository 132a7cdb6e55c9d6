using System.Buffers;
using System.Text.Json;
using Raywright.Core.Api;
using Raywright.Core.Errors;

namespace Raywright.Core.Bodies;

/// <summary>Problems on the wire, in the shape of each protocol (DESIGN 3).</summary>
public static class ProblemWriter
{
    /// <summary>Problem details with the product's fields; the first problem leads, all are listed where there are several.</summary>
    public static ProblemDetails Details(IReadOnlyList<Problem> problems, string? requestId = null)
    {
        ProblemDetails first = Details(problems[0], requestId);
        return problems.Count == 1 ? first : first with { Errors = [.. problems.Select(problem => Details(problem))] };
    }

    public static ProblemDetails Details(Problem problem, string? requestId = null) => new(
        Type: $"urn:raywright:error:{problem.Code}",
        Title: problem.Definition.Title,
        Status: problem.Definition.HttpStatus,
        Detail: problem.Detail,
        Code: problem.Code,
        RequestId: requestId,
        Retryable: problem.Definition.Retryable,
        RetryAfterMs: problem.RetryAfter is { } wait ? (long)wait.TotalMilliseconds : null,
        Field: problem.Field,
        Fix: problem.Advice,
        Location: problem.Location?.ToString());

    public static void WriteNeutral(IBufferWriter<byte> body, Problem problem, string requestId)
    {
        using Utf8JsonWriter writer = new(body);
        JsonSerializer.Serialize(writer, Details(problem, requestId), ApiJson.Default.ProblemDetails);
    }

    /// <summary>The Open Inference Protocol's <c>{"error": …}</c>, with the product's fields beside it.</summary>
    public static void WriteOpenInference(IBufferWriter<byte> body, Problem problem, string requestId)
    {
        using Utf8JsonWriter writer = new(body);
        writer.WriteStartObject();
        writer.WriteString("error"u8, problem.Detail);
        writer.WriteString("code"u8, problem.Code);
        writer.WriteString("requestId"u8, requestId);
        writer.WriteBoolean("retryable"u8, problem.Definition.Retryable);
        if (problem.RetryAfter is { } wait)
            writer.WriteNumber("retryAfterMs"u8, (long)wait.TotalMilliseconds);
        if (problem.Field is not null)
            writer.WriteString("field"u8, problem.Field);
        writer.WriteEndObject();
    }
}

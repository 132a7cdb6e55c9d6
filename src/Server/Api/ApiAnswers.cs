using System.Collections.Immutable;
using System.Text.Json.Serialization.Metadata;
using Raywright.Core.Api;
using Raywright.Core.Bodies;
using Raywright.Core.Errors;

namespace Raywright.Server.Api;

/// <summary>The forms of answers of the control plane.</summary>
internal static class ApiAnswers
{
    public static IResult Json<T>(T value, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK) => Results.Json(value, type, statusCode: status);

    public static IResult Refuse(HttpContext http, params ImmutableArray<Problem> problems)
    {
        if (problems[0].RetryAfter is { } wait)
            http.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture);
        return Results.Json(ProblemWriter.Details(problems, http.TraceIdentifier), ApiJson.Default.ProblemDetails, "application/problem+json", problems[0].Definition.HttpStatus);
    }

    /// <summary>The value as JSON, or its problems.</summary>
    public static IResult Of<T>(HttpContext http, Result<T> result, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK) =>
        result.Ok ? Json(result.Value, type, status) : Refuse(http, result.Problems);

    /// <summary>An operation that has begun.</summary>
    public static IResult Accepted(HttpContext http, Result<Operation> begun)
    {
        if (!begun.Ok)
            return Refuse(http, begun.Problems);
        http.Response.Headers.Location = Routes.Operation.Replace("{id}", begun.Value.Id, StringComparison.Ordinal);
        return Json(begun.Value, ApiJson.Default.Operation, StatusCodes.Status202Accepted);
    }
}

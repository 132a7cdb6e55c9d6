using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Raywright.Core.Errors;

namespace Raywright.Core.Api.Client;

/// <summary>Turns an answer that is no success back into the problems it tells of.</summary>
public static class ProblemReader
{
    private const int MostShown = 200;

    /// <summary>Every problem of the answer; at least one.</summary>
    public static ImmutableArray<Problem> Read(HttpStatusCode status, ReadOnlySpan<byte> body)
    {
        if (Parse(body) is { } details)
            return Problems(details);
        string text = Encoding.UTF8.GetString(body.Length > MostShown ? body[..MostShown] : body).ReplaceLineEndings(" ").Trim();
        string detail = string.Create(CultureInfo.InvariantCulture, $"The server answered {(int)status}{(text.Length > 0 ? $": {text}" : " without a word")}.");
        ErrorDefinition definition = (int)status is 401 or 403 ? Catalogue.NotSignedIn : Catalogue.AnswerNotUnderstood;
        return [new(definition, detail)];
    }

    public static ImmutableArray<Problem> Problems(ProblemDetails details) =>
        details.Errors.IsEmpty ? [Problem(details)] : [.. details.Errors.Select(Problem)];

    /// <summary>One problem. A code that this build does not know keeps its words; its exit status follows from the HTTP status.</summary>
    public static Problem Problem(ProblemDetails details)
    {
        ErrorDefinition definition = Catalogue.Find(details.Code)
            ?? new(details.Code, details.Title, details.Title, details.Fix ?? "", details.Status, Exit(details.Status), details.Retryable);
        string detail = details.RequestId is { } id && details.Status >= 500 ? $"{details.Detail} (request {id})" : details.Detail;
        return new(definition, detail, details.Field, Location(details.Location), details.Fix,
            details.RetryAfterMs is { } wait ? TimeSpan.FromMilliseconds(wait) : null);
    }

    private static ProblemDetails? Parse(ReadOnlySpan<byte> body)
    {
        try
        {
            // Other JSON objects can be read as problems without a code; they are none.
            return JsonSerializer.Deserialize(body, ClientJson.Lenient.ProblemDetails) is { Code: not null } details ? details : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static ExitCode Exit(int status) => status switch
    {
        401 or 403 => ExitCode.NotSignedIn,
        404 => ExitCode.NotFound,
        _ => ExitCode.Error,
    };

    private static SourceLocation? Location(string? text)
    {
        if (text is null || text.Split(':') is not [.. var file, var line, var column])
            return null;
        return int.TryParse(line, CultureInfo.InvariantCulture, out int row) && int.TryParse(column, CultureInfo.InvariantCulture, out int at)
            ? new(string.Join(':', file), row, at)
            : null;
    }
}

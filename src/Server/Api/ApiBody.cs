using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Raywright.Core.Errors;

namespace Raywright.Server.Api;

/// <summary>Reads JSON bodies of the control plane strictly: an unknown, missing or doubled key is a problem that names it.</summary>
internal static class ApiBody
{
    /// <summary>Specs and lists of files, never models: those are blobs.</summary>
    public const long MostBytes = 16 << 20;

    public static async Task<Result<T>> ReadAsync<T>(HttpContext http, JsonTypeInfo<T> type)
    {
        try
        {
            T? value = await JsonSerializer.DeserializeAsync(http.Request.Body, type, http.RequestAborted);
            return value is null ? new Problem(Catalogue.RequestInvalid, "The body is `null`.", "body") : value;
        }
        catch (JsonException e)
        {
            return new Problem(Catalogue.RequestInvalid, $"The body does not fit at {e.Path ?? "$"}: {Reason(e.Message)}", e.Path);
        }
        catch (BadHttpRequestException e)
        {
            return ApiFailures.Problem(e);
        }
    }

    /// <summary>The serializer appends the path, which has been said.</summary>
    private static string Reason(string message) => message.IndexOf(" Path: ", StringComparison.Ordinal) is var end and > 0 ? message[..end] : message;
}

using System.Diagnostics;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing.Template;
using Raywright.Core.Errors;
using Raywright.Server.Store;

namespace Raywright.Server.Api;

/// <summary>Turns what is thrown below the control API into problem details: a full disk is one, a bug is another.</summary>
internal sealed partial class ApiFailures(ILogger<ApiFailures> log)
{
    public async Task CatchAsync(HttpContext http, RequestDelegate next)
    {
        http.TraceIdentifier = Activity.Current?.TraceId.ToString() ?? Guid.CreateVersion7().ToString("n");
        http.Response.Headers["x-request-id"] = http.TraceIdentifier;
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = ApiBody.MostBytes;
        try
        {
            await next(http);
            if (!http.Response.HasStarted && Unrouted(http) is { } problem)
                await ApiAnswers.Refuse(http, problem).ExecuteAsync(http);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
        }
        catch (IOException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The caller went away in the middle of a body.
        }
        catch (BadHttpRequestException e) when (!http.Response.HasStarted)
        {
            await ApiAnswers.Refuse(http, Problem(e)).ExecuteAsync(http);
        }
        catch (Exception e) when (!http.Response.HasStarted)
        {
            Problem? known = StoreFailure.Of(e);
            if (known is null)
                LogFailed(e, http.TraceIdentifier);
            await ApiAnswers.Refuse(http, known ?? new Problem(Catalogue.Internal, "The call failed in the server; the log has the details under the request ID.")).ExecuteAsync(http);
        }
    }

    /// <summary>What is wrong with a call that no route took: routing itself says only a status.</summary>
    private static Problem? Unrouted(HttpContext http) => http.GetEndpoint() is RouteEndpoint ? null : http.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => new(Catalogue.NotFound, $"There is nothing at {http.Request.Path}."),
        StatusCodes.Status405MethodNotAllowed when !IsCall(http) => new(Catalogue.NotFound, $"There is nothing at {http.Request.Path}."),
        StatusCodes.Status405MethodNotAllowed => new(Catalogue.MethodNotAllowed, $"{http.Request.Path} takes {http.Response.Headers.Allow}, not {http.Request.Method}."),
        StatusCodes.Status415UnsupportedMediaType => new(Catalogue.MediaType, $"{http.Request.Path} takes no body of the type {http.Request.ContentType}.", "Content-Type", Fix: "Send a blob as `application/octet-stream`, everything else as `application/json`."),
        _ => null,
    };

    /// <summary>Whether the API has the address under another method; a server that runs from its build folder also looks for files everywhere.</summary>
    private static bool IsCall(HttpContext http) => http.RequestServices.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        .Where(route => route.RoutePattern.RawText?.StartsWith("/api/", StringComparison.Ordinal) == true)
        .Any(route => new TemplateMatcher(TemplateParser.Parse(route.RoutePattern.RawText!), []).TryMatch(http.Request.Path, []));

    /// <summary>What is wrong with a body that could not be read to its end.</summary>
    public static Problem Problem(BadHttpRequestException exception) => exception.StatusCode switch
    {
        StatusCodes.Status413PayloadTooLarge => new(Catalogue.BodyTooLarge, $"The body cannot be read: {exception.Message}", "body"),
        StatusCodes.Status408RequestTimeout => new(Catalogue.BodySlow, $"The body cannot be read: {exception.Message}", "body"),
        _ => new(Catalogue.BodyBroken, $"The body cannot be read: {exception.Message}", "body"),
    };

    [LoggerMessage(Level = LogLevel.Error, Message = "API request {RequestId} failed")]
    private partial void LogFailed(Exception exception, string requestId);
}

using System.Diagnostics;
using Microsoft.AspNetCore.Http.Features;
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

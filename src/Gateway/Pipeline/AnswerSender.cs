using Microsoft.AspNetCore.Http;
using Raywright.Gateway.Routing;

namespace Raywright.Gateway.Pipeline;

/// <summary>Sends whole answers with the headers that every answer has.</summary>
internal static class AnswerSender
{
    public static async ValueTask SendAsync(ServedRequest request, int status, string contentType, ReadOnlyMemory<byte> body)
    {
        HttpResponse response = request.Http.Response;
        Head(request, status);
        response.ContentType = contentType;
        response.ContentLength = body.Length;
        request.AnswerBytes = body.Length;
        request.Leave();
        if (!HttpMethods.IsHead(request.Http.Request.Method))
            await response.BodyWriter.WriteAsync(body, request.Http.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>Sends the head of an answer that comes in parts.</summary>
    public static void Begin(ServedRequest request, string contentType)
    {
        Head(request, StatusCodes.Status200OK);
        request.Http.Response.ContentType = contentType;
        request.Http.Response.Headers.CacheControl = "no-cache";
    }

    private static void Head(ServedRequest request, int status)
    {
        request.Status = status;
        HttpResponse response = request.Http.Response;
        response.StatusCode = status;
        IHeaderDictionary headers = response.Headers;
        headers["x-request-id"] = request.Trace.RequestId;
        headers.TraceParent = request.Trace.Parent;
        if (request.Revision is { } revision)
        {
            headers["x-raywright-version"] = revision.VersionName;
            headers["x-raywright-revision"] = revision.Config.Id;
        }
    }
}

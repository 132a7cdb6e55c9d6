using System.Globalization;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http.Features;
using Raywright.Core.Api;
using Raywright.Core.Errors;
using Raywright.Server.Api;

namespace Raywright.Server.Blobs;

internal static class BlobEndpoints
{
    public static void MapBlobs(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods(Routes.Blob, [HttpMethods.Head], Head)
            .Needs(Scope.Deploy).WithSummary("Ask for a file").WithDescription("200 with its size, or 404 with the bytes of an upload that has begun in `Upload-Offset`.");
        routes.MapGet(Routes.Blob, Get)
            .Needs(Scope.Deploy).WithSummary("Fetch a file");
        routes.MapPut(Routes.Blob, PutAsync)
            .Needs(Scope.Deploy).WithSummary("Send a file").WithDescription("Whole, or the rest of it with `Content-Range`. It is there when its digest is right.")
            .Accepts<Stream>("application/octet-stream").Produces(StatusCodes.Status204NoContent);
    }

    private static IResult Head(HttpContext http, BlobStore blobs, TimeProvider clock, string sha256)
    {
        if (Objection(sha256) is { } problem)
            return ApiAnswers.Refuse(http, problem);
        if (blobs.Has(sha256))
        {
            blobs.Touch(sha256, clock.GetUtcNow().UtcDateTime);
            http.Response.ContentLength = blobs.SizeOf(sha256);
            return Results.Empty;
        }
        http.Response.Headers["Upload-Offset"] = blobs.PartialLength(sha256).ToString(CultureInfo.InvariantCulture);
        return Results.StatusCode(StatusCodes.Status404NotFound);
    }

    private static IResult Get(HttpContext http, BlobStore blobs, string sha256)
    {
        if (Objection(sha256) is { } problem)
            return ApiAnswers.Refuse(http, problem);
        return blobs.Has(sha256)
            ? Results.File(blobs.PathOf(sha256), "application/octet-stream", enableRangeProcessing: true)
            : ApiAnswers.Refuse(http, new Problem(Catalogue.NotFound, $"There is no file {sha256[..12]}…."));
    }

    private static async Task<IResult> PutAsync(HttpContext http, BlobStore blobs, string sha256)
    {
        if (Objection(sha256) is { } problem)
            return ApiAnswers.Refuse(http, problem);
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = null;
        long offset = 0;
        if (http.Request.Headers.ContentRange.ToString() is { Length: > 0 } text)
        {
            if (!ContentRangeHeaderValue.TryParse(text, out ContentRangeHeaderValue? range) || range.Unit != "bytes" || range.From is not { } from || range.To != range.Length - 1)
                return ApiAnswers.Refuse(http, new Problem(Catalogue.BlobRange, $"`Content-Range: {text}` is not the rest of a file: `bytes FROM-LAST/SIZE`.", "Content-Range"));
            offset = from;
        }
        Result<long> put = await blobs.PutAsync(sha256, offset, http.Request.Body, http.RequestAborted);
        return put.Ok ? Results.NoContent() : ApiAnswers.Refuse(http, put.Problems);
    }

    private static Problem? Objection(string digest) =>
        BlobStore.IsDigest(digest) ? null : new Problem(Catalogue.RequestInvalid, "The address has no SHA-256 in lower-case hex.", "sha256");
}

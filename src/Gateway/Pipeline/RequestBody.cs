using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Raywright.Core.Errors;

namespace Raywright.Gateway.Pipeline;

/// <summary>Reads a whole body within its budget, in the server's own buffers; the caller gives them back by advancing to its end.</summary>
internal static class RequestBody
{
    public static async ValueTask<Result<ReadOnlySequence<byte>>> ReadAsync(HttpContext http, long most)
    {
        if (http.Request.ContentLength > most)
            return TooLarge(most);
        PipeReader reader = http.Request.BodyReader;
        try
        {
            while (true)
            {
                ReadResult read = await reader.ReadAsync(http.RequestAborted).ConfigureAwait(false);
                if (read.Buffer.Length > most)
                {
                    reader.AdvanceTo(read.Buffer.End);
                    return TooLarge(most);
                }
                if (read.IsCompleted)
                    return read.Buffer;
                reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            }
        }
        catch (BadHttpRequestException e)
        {
            return e.StatusCode switch
            {
                StatusCodes.Status413PayloadTooLarge => TooLarge(most),
                StatusCodes.Status408RequestTimeout => new Problem(Catalogue.BodySlow, "The rest of the body did not arrive in time.", Field: "body"),
                _ => new Problem(Catalogue.BodyBroken, "The body does not keep to what its head declares.", Field: "body"),
            };
        }
        catch (IOException)
        {
            return new Problem(Catalogue.RequestCancelled, "The connection was closed before the whole body had arrived.");
        }
    }

    private static Problem TooLarge(long most) =>
        new(Catalogue.BodyTooLarge, string.Create(CultureInfo.InvariantCulture, $"The body has more than {most} bytes."), Field: "body");
}

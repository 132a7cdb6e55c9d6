using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;

namespace Raywright.Bench.Floors;

/// <summary>The least that any server on Kestrel pays: reads a body and sends it back.</summary>
internal static class EchoFloor
{
    public static async Task HandleAsync(HttpContext http)
    {
        ReadOnlySequence<byte> body = await BodyOf(http);
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = body.Length;
        foreach (ReadOnlyMemory<byte> part in body)
            http.Response.BodyWriter.Write(part.Span);
        http.Request.BodyReader.AdvanceTo(body.End);
        await http.Response.BodyWriter.FlushAsync();
    }

    public static async ValueTask<ReadOnlySequence<byte>> BodyOf(HttpContext http)
    {
        PipeReader reader = http.Request.BodyReader;
        while (true)
        {
            ReadResult read = await reader.ReadAsync();
            if (read.IsCompleted)
                return read.Buffer;
            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }
}

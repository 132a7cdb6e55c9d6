using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Raywright.Core.Bodies;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Gateway.Pipeline;

namespace Raywright.Gateway.Protocols;

/// <summary>
/// Answers in parts, as Server-Sent Events: <c>data: {"outputs": …}</c> for each value, at the end <c>event: end</c>, or
/// <c>event: error</c> with a problem. What fails before the first value is an ordinary answer with its status.
/// </summary>
internal static class AnswerStream
{
    private const string Type = "text/event-stream";
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    public static bool IsWanted(HttpRequest request)
    {
        foreach (string? accepted in request.Headers.Accept)
        {
            if (accepted is not null && accepted.Contains(Type, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }

    public static async ValueTask<Problem?> SendAsync(ServedRequest request, ParsedRequest asked)
    {
        if (request.Revision!.Streaming is not { } streaming)
            return new(Catalogue.StreamingUnsupported, $"{request.Revision.VersionName} answers whole.");
        InferenceCall call = new(asked.Inputs, request.Trace.RequestId, Longest, asked.Parameters);
        PipeWriter body = request.Http.Response.BodyWriter;
        bool begun = false;
        await foreach (Result<byte[]> value in streaming.StreamAsync(call, request.Http.RequestAborted).ConfigureAwait(false))
        {
            if (!value.Ok && !begun)
                return value.Problems[0];
            bool first = !begun;
            if (first)
                AnswerSender.Begin(request, Type);
            begun = true;
            if (!value.Ok)
            {
                // The head is gone, so it can only be told in the stream and in the record.
                ArrayBufferWriter<byte> problem = new();
                ProblemWriter.WriteNeutral(problem, value.Problems[0], request.Trace.RequestId);
                Write(body, "event: error\ndata: "u8, problem.WrittenSpan, "\n\n"u8);
                return value.Problems[0];
            }
            if (first)
                request.Revision.Figures.AddFirstValue(request.Started);
            request.Revision.Figures.AddStreamedValue();
            request.AnswerBytes += Write(body, "data: {\"outputs\":"u8, value.Value, "}\n\n"u8);
            // A reader that is slow slows the model down.
            await body.FlushAsync(request.Http.RequestAborted).ConfigureAwait(false);
        }
        if (!begun)
            AnswerSender.Begin(request, Type);
        Write(body, "event: end\ndata: {"u8, [], "}\n\n"u8);
        await body.FlushAsync(request.Http.RequestAborted).ConfigureAwait(false);
        return null;
    }

    private static int Write(PipeWriter body, ReadOnlySpan<byte> before, ReadOnlySpan<byte> value, ReadOnlySpan<byte> after)
    {
        body.Write(before);
        body.Write(value);
        body.Write(after);
        return before.Length + value.Length + after.Length;
    }
}

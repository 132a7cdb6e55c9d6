using System.Buffers;
using Microsoft.AspNetCore.Http;
using Raywright.Core.Bodies;
using Raywright.Core.Errors;
using Raywright.Core.Tensors;
using Raywright.Gateway.Pipeline;
using Raywright.Gateway.Routing;

namespace Raywright.Gateway.Protocols;

/// <summary><c>POST /serve/{environment}/predict/{model}</c>: the neutral body of DESIGN 3.</summary>
internal sealed class NeutralProtocol : IServeProtocol
{
    private const int LargestKept = 1 << 20;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? cached;

    public Problem? Objection(HttpRequest head) =>
        MediaType.Is(head.ContentType, "application/json") ? null : new(Catalogue.MediaType, $"The body is {head.ContentType}.");

    public async ValueTask<Problem?> AnswerAsync(ServedRequest request, ReadOnlySequence<byte> body, TimeSpan timeout)
    {
        RevisionRoute revision = request.Revision!;
        Result<ParsedRequest> parsed = revision.Parser.Parse(body);
        if (!parsed.Ok)
            return parsed.Problems[0];
        using ParsedRequest asked = parsed.Value;
        request.Rows = asked.Rows;
        if (AnswerStream.IsWanted(request.Http.Request))
            return await AnswerStream.SendAsync(request, asked).ConfigureAwait(false);
        Result<Tensor[]> answer = await revision.Dispatcher.InferAsync(asked.Inputs, asked.Rows, request.Trace.RequestId, asked.Parameters, timeout, request.Http.RequestAborted).ConfigureAwait(false);
        if (!answer.Ok)
            return answer.Problems[0];
        try
        {
            if (OutputCheck.Of(revision.Config.Contract, answer.Value, asked.Rows) is { } broken)
                return broken;
            ArrayBufferWriter<byte> text = Interlocked.Exchange(ref cached, null) ?? new(1024);
            text.ResetWrittenCount();
            revision.Writer.Write(text, asked.Form, answer.Value);
            await AnswerSender.SendAsync(request, StatusCodes.Status200OK, "application/json", text.WrittenMemory).ConfigureAwait(false);
            // One huge answer must not keep its buffer for good.
            if (text.Capacity <= LargestKept)
                cached = text;
            return null;
        }
        finally
        {
            foreach (Tensor tensor in answer.Value)
                tensor.Dispose();
        }
    }

    public string WriteProblem(IBufferWriter<byte> body, Problem problem, string requestId)
    {
        ProblemWriter.WriteNeutral(body, problem, requestId);
        return "application/problem+json";
    }
}

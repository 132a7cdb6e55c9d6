using System.Buffers;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Raywright.Core.Bodies;
using Raywright.Core.Errors;
using Raywright.Core.Tensors;
using Raywright.Gateway.Pipeline;
using Raywright.Gateway.Routing;

namespace Raywright.Gateway.Protocols;

/// <summary><c>POST /serve/{environment}/v2/models/{model}/infer</c>: the Open Inference Protocol, binary tensors included.</summary>
internal sealed class OpenInferenceProtocol : IServeProtocol
{
    public const string JsonLength = "Inference-Header-Content-Length";

    public Problem? Objection(HttpRequest head) =>
        MediaType.Is(head.ContentType, "application/json") || MediaType.Is(head.ContentType, "application/octet-stream")
            ? null
            : new(Catalogue.MediaType, $"The body is {head.ContentType}.", Fix: "Send `Content-Type: application/json`, or `application/octet-stream` with binary tensors.");

    public async ValueTask<Problem?> AnswerAsync(ServedRequest request, ReadOnlySequence<byte> body, TimeSpan timeout)
    {
        RevisionRoute revision = request.Revision!;
        int? jsonLength = null;
        if (request.Http.Request.Headers.TryGetValue(JsonLength, out StringValues header))
            jsonLength = int.TryParse(header, NumberStyles.None, CultureInfo.InvariantCulture, out int length) ? length : -1;
        Result<OpenInferenceRequest> parsed = revision.OpenInferenceParser.Parse(body.IsSingleSegment ? body.First : body.ToArray(), jsonLength);
        if (!parsed.Ok)
            return parsed.Problems[0];
        using OpenInferenceRequest asked = parsed.Value;
        request.Rows = asked.Rows;
        Result<Tensor[]> answer = await revision.Dispatcher.InferAsync(asked.Inputs, asked.Rows, request.Trace.RequestId, null, timeout, request.Http.RequestAborted).ConfigureAwait(false);
        if (!answer.Ok)
            return answer.Problems[0];
        try
        {
            if (OutputCheck.Of(revision.Config.Contract, answer.Value, asked.Rows) is { } broken)
                return broken;
            ArrayBufferWriter<byte> text = new(1024);
            int? head = revision.OpenInferenceWriter.Write(text, asked, answer.Value);
            if (head is { } bytes)
                request.Http.Response.Headers[JsonLength] = bytes.ToString(CultureInfo.InvariantCulture);
            await AnswerSender.SendAsync(request, StatusCodes.Status200OK, head is null ? "application/json" : "application/octet-stream", text.WrittenMemory).ConfigureAwait(false);
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
        ProblemWriter.WriteOpenInference(body, problem, requestId);
        return "application/json";
    }
}

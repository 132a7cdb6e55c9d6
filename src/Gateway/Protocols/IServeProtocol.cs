using System.Buffers;
using Microsoft.AspNetCore.Http;
using Raywright.Core.Errors;
using Raywright.Gateway.Pipeline;

namespace Raywright.Gateway.Protocols;

/// <summary>A form in which models are asked: how its bodies become tensors, and answers and problems become bodies.</summary>
internal interface IServeProtocol
{
    /// <summary>What speaks against the head of a request, before its body is read.</summary>
    Problem? Objection(HttpRequest head);

    /// <summary>Steps 5 to 7 of the pipeline: contract, forward, answer. Gives the problem instead of answering it.</summary>
    ValueTask<Problem?> AnswerAsync(ServedRequest request, ReadOnlySequence<byte> body, TimeSpan timeout);

    /// <summary>Writes a problem; gives its media type.</summary>
    string WriteProblem(IBufferWriter<byte> body, Problem problem, string requestId);
}

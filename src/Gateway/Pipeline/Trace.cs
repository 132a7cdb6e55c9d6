using System.Buffers;
using System.Diagnostics;

namespace Raywright.Gateway.Pipeline;

/// <summary>The IDs of a request: W3C trace context in and out (https://www.w3.org/TR/trace-context/), and its own.</summary>
/// <param name="RequestId">The caller's where it is sane, else the trace's.</param>
/// <param name="Parent">The <c>traceparent</c> of the answer.</param>
public readonly record struct Trace(string RequestId, string Parent)
{
    private const int LongestRequestId = 128;
    private static readonly SearchValues<char> Sane = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:");
    private static readonly SearchValues<char> TraceCharacters = SearchValues.Create("0123456789abcdef-");

    public static Trace Of(string? requestId, string? traceParent)
    {
        string trace = IsTraceParent(traceParent) ? traceParent!.Substring(3, 32) : ActivityTraceId.CreateRandom().ToHexString();
        return new(IsSane(requestId) ? requestId! : trace, string.Concat("00-", trace, "-", ActivitySpanId.CreateRandom().ToHexString(), "-01"));
    }

    /// <summary>IDs go into logs and headers, so only plain ones are taken over.</summary>
    private static bool IsSane(string? id) =>
        id is { Length: > 0 and <= LongestRequestId } && !id.AsSpan().ContainsAnyExcept(Sane);

    private static bool IsTraceParent(string? text) =>
        text is { Length: 55 } && text[2] == '-' && text[35] == '-' && text[52] == '-' && !text.AsSpan().ContainsAnyExcept(TraceCharacters)
        && text.AsSpan(3, 32).ContainsAnyExcept('0');
}

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
    private static readonly SearchValues<char> Odd = SearchValues.Create("13579bdf");
    private static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdef");

    public static Trace Of(string? requestId, string? traceParent)
    {
        bool inherited = IsTraceParent(traceParent);
        string trace = inherited ? traceParent!.Substring(3, 32) : ActivityTraceId.CreateRandom().ToHexString();
        // Whether the caller records the trace is its business; a trace that begins here is recorded by our log.
        string flags = inherited && !Odd.Contains(traceParent![54]) ? "00" : "01";
        return new(IsSane(requestId) ? requestId! : trace, $"00-{trace}-{ActivitySpanId.CreateRandom().ToHexString()}-{flags}");
    }

    /// <summary>The trace's ID, 32 hexadecimal digits.</summary>
    public ReadOnlySpan<char> Id => Parent.AsSpan(3, 32);

    /// <summary>IDs go into logs and headers, so only plain ones are taken over.</summary>
    private static bool IsSane(string? id) =>
        id is { Length: > 0 and <= LongestRequestId } && !id.AsSpan().ContainsAnyExcept(Sane);

    /// <summary>Later versions may append fields after a dash; version ff and IDs of zeros are forbidden.</summary>
    private static bool IsTraceParent(string? text) =>
        text is { Length: >= 55 } && text[2] == '-' && text[35] == '-' && text[52] == '-'
        && (text.Length == 55 || (text[55] == '-' && !text.StartsWith("00", StringComparison.Ordinal)))
        && IsHex(text.AsSpan(0, 2)) && !text.StartsWith("ff", StringComparison.Ordinal)
        && IsId(text.AsSpan(3, 32)) && IsId(text.AsSpan(36, 16)) && IsHex(text.AsSpan(53, 2));

    private static bool IsHex(ReadOnlySpan<char> text) => !text.ContainsAnyExcept(Hex);

    private static bool IsId(ReadOnlySpan<char> text) => IsHex(text) && text.ContainsAnyExcept('0');
}

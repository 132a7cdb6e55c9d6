using Microsoft.AspNetCore.Http;
using Raywright.Core.Errors;
using Raywright.Gateway.Access;
using Raywright.Gateway.Routing;

namespace Raywright.Gateway.Pipeline;

/// <summary>One request on its way through the steps: what each has found out so far.</summary>
internal sealed class ServedRequest(HttpContext http, ServeAddress address, Trace trace, long started)
{
    public HttpContext Http => http;

    public ServeAddress Address => address;

    public Trace Trace => trace;

    /// <summary>Timestamp of the clock.</summary>
    public long Started => started;

    public KeyEntry? Key { get; set; }

    public EndpointRoute? Endpoint { get; set; }

    public RevisionRoute? Revision { get; set; }

    public long Rows { get; set; }

    public long RequestBytes { get; set; }

    public long AnswerBytes { get; set; }

    public int Status { get; set; }

    public Problem? Problem { get; set; }

    /// <summary>The request body where this request is sampled for its features.</summary>
    public byte[]? Sample { get; set; }
}

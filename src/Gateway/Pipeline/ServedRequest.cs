using Microsoft.AspNetCore.Http;
using Raywright.Core.Errors;
using Raywright.Gateway.Access;
using Raywright.Gateway.Routing;

namespace Raywright.Gateway.Pipeline;

/// <summary>One request on its way through the steps: what each has found out so far.</summary>
internal sealed class ServedRequest(HttpContext http, ServeAddress address, Trace trace, long started)
{
    private bool inside;

    public HttpContext Http => http;

    public ServeAddress Address => address;

    public Trace Trace => trace;

    /// <summary>Timestamp of the clock.</summary>
    public long Started => started;

    public KeyEntry? Key { get; set; }

    public EndpointRoute? Endpoint { get; set; }

    /// <summary>The revision that answers, or would have.</summary>
    public RevisionRoute? Revision { get; set; }

    public long Rows { get; set; }

    public long RequestBytes { get; set; }

    public long AnswerBytes { get; set; }

    public int Status { get; set; }

    public Problem? Problem { get; set; }

    /// <summary>The request body where this request is sampled for its features.</summary>
    public byte[]? Sample { get; set; }

    /// <summary>Enters the revision; false where it is being retired.</summary>
    public bool TryEnter(RevisionRoute revision)
    {
        inside = revision.TryEnter();
        Revision = inside ? revision : null;
        return inside;
    }

    /// <summary>
    /// Leaves the revision where the request is inside: as soon as the answer is there. Who reads it slowly must not hold up
    /// its retirement.
    /// </summary>
    public void Leave()
    {
        if (!inside)
            return;
        inside = false;
        Revision!.Exit();
    }
}

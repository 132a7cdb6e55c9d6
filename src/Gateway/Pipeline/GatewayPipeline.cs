using System.Buffers;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Raywright.Core;
using Raywright.Core.Bodies;
using Raywright.Core.Errors;
using Raywright.Gateway.Access;
using Raywright.Gateway.Protocols;
using Raywright.Gateway.Records;
using Raywright.Gateway.Routing;
using Raywright.Gateway.Telemetry;

namespace Raywright.Gateway.Pipeline;

/// <summary>
/// Every request below <c>/serve</c> (DESIGN 5, A request). The steps, in the order of <see cref="HandleAsync"/>:
/// <list type="number">
/// <item>request ID and trace;</item>
/// <item>access: key, scope, endpoint; what may not be known is not found;</item>
/// <item>size budget, body read once;</item>
/// <item>revision by weight or pin, entered so that it cannot be retired under the request;</item>
/// <item>contract: the body into typed tensors;</item>
/// <item>forward through the batcher, with a deadline;</item>
/// <item>output contract, answer in the form of the request;</item>
/// <item>record, figures, log line.</item>
/// </list>
/// Limits and budgets join as steps between 2 and 3.
/// </summary>
public sealed partial class GatewayPipeline(RouteTableStore routes, KeyDirectoryStore keys, RequestJournal journal, GatewayOptions options, TimeProvider clock, ILogger<GatewayPipeline> log) : IDisposable
{
    private static readonly NeutralProtocol Neutral = new();
    private static readonly OpenInferenceProtocol OpenInference = new();
    private readonly GatewayMeter meter = new(routes, journal);

    public async Task HandleAsync(HttpContext http)
    {
        long started = clock.GetTimestamp();
        Trace trace = Trace.Of(http.Request.Headers["x-request-id"], http.Request.Headers.TraceParent);
        ServedRequest request = new(http, ServeAddress.Parse(http.Request.Path.Value!), trace, started);
        IServeProtocol protocol = request.Address.Kind is ServeKind.Predict or ServeKind.Unknown or ServeKind.OpenApi or ServeKind.Docs ? Neutral : OpenInference;
        try
        {
            request.Problem = Admit(request) ?? await ServeAsync(request, protocol).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            request.Problem = new Problem(Catalogue.RequestCancelled, "The caller closed the connection.");
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            LogFailure(e, trace.RequestId);
            request.Problem = new Problem(Catalogue.Internal, "The request failed in the server; the log has the details under the request ID.");
        }
        if (request.Problem is { } problem)
            await RefuseAsync(request, protocol, problem).ConfigureAwait(false);
        Finish(request);
    }

    public void Dispose() => meter.Dispose();

    /// <summary>Step 2. Problems of access come before any other, so that nothing can be learned without a key.</summary>
    private Problem? Admit(ServedRequest request)
    {
        ServeAddress address = request.Address;
        if (RequestKey.Of(request.Http.Request) is { } key)
            request.Key = keys.Current.Find(key, clock.NowMicros());
        request.Endpoint = routes.Current.Find(address.Environment, address.Model);
        bool open = request.Endpoint is { IsPublic: true };
        if (request.Key is null && !open)
            return new(Catalogue.KeyMissing, "The request has no valid key.");
        if (address.Kind == ServeKind.Unknown)
            return new(Catalogue.AddressUnknown, $"There is nothing at {request.Http.Request.Path.Value}.");
        if (!open && !request.Key!.MayQuery)
            return new(Catalogue.KeyForbidden, "The key lacks the scope `query`.");
        bool needsModel = address.Model.Length > 0;
        if (needsModel && (request.Endpoint is null || (!open && !request.Key!.Reaches(address.Environment, address.Model))))
        {
            request.Endpoint = null;
            return new(Catalogue.EndpointUnknown, $"There is no model {address.Model} in {address.Environment} for this key.");
        }
        string method = address.Kind is ServeKind.Predict or ServeKind.InferenceRun ? HttpMethods.Post : HttpMethods.Get;
        if (request.Http.Request.Method == method || (method == HttpMethods.Get && HttpMethods.IsHead(request.Http.Request.Method)))
            return null;
        request.Http.Response.Headers.Allow = method;
        return new(Catalogue.MethodNotAllowed, $"{request.Http.Request.Method} is not for this address; {method} is.");
    }

    private async ValueTask<Problem?> ServeAsync(ServedRequest request, IServeProtocol protocol)
    {
        if (request.Address.Kind is not (ServeKind.Predict or ServeKind.InferenceRun))
            return await ServeDocuments.AnswerAsync(request, routes.Current).ConfigureAwait(false);
        if (protocol.Objection(request.Http.Request) is { } objection)
            return objection;
        Result<ReadOnlySequence<byte>> read = await RequestBody.ReadAsync(request.Http, options.Limits.Bytes).ConfigureAwait(false);
        if (!read.Ok)
            return read.Problems[0];
        ReadOnlySequence<byte> body = read.Value;
        try
        {
            if (Enter(request) is { } nothing)
                return nothing;
            request.RequestBytes = body.Length;
            if (journal.TakesSample())
                request.Sample = body.Slice(0, Math.Min(body.Length, options.LargestSample)).ToArray();
            return await protocol.AnswerAsync(request, body, options.RequestTimeout).ConfigureAwait(false);
        }
        finally
        {
            request.Http.Request.BodyReader.AdvanceTo(body.End);
            request.Leave();
        }
    }

    /// <summary>Step 4. A revision that is just being retired sends the request to the newest table.</summary>
    private Problem? Enter(ServedRequest request)
    {
        ServeAddress address = request.Address;
        while (true)
        {
            RevisionRoute? revision = address.Version is { } version ? request.Endpoint!.Pinned(version) : request.Endpoint!.Next();
            if (revision is null)
                return address.Version is null
                    ? new(Catalogue.NoRevision, $"No revision of {request.Endpoint.Path} is ready.", RetryAfter: TimeSpan.FromSeconds(1))
                    : new(Catalogue.VersionNotServed, $"Version {address.Version} is not served at {request.Endpoint.Path}.");
            if (request.TryEnter(revision))
                return null;
            EndpointRoute? newest = routes.Current.Find(address.Environment, address.Model);
            if (newest is null)
                return new(Catalogue.EndpointUnknown, $"There is no model {address.Model} in {address.Environment} any more.");
            // The table that retires a revision is published before; meeting the same endpoint again means that it was deleted.
            if (ReferenceEquals(newest, request.Endpoint))
                return new(Catalogue.NoRevision, $"{newest.Path} is being taken away.", RetryAfter: TimeSpan.FromSeconds(1));
            request.Endpoint = newest;
        }
    }

    private static async ValueTask RefuseAsync(ServedRequest request, IServeProtocol protocol, Problem problem)
    {
        if (request.Http.Response.HasStarted || request.Http.RequestAborted.IsCancellationRequested)
        {
            request.Status = problem.Definition.HttpStatus;
            return;
        }
        if (problem.RetryAfter is { } wait)
            request.Http.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        if (problem.Definition == Catalogue.KeyMissing)
            request.Http.Response.Headers.WWWAuthenticate = "Bearer";
        ArrayBufferWriter<byte> body = new();
        string contentType = protocol.WriteProblem(body, problem, request.Trace.RequestId);
        await AnswerSender.SendAsync(request, problem.Definition.HttpStatus, contentType, body.WrittenMemory).ConfigureAwait(false);
    }

    /// <summary>Step 8.</summary>
    private void Finish(ServedRequest request)
    {
        long micros = (long)clock.GetElapsedTime(request.Started).TotalMicroseconds;
        request.Revision?.Figures.Add(request.Status, micros, request.Rows);
        journal.Add(request, micros, clock.NowMicros());
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Request {RequestId} failed")]
    private partial void LogFailure(Exception exception, string requestId);
}

/// <summary>Settings of the data plane.</summary>
/// <param name="Limits">Budgets of a body.</param>
/// <param name="RequestTimeout">Deadline of a request.</param>
/// <param name="SampleEvery">One in so many requests is recorded with its inputs; 0 means none.</param>
/// <param name="LargestSample">Most bytes of a sampled body.</param>
public sealed record GatewayOptions(BodyLimits Limits, TimeSpan RequestTimeout, int SampleEvery = 100, int LargestSample = 16 << 10)
{
    public static readonly GatewayOptions Default = new(BodyLimits.Default, TimeSpan.FromSeconds(30));
}

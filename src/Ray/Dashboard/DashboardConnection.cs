using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Raywright.Core.Errors;

namespace Raywright.Ray.Dashboard;

/// <summary>A whole answer.</summary>
internal sealed record Reply(HttpStatusCode Status, Uri? Location, byte[] Body);

/// <summary>Requests to one dashboard: the deadline, and what an answer or its absence means wherever it comes from.</summary>
internal sealed class DashboardConnection
{
    /// <summary>More than the largest cluster's answer; what does not end is no dashboard.</summary>
    private const long MostBytes = 64L << 20;

    private static readonly ProductInfoHeaderValue Agent = new(new ProductHeaderValue("raywright"));

    private readonly HttpClient http;
    private readonly TimeProvider clock;
    private readonly TimeSpan deadline;
    private readonly Uri root;

    public DashboardConnection(HttpClient http, TimeProvider clock, TimeSpan deadline)
    {
        (this.http, this.clock, this.deadline) = (http, clock, deadline);
        Uri address = http.BaseAddress ?? throw new ArgumentException("The client needs the dashboard as its base address.", nameof(http));
        // Without the slash the last segment of a dashboard below a path would be replaced.
        root = address.AbsolutePath.EndsWith('/') ? address : new UriBuilder(address) { Path = address.AbsolutePath + "/" }.Uri;
        Address = root.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped).TrimEnd('/');
    }

    public string Address { get; }

    public Task<Result<T>> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Get, path, content: null, type, cancellation);

    public async Task<Result<T>> SendAsync<T>(HttpMethod method, string path, HttpContent? content, JsonTypeInfo<T> type, CancellationToken cancellation)
    {
        Result<Reply> reply = await SendAsync(method, path, content, cancellation).ConfigureAwait(false);
        return reply.Ok ? Read(reply.Value, type) : reply.Problems;
    }

    /// <summary>One request. An answer of any status is a reply; a problem is that there was none.</summary>
    public async Task<Result<Reply>> SendAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellation, TimeSpan more = default)
    {
        TimeSpan patience = deadline + more;
        using CancellationTokenSource overdue = new(patience, clock);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(overdue.Token, cancellation);
        using HttpRequestMessage request = new(method, new Uri(root, path)) { Content = content };
        // Also where the caller's defaults name a browser: Ray lets those only read.
        request.Headers.UserAgent.Add(Agent);
        try
        {
            using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token).ConfigureAwait(false);
            await response.Content.LoadIntoBufferAsync(MostBytes, either.Token).ConfigureAwait(false);
            return new Reply(response.StatusCode, response.Headers.Location, await response.Content.ReadAsByteArrayAsync(either.Token).ConfigureAwait(false));
        }
        catch (HttpRequestException failure)
        {
            return NoReply(failure);
        }
        catch (IOException failure)
        {
            return Unreachable($"the connection broke: {failure.Message}");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // Ours, or the shorter one of the client that was handed in.
            return new Problem(Catalogue.RayTooSlow, string.Create(CultureInfo.InvariantCulture, $"{Address} did not answer {method} /{path} within {patience.TotalSeconds:0.#} s."));
        }
    }

    /// <summary>The value of an answer that is a success.</summary>
    public Result<T> Read<T>(Reply reply, JsonTypeInfo<T> type)
    {
        if (Problem(reply) is { } problem)
            return problem;
        try
        {
            return JsonSerializer.Deserialize(reply.Body, type) is { } value ? value : NotRay("it answered null");
        }
        catch (JsonException)
        {
            return NotRay($"it answered something else than asked for: {RayWords.First(reply.Body)}");
        }
    }

    /// <summary>For answers without a value.</summary>
    public Result<bool> Done(Reply reply) => Problem(reply) is { } problem ? problem : true;

    public Problem NotRay(string why) => new(Catalogue.RayNotRay, $"{Address} is not a Ray dashboard: {why}.");

    /// <summary>What a status means wherever it appears; null for a success.</summary>
    private Problem? Problem(Reply reply) => (int)reply.Status switch
    {
        >= 200 and < 300 => null,
        >= 300 and < 400 => NotRay($"it sends on to {reply.Location?.ToString() ?? "another place"}"),
        401 => new(Catalogue.RayTokenMissing, $"{Address} wants a token, and the compute has none."),
        403 => new(Catalogue.RayTokenWrong, $"{Address} refuses the token of the compute."),
        404 => NotRay("it does not know the address"),
        405 => new(Catalogue.RayMethodRefused, $"{Address} refuses the method: {RayWords.First(reply.Body)}"),
        413 => new(Catalogue.RayPackageTooLarge, $"{Address} refuses the size of the body: {RayWords.First(reply.Body)}"),
        501 => new(Catalogue.RayServeMissing, $"{Address} has no Serve: {RayWords.First(reply.Body)}"),
        // Ray itself never answers these.
        502 or 504 => Unreachable($"a proxy in between answered {(int)reply.Status}"),
        503 => new(Catalogue.RayControllerUnavailable, $"{Address} has no answer from Serve's controller: {RayWords.First(reply.Body)}"),
        >= 500 => new(Catalogue.RayFailed, $"{Address} failed: {RayWords.Last(reply.Body)}"),
        _ => new(Catalogue.RayRequestRefused, $"{Address} answered {(int)reply.Status}: {RayWords.Last(reply.Body)}"),
    };

    private Problem NoReply(HttpRequestException failure) => failure.HttpRequestError switch
    {
        HttpRequestError.NameResolutionError => Unreachable("its name is unknown"),
        HttpRequestError.ConnectionError => Unreachable(failure.InnerException is SocketException socket ? Why(socket) : failure.Message),
        HttpRequestError.SecureConnectionError => Unreachable($"TLS failed: {failure.InnerException?.Message ?? failure.Message}"),
        HttpRequestError.ProxyTunnelError => Unreachable("the proxy lets nothing through"),
        HttpRequestError.InvalidResponse => NotRay("it does not speak HTTP"),
        HttpRequestError.ConfigurationLimitExceeded => NotRay("its answer does not end"),
        _ => Unreachable($"the connection broke: {failure.InnerException?.Message ?? failure.Message}"),
    };

    private static string Why(SocketException socket) => socket.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => "nothing listens there",
        SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData => "its name is unknown",
        SocketError.TimedOut => "the connection timed out",
        SocketError.HostUnreachable or SocketError.NetworkUnreachable => "no route leads there",
        _ => socket.Message,
    };

    private Problem Unreachable(string why) => new(Catalogue.RayUnreachable, $"{Address} cannot be reached: {why}.");
}

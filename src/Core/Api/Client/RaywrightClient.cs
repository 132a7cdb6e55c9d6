using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Raywright.Core.Errors;

namespace Raywright.Core.Api.Client;

/// <summary>
/// Typed client of the control plane and of <c>/serve</c>. Failures are problems: what the server said, or that it could not be
/// reached. Safe to use from several threads.
/// </summary>
public sealed partial class RaywrightClient : IDisposable
{
    private const int MostAttempts = 3;
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(100);
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    private readonly HttpClient http;
    private readonly TimeProvider clock;

    /// <param name="server">Address of the server, e.g. <c>http://127.0.0.1:7700</c>.</param>
    /// <param name="key">The key it is asked with; null only for what needs none.</param>
    /// <param name="clock">Measures and waits.</param>
    public RaywrightClient(Uri server, string? key, TimeProvider clock)
    {
        this.clock = clock;
        Server = server;
        http = new HttpClient(new SocketsHttpHandler
        {
            ConnectTimeout = ConnectTimeout,
            AllowAutoRedirect = false,
            UseCookies = false,
            // A proxy cannot reach this machine's own loopback.
            UseProxy = !server.IsLoopback,
        })
        {
            BaseAddress = server,
            Timeout = Timeout.InfiniteTimeSpan,
        };
        if (key is not null)
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    public Uri Server { get; }

    /// <summary>The server as a person writes it, without a slash at the end.</summary>
    public string Address => Server.GetLeftPart(UriPartial.Authority);

    public void Dispose() => http.Dispose();

    private Task<Result<T>> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellation) =>
        SendAsync(() => new HttpRequestMessage(HttpMethod.Get, path), type, cancellation);

    private Task<Result<T>> DeleteAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellation) =>
        SendAsync(() => new HttpRequestMessage(HttpMethod.Delete, path), type, cancellation);

    /// <summary>Sent twice it changes no more than once.</summary>
    private Task<Result<T>> PatchAsync<T>(string path, byte[] body, JsonTypeInfo<T> type, CancellationToken cancellation) =>
        SendAsync(() => new HttpRequestMessage(HttpMethod.Patch, path) { Content = Json(body) }, type, cancellation);

    /// <summary>A POST carries an idempotency key, so that it may be sent again when its answer was lost.</summary>
    private Task<Result<T>> PostAsync<T>(string path, byte[]? body, JsonTypeInfo<T> type, CancellationToken cancellation)
    {
        string once = RandomNumberGenerator.GetHexString(32, lowercase: true);
        return SendAsync(
            () =>
            {
                HttpRequestMessage request = new(HttpMethod.Post, path);
                request.Headers.Add("Idempotency-Key", once);
                if (body is not null)
                    request.Content = Json(body);
                return request;
            },
            type,
            cancellation);
    }

    private static byte[] Bytes<T>(T value, JsonTypeInfo<T> type) => JsonSerializer.SerializeToUtf8Bytes(value, type);

    private static ByteArrayContent Json(byte[] body) => new(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };

    private async Task<Result<T>> SendAsync<T>(Func<HttpRequestMessage> make, JsonTypeInfo<T> type, CancellationToken cancellation)
    {
        Result<Reply> reply = await ExchangeAsync(make, cancellation).ConfigureAwait(false);
        if (!reply.Ok)
            return reply.Problems;
        return Read(reply.Value.Body, type);
    }

    private Result<T> Read<T>(byte[] body, JsonTypeInfo<T> type)
    {
        try
        {
            if (JsonSerializer.Deserialize(body, type) is { } value)
                return value;
        }
        catch (JsonException)
        {
        }
        string text = Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(body.Length, 120))).ReplaceLineEndings(" ");
        return new Problem(Catalogue.AnswerNotUnderstood, $"{Address} answered something else than asked for: {text}");
    }

    /// <summary>One call and its answer; sent again where the connection broke before the answer came.</summary>
    private async Task<Result<Reply>> ExchangeAsync(Func<HttpRequestMessage> make, CancellationToken cancellation)
    {
        for (int attempt = 1; ; attempt++)
        {
            using CancellationTokenSource overdue = new(CallTimeout, clock);
            using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(overdue.Token, cancellation);
            try
            {
                using HttpRequestMessage request = make();
                using HttpResponseMessage response = await http.SendAsync(request, either.Token).ConfigureAwait(false);
                byte[] body = await response.Content.ReadAsByteArrayAsync(either.Token).ConfigureAwait(false);
                return response.IsSuccessStatusCode ? new Reply(response.StatusCode, response.Headers, body) : ProblemReader.Read(response.StatusCode, body);
            }
            catch (HttpRequestException e) when (Broke(e) && attempt < MostAttempts)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(150 * attempt), clock, cancellation).ConfigureAwait(false);
            }
            catch (HttpRequestException e)
            {
                return Unreachable(e);
            }
            catch (OperationCanceledException) when (overdue.IsCancellationRequested && !cancellation.IsCancellationRequested)
            {
                return new Problem(Catalogue.ServerUnreachable, $"{Address} did not answer within {CallTimeout.TotalSeconds:0} s.");
            }
        }
    }

    /// <summary>Whether a connection that stood was lost, in contrast to one that never came about.</summary>
    private static bool Broke(HttpRequestException exception) =>
        exception.HttpRequestError is HttpRequestError.ResponseEnded or HttpRequestError.Unknown
        && exception.InnerException is IOException or HttpIOException;

    private Problem Unreachable(HttpRequestException exception)
    {
        string why = exception.InnerException is SocketException socket ? socket.SocketErrorCode switch
        {
            SocketError.ConnectionRefused => "nothing listens there",
            SocketError.HostNotFound or SocketError.TryAgain => "the name is unknown",
            SocketError.TimedOut => "the connection timed out",
            _ => socket.Message,
        } : exception.Message;
        return new(Catalogue.ServerUnreachable, $"{Address} cannot be reached: {why}.");
    }

    /// <summary>Fills a route; a segment is escaped, so that a name cannot leave its place.</summary>
    private static string Path(string route, params ReadOnlySpan<(string Name, string Value)> segments)
    {
        foreach ((string name, string value) in segments)
        {
            Debug.Assert(route.Contains($"{{{name}}}", StringComparison.Ordinal), $"{route} has no {name}.");
            route = route.Replace($"{{{name}}}", Uri.EscapeDataString(value), StringComparison.Ordinal);
        }
        return route;
    }

    private sealed record Reply(HttpStatusCode Status, HttpResponseHeaders Headers, byte[] Body);
}

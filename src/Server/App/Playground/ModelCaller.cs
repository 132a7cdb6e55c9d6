using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Raywright.Core.Api;
using Raywright.Core.Bodies;
using Raywright.Core.Errors;
using Raywright.Server.Access;
using Raywright.Server.Hosting;

namespace Raywright.Server.App.Playground;

/// <summary>
/// Asks models as everybody does, through the gateway, so that a question of the app is checked, limited and recorded like any other.
/// The browser never talks to <c>/serve</c>, which takes no cookie: this process does, with a key that it made at its start, that is
/// stored nowhere and ends with it. Whether the person may ask is looked up before each question.
/// </summary>
internal sealed class ModelCaller(KeyService keys, ServerAddress address, TimeProvider clock) : IDisposable
{
    private const int LargestAnswer = 8 << 20;
    private const int MostShown = 100_000;
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly HttpClient http = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false, PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1) })
    {
        MaxResponseContentBufferSize = LargestAnswer,
        Timeout = TimeSpan.FromSeconds(60),
    };

    public async Task<Asked> AskAsync(string environment, string model, byte[] body, CancellationToken cancellation)
    {
        using HttpRequestMessage request = Question(environment, model, body);
        long start = clock.GetTimestamp();
        try
        {
            using HttpResponseMessage response = await http.SendAsync(request, cancellation);
            byte[] answer = await response.Content.ReadAsByteArrayAsync(cancellation);
            double milliseconds = clock.GetElapsedTime(start).TotalMilliseconds;
            JsonElement json = JsonElement.Parse(answer);
            ProblemDetails? problem = response.IsSuccessStatusCode ? null : json.Deserialize(ApiJson.Default.ProblemDetails);
            return new(Shown(json), problem is null ? Answer.Of(json) : null, problem,
                Header(response, "x-request-id"), Header(response, "x-raywright-version"), Header(response, "x-raywright-revision"), milliseconds);
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or TaskCanceledException && !cancellation.IsCancellationRequested)
        {
            return new("", null, Unshowable(e), null, null, null, clock.GetElapsedTime(start).TotalMilliseconds);
        }
    }

    /// <summary>
    /// Asks a model that streams; each value goes into <paramref name="values"/> as it comes. Cancelling closes the connection, which is
    /// what tells the gateway, and the gateway the model.
    /// </summary>
    public async Task<Asked> StreamAsync(string environment, string model, byte[] body, ValueCollector values, CancellationToken cancellation)
    {
        using HttpRequestMessage request = Question(environment, model, body);
        request.Headers.Accept.ParseAdd("text/event-stream");
        long start = clock.GetTimestamp();
        Asked asked = new("", null, null, null, null, null, 0);
        try
        {
            // From here on not on the page's own thread: a model that is fast would leave it no time to draw, or to hear of a click.
            using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
            asked = asked with { RequestId = Header(response, "x-request-id"), Version = Header(response, "x-raywright-version"), Revision = Header(response, "x-raywright-revision") };
            using Stream stream = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
            {
                JsonElement json = await JsonSerializer.DeserializeAsync<JsonElement>(stream, cancellationToken: cancellation).ConfigureAwait(false);
                return asked with { Json = Shown(json), Problem = json.Deserialize(ApiJson.Default.ProblemDetails), Milliseconds = clock.GetElapsedTime(start).TotalMilliseconds };
            }
            asked = await ReadAsync(stream, asked, values, start, cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            asked = asked with { Stopped = true };
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException or TaskCanceledException)
        {
            asked = asked with { Problem = Unshowable(e) };
        }
        StreamedValues all = values.Look();
        return asked with { Json = all.Json, Values = all, FirstMilliseconds = values.FirstMilliseconds, Milliseconds = clock.GetElapsedTime(start).TotalMilliseconds };
    }

    public void Dispose() => http.Dispose();

    private async Task<Asked> ReadAsync(Stream stream, Asked asked, ValueCollector values, long start, CancellationToken cancellation)
    {
        await foreach (SseItem<byte[]> item in SseParser.Create(stream, (_, data) => data.ToArray()).EnumerateAsync(cancellation).ConfigureAwait(false))
        {
            switch (item.EventType)
            {
                case "end":
                    return asked;
                case "error":
                    return asked with { Problem = JsonSerializer.Deserialize(item.Data, ApiJson.Default.ProblemDetails) };
                default:
                    values.FirstMilliseconds ??= clock.GetElapsedTime(start).TotalMilliseconds;
                    values.Add(JsonElement.Parse(item.Data));
                    break;
            }
        }
        return asked with { Problem = ProblemWriter.Details(new Problem(Catalogue.ConnectionLost, "The stream broke off before its end.")) };
    }

    private HttpRequestMessage Question(string environment, string model, byte[] body) =>
        new(HttpMethod.Post, $"{address.Url}/serve/{environment}/predict/{model}")
        {
            Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", keys.AppKey) },
        };

    private static ProblemDetails Unshowable(Exception e) => ProblemWriter.Details(new Problem(Catalogue.Internal, $"The gateway gave no answer that can be shown: {e.Message}"));

    private static string Shown(JsonElement json)
    {
        string text = JsonSerializer.Serialize(json, Indented);
        return text.Length <= MostShown ? text : string.Concat(text.AsSpan(0, MostShown), "\n… cut off here");
    }

    private static string? Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out IEnumerable<string>? values) ? values.FirstOrDefault() : null;
}

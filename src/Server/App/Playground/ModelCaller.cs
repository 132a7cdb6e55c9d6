using System.Net.Http.Headers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Raywright.Core.Api;
using Raywright.Core.Bodies;
using Raywright.Core.Errors;
using Raywright.Server.Access;
using Raywright.Server.Hosting;

namespace Raywright.Server.App.Playground;

/// <summary>What came back to a question.</summary>
/// <param name="Json">The body for people, indented.</param>
/// <param name="Answer">The body read; null where there is a problem instead.</param>
/// <param name="Problem">Why there is no answer.</param>
/// <param name="Milliseconds">There and back.</param>
public sealed record Asked(string Json, Answer? Answer, ProblemDetails? Problem, string? RequestId, string? Version, string? Revision, double Milliseconds);

/// <summary>Asks models as everybody does, through the gateway, so that a question of the app is checked, limited and recorded like any other.</summary>
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
        using HttpRequestMessage request = new(HttpMethod.Post, $"{address.Url}/serve/{environment}/predict/{model}") { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", keys.AppKey);
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
            Problem problem = new(Catalogue.Internal, $"The gateway gave no answer that can be shown: {e.Message}");
            return new("", null, ProblemWriter.Details(problem), null, null, null, clock.GetElapsedTime(start).TotalMilliseconds);
        }
    }

    public void Dispose() => http.Dispose();

    private static string Shown(JsonElement json)
    {
        string text = JsonSerializer.Serialize(json, Indented);
        return text.Length <= MostShown ? text : string.Concat(text.AsSpan(0, MostShown), "\n… cut off here");
    }

    private static string? Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out IEnumerable<string>? values) ? values.FirstOrDefault() : null;
}

using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Raywright.Ray.Local;

/// <summary>Asks a dashboard which head it belongs to.</summary>
internal static class HeadQuestion
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly HttpClient Client = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false, PooledConnectionIdleTimeout = TimeSpan.FromSeconds(5) });

    /// <summary>The name of the cluster's session; null where nobody answers, or somebody else.</summary>
    public static async Task<string?> SessionAsync(Uri dashboard, string token, TimeProvider clock, CancellationToken cancellation)
    {
        using CancellationTokenSource overdue = new(Patience, clock);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(overdue.Token, cancellation);
        using HttpRequestMessage request = new(HttpMethod.Get, new Uri(dashboard, "/api/version"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        try
        {
            using HttpResponseMessage answer = await Client.SendAsync(request, either.Token).ConfigureAwait(false);
            if (answer.StatusCode != HttpStatusCode.OK)
                return null;
            await using Stream body = await answer.Content.ReadAsStreamAsync(either.Token).ConfigureAwait(false);
            using JsonDocument said = await JsonDocument.ParseAsync(body, cancellationToken: either.Token).ConfigureAwait(false);
            return said.RootElement.ValueKind == JsonValueKind.Object && said.RootElement.TryGetProperty("session_name", out JsonElement name) && name.ValueKind == JsonValueKind.String ? name.GetString() : null;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return null;
        }
    }
}

using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Raywright.TestKit.Ray;

/// <summary>What stands before every call of a dashboard: the token, then the guard against browsers.</summary>
internal static class FakeGuards
{
    private static readonly string[] OfBrowsers =
    [
        "Referer", "Origin", "Sec-Fetch-Mode", "Sec-Fetch-Dest", "Sec-Fetch-Site", "Sec-Fetch-User", "Access-Control-Request-Method", "Access-Control-Request-Headers",
    ];

    private static readonly HashSet<string> Open = new(StringComparer.Ordinal)
    {
        "/", "/favicon.ico", "/api/authentication_mode", "/api/gcs_healthz", "/api/healthz", "/api/local_raylet_healthz", "/-/healthz",
    };

    public static bool IsBrowser(HttpRequest request) =>
        request.Headers.UserAgent.ToString().StartsWith("Mozilla", StringComparison.Ordinal) || OfBrowsers.Any(request.Headers.ContainsKey);

    public static FakeAnswer? Refuse(HttpRequest request, string? token)
    {
        if (token is not null && !Open.Contains(request.Path.Value!) && Token(request, token) is { } refusal)
            return refusal;
        return IsBrowser(request) && request.Method is not ("GET" or "HEAD" or "OPTIONS") && request.Path != "/api/authenticate"
            ? FakeAnswer.Text(405, $"'{request.Method}' method not allowed for browser traffic.")
            : null;
    }

    private static FakeAnswer? Token(HttpRequest request, string token)
    {
        // The first of the three that is there counts, whatever the others say.
        string? sent = StringValues.IsNullOrEmpty(request.Headers.Authorization) ? null : request.Headers.Authorization.ToString();
        sent ??= StringValues.IsNullOrEmpty(request.Headers["X-Ray-Authorization"]) ? null : request.Headers["X-Ray-Authorization"].ToString();
        sent ??= request.Cookies["ray-authentication-token"] is { } cookie ? $"Bearer {cookie}" : null;
        if (sent is null)
            return FakeAnswer.Text(401, "Unauthorized: Missing authentication token");
        return sent == $"Bearer {token}" ? null : FakeAnswer.Text(403, "Forbidden: Invalid authentication token");
    }
}

using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Raywright.Gateway.Access;

/// <summary>Finds the key of a request: <c>Authorization: Bearer</c> or <c>x-api-key</c>, never the URL, never a cookie.</summary>
public static class RequestKey
{
    private const string Bearer = "Bearer ";

    public static string? Of(HttpRequest request)
    {
        StringValues authorization = request.Headers.Authorization;
        if (authorization.Count == 1 && authorization[0] is { } header && header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
            return header[Bearer.Length..];
        return request.Headers.TryGetValue("x-api-key", out StringValues key) && key.Count == 1 ? key[0] : null;
    }
}

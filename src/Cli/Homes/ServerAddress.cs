using System.Diagnostics.CodeAnalysis;

namespace Raywright.Cli.Homes;

/// <summary>A server and the key for it; no key where none is known.</summary>
internal sealed record ServerAddress(Uri Url, string? Key)
{
    /// <summary>Takes <c>http://host:port</c>; the path is dropped, and a bare <c>host:port</c> means http on loopback, else https.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out Uri? url)
    {
        if (!text.Contains("://", StringComparison.Ordinal))
            text = Uri.TryCreate($"http://{text}", UriKind.Absolute, out Uri? bare) && bare.IsLoopback ? $"http://{text}" : $"https://{text}";
        url = Uri.TryCreate(text, UriKind.Absolute, out Uri? parsed) && parsed.Scheme is "http" or "https" && parsed.Host.Length > 0
            ? new Uri(parsed.GetLeftPart(UriPartial.Authority))
            : null;
        return url is not null;
    }
}

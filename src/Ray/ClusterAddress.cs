using System.Collections.Immutable;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Raywright.Ray;

/// <summary>How a Ray cluster is reached.</summary>
/// <param name="Dashboard">Ray's dashboard, e.g. <c>http://ray-head:8265</c>.</param>
/// <param name="Serve">Ray Serve's HTTP proxy, e.g. <c>http://ray-head:8000</c>.</param>
/// <param name="Token">Of Ray's token authentication; null where the cluster has none.</param>
/// <param name="Headers">Sent with each request to the dashboard and to Serve, for what stands in front of them.</param>
/// <param name="Authority">PEM of the certificates that are trusted instead of the system's; null for the system's.</param>
public sealed record ClusterAddress(
    Uri Dashboard, Uri Serve, string? Token = null, ImmutableSortedDictionary<string, string>? Headers = null, string? Authority = null)
{
    /// <summary>Where Serve is to listen, when it is started for us: beyond loopback only where we reach it from beyond.</summary>
    public string ServeHost => IPAddress.TryParse(Serve.Host, out IPAddress? address) && IPAddress.IsLoopback(address) ? Serve.Host : Serve.IsLoopback ? "127.0.0.1" : "0.0.0.0";

    /// <summary>A client of the dashboard; the caller disposes of it.</summary>
    public HttpClient ConnectDashboard()
    {
        HttpClient http = Connect(Dashboard);
        if (Token is not null)
            http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"Bearer {Token}");
        http.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", "raywright");
        return http;
    }

    /// <summary>A client of what Serve's proxy answers; the caller disposes of it.</summary>
    public HttpClient ConnectServe() => Connect(Serve);

    private HttpClient Connect(Uri address)
    {
        SocketsHttpHandler handler = new()
        {
            ConnectTimeout = TimeSpan.FromSeconds(10),
            // Below Serve's 90 s, so that a connection is not used just as the other side closes it.
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(60),
            UseProxy = !address.IsLoopback,
        };
        if (Authority is { } pem)
            handler.SslOptions = Trusting(pem);
        HttpClient http = new(handler) { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };
        foreach ((string name, string value) in Headers ?? ImmutableSortedDictionary<string, string>.Empty)
            http.DefaultRequestHeaders.TryAddWithoutValidation(name, value);
        return http;
    }

    private static SslClientAuthenticationOptions Trusting(string pem)
    {
        X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPem(pem);
        return new() { CertificateChainPolicy = policy };
    }
}

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
/// <param name="Private">Whether we have started it: nobody writes there before us.</param>
public sealed record ClusterAddress(
    Uri Dashboard, Uri Serve, string? Token = null, ImmutableSortedDictionary<string, string>? Headers = null, string? Authority = null, bool Private = false)
{
    /// <summary>Where Serve is to listen, when it is started for us: beyond loopback only where we reach it from beyond.</summary>
    public string ServeHost => IPAddress.TryParse(Serve.Host, out IPAddress? address) && IPAddress.IsLoopback(address) ? Serve.Host : Serve.IsLoopback ? "127.0.0.1" : "0.0.0.0";

    /// <summary>Without the secrets in it.</summary>
    public override string ToString() => Dashboard.ToString();

    internal SocketsHttpHandler Handler()
    {
        SocketsHttpHandler handler = new()
        {
            ConnectTimeout = TimeSpan.FromSeconds(10),
            // Below Serve's 90 s, so that a connection is not used just as the other side closes it.
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(60),
            UseProxy = !Dashboard.IsLoopback,
        };
        if (Authority is { } pem)
            handler.SslOptions = Trusting(pem);
        return handler;
    }

    private static SslClientAuthenticationOptions Trusting(string pem)
    {
        X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPem(pem);
        return new() { CertificateChainPolicy = policy };
    }
}

/// <summary>Where a cluster is now: one that this server starts anew is elsewhere then, and whoever talks to it need not know.</summary>
public sealed class ClusterPlace(ClusterAddress address)
{
    private ClusterAddress now = address;

    public ClusterAddress Address
    {
        get => Volatile.Read(ref now);
        set => Volatile.Write(ref now, value);
    }

    /// <summary>A client of the dashboard; the caller disposes of it.</summary>
    public HttpClient ConnectDashboard() => Connect(place => place.Dashboard, place => place.Token);

    /// <summary>A client of what Serve's proxy answers; the caller disposes of it.</summary>
    public HttpClient ConnectServe() => Connect(place => place.Serve, _ => null);

    private HttpClient Connect(Func<ClusterAddress, Uri> choose, Func<ClusterAddress, string?> token) =>
        new(new Directions(this, choose, token) { InnerHandler = Address.Handler() }) { BaseAddress = choose(Address), Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>Sends each request where the cluster is at that moment.</summary>
    private sealed class Directions(ClusterPlace place, Func<ClusterAddress, Uri> choose, Func<ClusterAddress, string?> token) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            ClusterAddress address = place.Address;
            Uri to = choose(address);
            request.RequestUri = new UriBuilder(request.RequestUri!) { Scheme = to.Scheme, Host = to.Host, Port = to.Port }.Uri;
            foreach ((string name, string value) in address.Headers ?? ImmutableSortedDictionary<string, string>.Empty)
                request.Headers.TryAddWithoutValidation(name, value);
            // With another name Ray's dashboard may take it for a browser, which may only read.
            request.Headers.TryAddWithoutValidation("User-Agent", "raywright");
            if (token(address) is { } secret)
                request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {secret}");
            return base.SendAsync(request, cancellationToken);
        }
    }
}

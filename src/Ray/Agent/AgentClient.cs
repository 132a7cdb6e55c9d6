using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Raywright.Core.Errors;

namespace Raywright.Ray.Agent;

/// <summary>
/// Talks to our application in the cluster through Serve's port (docs/reference/agent-protocol.md). What goes wrong is a problem,
/// RW4141 to RW4143; only cancellation by the caller is an exception.
/// </summary>
/// <param name="http">Its address is Serve's.</param>
/// <param name="application">Name of the agent's application.</param>
/// <param name="token">The agent's secret.</param>
/// <param name="clock">For deadlines.</param>
internal sealed class AgentClient(HttpClient http, string application, string token, TimeProvider clock)
{
    /// <summary>Proxy and agent hold a body whole in memory.</summary>
    private const int Piece = 8 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Packages are looked for at an index.</summary>
    private static readonly TimeSpan PreflightPatience = TimeSpan.FromMinutes(16);

    /// <summary>What it knows; waits for something new where <paramref name="known"/> is the newest.</summary>
    public Task<Result<AgentState>> StateAsync(AgentState? known, TimeSpan wait, CancellationToken cancellation) => SendAsync(
        HttpMethod.Get,
        known is null ? "state" : string.Create(CultureInfo.InvariantCulture, $"state?generation={known.Generation}&after={known.Sequence}&wait={wait.TotalSeconds:0.###}"),
        null, AgentJson.Default.AgentState, wait + Patience, cancellation);

    /// <summary>Brings a file to the agent, or what is missing of it.</summary>
    /// <param name="digest">Lower-case hex SHA-256.</param>
    /// <param name="open">Opens the file; it can be read from any place.</param>
    /// <param name="sent">Hears how many bytes of how many are there.</param>
    /// <param name="cancellation">What has been sent stays.</param>
    public async Task<Result<bool>> PushAsync(string digest, Func<Stream> open, Action<long, long>? sent, CancellationToken cancellation)
    {
        Result<AgentFile> there = await SendAsync(HttpMethod.Get, $"files/{digest}", null, AgentJson.Default.AgentFile, Patience, cancellation).ConfigureAwait(false);
        if (!there.Ok)
            return there.Problems;
        if (there.Value.Complete)
            return true;
        using Stream file = open();
        long size = file.Length;
        byte[] piece = new byte[Math.Min(Piece, Math.Max(1, size))];
        // A damaged file is begun anew once.
        for (int restarts = 0; !there.Value.Complete; sent?.Invoke(there.Value.Size, size))
        {
            long offset = Math.Min(there.Value.Size, size);
            file.Position = offset;
            int read = await file.ReadAtLeastAsync(piece, piece.Length, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
            string path = string.Create(CultureInfo.InvariantCulture, $"files/{digest}?offset={offset}&size={size}");
            there = await SendAsync(HttpMethod.Put, path, piece.AsMemory(0, read), AgentJson.Default.AgentFile, Patience, cancellation).ConfigureAwait(false);
            if (!there.Ok)
                return there.Problems;
            if (!there.Value.Complete && there.Value.Size <= offset && ++restarts > 2)
                return new Problem(Catalogue.AgentFailed, $"The file {digest[..12]} does not arrive whole in the cluster.");
        }
        return true;
    }

    /// <summary>Deploys an application, or changes it; it does not wait until it runs.</summary>
    public Task<Result<AgentRefusal>> ApplyAsync(string name, AgentApplication wanted, CancellationToken cancellation) => SendAsync(
        HttpMethod.Put, $"applications/{name}", JsonSerializer.SerializeToUtf8Bytes(wanted, AgentJson.Default.AgentApplication), AgentJson.Default.AgentRefusal, Patience, cancellation);

    public Task<Result<AgentRefusal>> DeleteAsync(string name, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Delete, $"applications/{name}", null, AgentJson.Default.AgentRefusal, Patience, cancellation);

    /// <summary>What of a version's packages is missing there.</summary>
    public Task<Result<PackageAnswer>> PreflightAsync(ReplicaOrder order, CancellationToken cancellation) => SendAsync(
        HttpMethod.Post, "preflight", JsonSerializer.SerializeToUtf8Bytes(order, AgentJson.Default.ReplicaOrder), AgentJson.Default.PackageAnswer, PreflightPatience, cancellation);

    /// <summary>Opens a listener on every node for a moment.</summary>
    /// <param name="packages">Whose versions are looked for there.</param>
    public Task<Result<AgentReach>> ReachAsync(ImmutableArray<string> packages, CancellationToken cancellation) => SendAsync(
        HttpMethod.Post, "reach", JsonSerializer.SerializeToUtf8Bytes(new AgentReachOrder(packages), AgentJson.Default.AgentReachOrder), AgentJson.Default.AgentReach, Patience * 3, cancellation);

    /// <summary>Nodes that the cluster could start by itself.</summary>
    public Task<Result<NodeTypes>> NodeTypesAsync(CancellationToken cancellation) =>
        SendAsync(HttpMethod.Get, "node-types", null, AgentJson.Default.NodeTypes, Patience, cancellation);

    private async Task<Result<T>> SendAsync<T>(HttpMethod method, string path, ReadOnlyMemory<byte>? body, JsonTypeInfo<T> type, TimeSpan patience, CancellationToken cancellation)
    {
        using CancellationTokenSource overdue = new(patience, clock);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, overdue.Token);
        try
        {
            using HttpRequestMessage request = new(method, $"/{application}/{path}");
            request.Headers.TryAddWithoutValidation("x-raywright-token", token);
            if (body is { } bytes)
                request.Content = new ReadOnlyMemoryContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("application/octet-stream") } };
            using HttpResponseMessage answer = await http.SendAsync(request, either.Token).ConfigureAwait(false);
            byte[] said = await answer.Content.ReadAsByteArrayAsync(either.Token).ConfigureAwait(false);
            // A file's offset that does not fit says what would, and a damaged one that it is to be sent again.
            return answer.IsSuccessStatusCode || (method == HttpMethod.Put && answer.StatusCode is HttpStatusCode.Conflict or HttpStatusCode.UnprocessableContent)
                ? JsonSerializer.Deserialize(said, type) is { } value ? value : throw new JsonException("null")
                : Refused(answer.StatusCode, said);
        }
        catch (HttpRequestException e)
        {
            return new Problem(Catalogue.AgentUnreachable, $"{http.BaseAddress} does not answer: {e.Message}", RetryAfter: TimeSpan.FromSeconds(1));
        }
        catch (JsonException)
        {
            return new Problem(Catalogue.AgentUnreachable, $"What answers at {http.BaseAddress} is not Ray Serve with our agent.");
        }
        catch (Exception e) when (e is IOException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            return new Problem(Catalogue.AgentUnreachable, $"{http.BaseAddress} did not answer within {patience.TotalSeconds:0} s.", RetryAfter: TimeSpan.FromSeconds(1));
        }
    }

    private Problem Refused(HttpStatusCode status, byte[] said)
    {
        AgentRefusal? refusal = null;
        try
        {
            refusal = JsonSerializer.Deserialize(said, AgentJson.Default.AgentRefusal);
        }
        catch (JsonException)
        {
            // Of Serve's proxy rather than of the agent.
        }
        return (int)status switch
        {
            401 => new(Catalogue.AgentRefused, $"The agent {application} on {http.BaseAddress} has another token."),
            404 when refusal is null => new(Catalogue.AgentUnreachable, $"{http.BaseAddress} has no agent {application}."),
            400 => new(Catalogue.AgentFailed, $"{refusal?.Kind}: {refusal?.Error}"),
            424 => new(Catalogue.AgentFilesMissing, "The agent does not have every file of the version any more.", RetryAfter: TimeSpan.FromSeconds(1)),
            _ => new(Catalogue.AgentUnreachable, $"The agent {application} on {http.BaseAddress} answered {(int)status}.", RetryAfter: TimeSpan.FromSeconds(1)),
        };
    }
}

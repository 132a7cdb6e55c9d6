using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Raywright.Core.Contracts;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Core.Replicas;
using Raywright.Core.Tensors;
using Raywright.Ray.Agent;

namespace Raywright.Ray.Replicas;

/// <summary>Where calls for one replica go: its own listener, or Serve's proxy, which chooses one.</summary>
/// <param name="name">ID of the replica, or what stands for it.</param>
/// <param name="endPoint">Who listens.</param>
/// <param name="door">What it wants to see.</param>
/// <param name="model">Name of the model, for the address.</param>
/// <param name="contract">What travels.</param>
/// <param name="clock">For deadlines.</param>
internal sealed class RayReplica(string name, EndPoint endPoint, ReplicaDoor door, string model, Contract contract, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LookPatience = TimeSpan.FromSeconds(5);
    private readonly ConcurrentStack<ReplicaConnection> idle = new();
    private bool closed;

    public string Name => name;

    /// <summary>Whether a request names the replica that it is for.</summary>
    public bool IsDirect => door.Replica is not null;

    /// <summary>Whether its answers may come in parts; after <see cref="ProbeAsync"/>.</summary>
    public bool Streams { get; private set; }

    /// <summary>Number of the last line that was read of its log.</summary>
    public long LogSeen { get; set; }

    /// <summary>One call on a connection of its own.</summary>
    /// <exception cref="ReplicaGoneException">Nobody has worked on it.</exception>
    /// <exception cref="ReplicaBrokeOffException">The replica ended or closed while it may have worked on it.</exception>
    /// <exception cref="TimeoutException">No answer came by the deadline.</exception>
    public async ValueTask<(Result<Tensor[]> Answer, bool Leaving)> InferAsync(InferenceCall call, CancellationToken cancellation)
    {
        ReplicaConnection connection = await ConnectionAsync(cancellation).ConfigureAwait(false);
        bool keep = false;
        try
        {
            Result<Tensor[]> answer = await connection.InferAsync(call, cancellation).ConfigureAwait(false);
            keep = !connection.IsLeft && !connection.IsSpent;
            return (answer, connection.IsLeft);
        }
        catch (IOException e) when (e is not ReplicaGoneException)
        {
            throw new ReplicaBrokeOffException(e.Message, connection.HasAnswered, e);
        }
        finally
        {
            if (keep && !closed)
                idle.Push(connection);
            else
                connection.Dispose();
        }
    }

    /// <summary>Asks for values as they are made.</summary>
    public async Task<ReplicaStream> OpenStreamAsync(CancellationToken cancellation) => new(await DialAsync(cancellation).ConfigureAwait(false), model, contract, door);

    /// <summary>Whether it is this replica that answers there; null where it does, else why not.</summary>
    public async Task<string?> ProbeAsync(HttpClient http, CancellationToken cancellation)
    {
        try
        {
            using HttpResponseMessage answer = await LookAsync(http, "/v2/health/live", cancellation).ConfigureAwait(false);
            if (!answer.IsSuccessStatusCode)
                return $"it answered {(int)answer.StatusCode}";
            Streams = JsonSerializer.Deserialize(await answer.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false), AgentJson.Default.LiveReplica)!.Streams;
            return null;
        }
        catch (JsonException)
        {
            return "something else answers there";
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            return e is OperationCanceledException ? "it did not answer in time" : e.Message;
        }
    }

    /// <summary>Lines that it has written since the last time; none where it cannot be asked.</summary>
    public async Task<IReadOnlyList<ReplicaLogLine>> LogAsync(HttpClient http, CancellationToken cancellation)
    {
        try
        {
            using HttpResponseMessage answer = await LookAsync(http, string.Create(CultureInfo.InvariantCulture, $"/v2/logs?after={LogSeen}"), cancellation).ConfigureAwait(false);
            if (!answer.IsSuccessStatusCode)
                return [];
            RecentLines recent = JsonSerializer.Deserialize(await answer.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false), AgentJson.Default.RecentLines)!;
            if (recent.Lines.IsEmpty)
                return [];
            LogSeen = recent.Lines[^1][0].GetInt64();
            return [.. recent.Lines.Select(line => new ReplicaLogLine(line[1].GetInt64(), line[2].GetString()!, line[3].GetString()!, line[4].GetString() is { Length: > 0 } id ? id : null))];
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            return [];
        }
    }

    public void Dispose()
    {
        closed = true;
        while (idle.TryPop(out ReplicaConnection? connection))
            connection.Dispose();
    }

    private async ValueTask<ReplicaConnection> ConnectionAsync(CancellationToken cancellation)
    {
        while (idle.TryPop(out ReplicaConnection? connection))
        {
            if (!connection.IsStale)
                return connection;
            connection.Dispose();
        }
        return new ReplicaConnection(await DialAsync(cancellation).ConfigureAwait(false), model, contract, clock, tellsAll: false, door);
    }

    private async Task<Socket> DialAsync(CancellationToken cancellation)
    {
        Socket socket = endPoint is IPEndPoint ip ? new(ip.AddressFamily, SocketType.Stream, ProtocolType.Tcp) : new(SocketType.Stream, ProtocolType.Tcp);
        socket.NoDelay = true;
        using CancellationTokenSource overdue = new(ConnectPatience, clock);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, overdue.Token);
        try
        {
            await socket.ConnectAsync(endPoint, either.Token).ConfigureAwait(false);
            return socket;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            socket.Dispose();
            throw new ReplicaGoneException($"{endPoint} cannot be connected to: {e.Message}", e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task<HttpResponseMessage> LookAsync(HttpClient http, string path, CancellationToken cancellation)
    {
        using CancellationTokenSource overdue = new(LookPatience, clock);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, overdue.Token);
        using HttpRequestMessage request = new(HttpMethod.Get, $"http://{(endPoint is DnsEndPoint named ? string.Create(CultureInfo.InvariantCulture, $"{named.Host}:{named.Port}") : endPoint)}{door.Prefix}{path}");
        request.Headers.TryAddWithoutValidation("x-raywright-token", door.Token);
        if (door.Replica is { } replica)
            request.Headers.TryAddWithoutValidation("x-raywright-replica", replica);
        return await http.SendAsync(request, either.Token).ConfigureAwait(false);
    }
}

/// <summary>A replica ended, or closed the connection, after the call had been sent.</summary>
/// <param name="message">What was seen.</param>
/// <param name="answered">Whether a part of an answer had come.</param>
/// <param name="inner">What it came from.</param>
internal sealed class ReplicaBrokeOffException(string message, bool answered, Exception inner) : IOException(message, inner)
{
    public bool HasAnswered => answered;
}

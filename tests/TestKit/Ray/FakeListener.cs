using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Raywright.TestKit.Ray;

/// <summary>Where one replica of ours listens: plain HTTP on a free port of the loopback, which is gone with it.</summary>
internal sealed class FakeListener : IDisposable
{
    private readonly FakeModel model;
    private readonly CancellationTokenSource ending = new();
    private readonly ConcurrentDictionary<Socket, bool> open = new();
    private readonly TcpListener listening;
    private volatile bool leaving;
    private volatile bool deaf;

    /// <param name="bound">Whose replica it is.</param>
    /// <param name="replica">Its ID.</param>
    /// <param name="started">By the clock's timestamps.</param>
    public FakeListener(FakeBound bound, string replica, long started)
    {
        (Bound, Replica, Started, model) = (bound, replica, started, new(bound.Order));
        listening = new(IPAddress.Loopback, 0);
        listening.Start();
        Port = ((IPEndPoint)listening.LocalEndpoint).Port;
        _ = AcceptAsync();
    }

    public FakeBound Bound { get; }

    public string Replica { get; }

    public long Started { get; }

    public int Port { get; }

    public bool Leaving => leaving;

    /// <summary>Answers what comes through the proxy.</summary>
    public FakeAnswer Answer(FakeCall call) => model.Answer(call, null);

    /// <summary>Whether nobody gets an answer there, as behind a firewall; its port stays its own.</summary>
    public bool Deaf
    {
        get => deaf;
        set
        {
            deaf = value;
            if (value)
                Close();
        }
    }

    /// <summary>Serve stops it: who is connected is answered, and nobody else.</summary>
    public void Leave()
    {
        leaving = true;
        listening.Dispose();
    }

    public void Dispose()
    {
        ending.Cancel();
        Leave();
        Close();
        ending.Dispose();
    }

    private void Close()
    {
        foreach (Socket socket in open.Keys)
            socket.Dispose();
    }

    private async Task AcceptAsync()
    {
        CancellationToken ended = ending.Token;
        try
        {
            while (true)
            {
                Socket socket = await listening.AcceptSocketAsync(ended).ConfigureAwait(false);
                if (deaf)
                    socket.Dispose();
                else
                    _ = ServeAsync(socket, ended);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
        {
            // It listens no more.
        }
    }

    private async Task ServeAsync(Socket socket, CancellationToken ended)
    {
        open[socket] = true;
        try
        {
            using NetworkStream stream = new(socket, ownsSocket: true);
            while (await ReadAsync(stream, ended).ConfigureAwait(false) is { } call)
                await WriteAsync(stream, model.Answer(call, Replica), ended).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Whoever asked has left, or the replica has.
        }
        finally
        {
            open.TryRemove(socket, out _);
        }
    }

    private static async Task<FakeCall?> ReadAsync(NetworkStream stream, CancellationToken ended)
    {
        List<byte> head = [];
        byte[] one = new byte[1];
        while (head.Count < 4 || !head[^4..].SequenceEqual("\r\n\r\n"u8.ToArray()))
        {
            if (await stream.ReadAsync(one, ended).ConfigureAwait(false) == 0)
                return null;
            head.Add(one[0]);
        }
        string[] lines = Encoding.ASCII.GetString([.. head]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        string[] first = lines[0].Split(' ');
        Dictionary<string, string> fields = new(StringComparer.OrdinalIgnoreCase);
        foreach (string line in lines[1..])
            fields[line[..line.IndexOf(':', StringComparison.Ordinal)]] = line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
        byte[] body = new byte[int.Parse(fields.GetValueOrDefault("content-length", "0"), CultureInfo.InvariantCulture)];
        await stream.ReadExactlyAsync(body, ended).ConfigureAwait(false);
        return new(first[0], first[1], fields.GetValueOrDefault, body);
    }

    private async Task WriteAsync(NetworkStream stream, FakeAnswer answer, CancellationToken ended)
    {
        byte[] body = answer.Bytes ?? Encoding.UTF8.GetBytes(answer.Body);
        StringBuilder head = new();
        head.Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {answer.Status} X\r\ncontent-length: {body.Length}\r\n");
        foreach ((string name, string value) in answer.Fields ?? [])
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        head.Append(leaving ? "connection: close\r\n\r\n" : "\r\n");
        await stream.WriteAsync((byte[])[.. Encoding.ASCII.GetBytes(head.ToString()), .. body], ended).ConfigureAwait(false);
        if (leaving)
            throw new IOException("That was the last answer.");
    }
}

/// <summary>What an agent of ours has bound to an application: with the same version again the code stays the same.</summary>
/// <param name="Agent">Application of the agent.</param>
/// <param name="Deployment">Name of its only deployment.</param>
internal sealed record FakeBound(string Agent, string Deployment, string Version, System.Text.Json.Nodes.JsonObject Order);

using System.Buffers.Binary;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Raywright.Bench.App;

/// <summary>
/// One page's circuit over a WebSocket: SignalR with MessagePack
/// (https://github.com/dotnet/aspnetcore/blob/main/src/SignalR/docs/specs/HubProtocol.md), and of Blazor's messages those that a
/// page which nobody touches sends.
/// </summary>
internal sealed partial class Circuit : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private const int MostSaid = 300;
    private readonly List<string> said = [];
    private readonly ClientWebSocket socket = new();
    private readonly CancellationTokenSource over = new();
    private readonly TaskCompletionSource drawn = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim sending = new(1, 1);
    private Task reading = Task.CompletedTask;
    private Uri root = new("http://127.0.0.1/");
    private string? secret;
    private long batches;

    /// <summary>What it was told to draw.</summary>
    public long Batches => Volatile.Read(ref batches);

    public static async Task<Circuit> OpenAsync(HttpClient http, CookieContainer cookies, Uri page)
    {
        string html = await http.GetStringAsync(page);
        Circuit circuit = new();
        circuit.socket.Options.Cookies = cookies;
        circuit.root = new(page, "/");
        await circuit.socket.ConnectAsync(new Uri($"ws://{page.Authority}/_blazor"), circuit.over.Token);
        await circuit.SendAsync("{\"protocol\":\"blazorpack\",\"version\":1}\u001e"u8.ToArray());
        circuit.reading = circuit.ReadAsync();
        await circuit.InvokeAsync("0", "StartCircuit", circuit.root.ToString(), page.ToString(), "[]", "");
        await circuit.InvokeAsync(null, "UpdateRootComponents", Components(html), StateOf().Match(html).Groups[1].Value);
        await Task.WhenAny(circuit.drawn.Task, Task.Delay(Patience, TimeProvider.System));
        if (!circuit.drawn.Task.IsCompletedSuccessfully)
            throw new IOException($"{page} was not drawn. The server said: {string.Join(" | ", circuit.said)}");
        return circuit;
    }

    public async ValueTask DisposeAsync()
    {
        // As a browser does when the page is left; without it the server keeps the page for a while.
        using (HttpClient http = new(new HttpClientHandler { CookieContainer = socket.Options.Cookies! }))
        using (FormUrlEncodedContent form = new([new("circuitId", secret)]))
            (await http.PostAsync(new Uri(root, "_blazor/disconnect"), form)).EnsureSuccessStatusCode();
        await over.CancelAsync();
        await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        socket.Dispose();
        over.Dispose();
        sending.Dispose();
    }

    /// <summary>The components that the page was sent with, as the browser asks for them to be made live.</summary>
    private static string Components(string html)
    {
        string[] operations = [.. Marker().Matches(html).Select(match => match.Groups[1].Value).Where(json => JsonElement.Parse(json).TryGetProperty("descriptor", out _))
            .Select((json, index) => $$"""{"type":"add","ssrComponentId":{{index + 1}},"marker":{{json}}}""")];
        return $$"""{"batchId":1,"operations":[{{string.Join(',', operations)}}]}""";
    }

    private async Task ReadAsync()
    {
        byte[] buffer = new byte[1 << 20];
        int filled = 0;
        try
        {
            while (!over.IsCancellationRequested)
            {
                ValueWebSocketReceiveResult part = await socket.ReceiveAsync(buffer.AsMemory(filled), over.Token);
                if (part.MessageType == WebSocketMessageType.Close)
                    throw new IOException($"The server closed the circuit: {socket.CloseStatusDescription}");
                filled += part.Count;
                if (!part.EndOfMessage)
                    continue;
                if (!drawn.Task.IsCompleted)
                    said.Add(string.Concat(Encoding.ASCII.GetString(buffer, 0, Math.Min(filled, MostSaid)).Where(character => !char.IsControl(character))));
                secret ??= Started(Encoding.ASCII.GetString(buffer, 0, filled));
                foreach (long batch in Batch(buffer.AsSpan(0, filled)))
                {
                    Interlocked.Increment(ref batches);
                    await InvokeAsync(null, "OnRenderCompleted", batch, null);
                    drawn.TrySetResult();
                }
                filled = 0;
            }
        }
        catch (Exception e)
        {
            drawn.TrySetException(e);
            throw;
        }
    }

    /// <summary>What the server calls the circuit, in its answer to <c>StartCircuit</c>.</summary>
    private static string? Started(string message) => Secret().Match(message) is { Success: true } match ? match.Value : null;

    /// <summary>Numbers of the drawings in what came: <c>[1, {}, nil, "JS.RenderBatch", [number, bytes]]</c>, each message after its length.</summary>
    private static List<long> Batch(ReadOnlySpan<byte> messages)
    {
        List<long> found = [];
        // What comes at once may begin with the answer to the handshake, JSON up to a separator.
        if (messages.StartsWith("{"u8))
            messages = messages[(messages.IndexOf((byte)0x1E) + 1)..];
        while (!messages.IsEmpty)
        {
            int length = 0, shift = 0, at = 0;
            do
            {
                length |= (messages[at] & 0x7F) << shift;
                shift += 7;
            }
            while ((messages[at++] & 0x80) != 0);
            ReadOnlySpan<byte> message = messages.Slice(at, length);
            messages = messages[(at + length)..];
            int name = message.IndexOf("JS.RenderBatch"u8);
            // After the name an array of two, then the number.
            if (name is > 0 and < 16)
                found.Add(Whole(message[(name + 15)..]));
        }
        return found;
    }

    private static long Whole(ReadOnlySpan<byte> at) => at[0] switch
    {
        < 0x80 => at[0],
        0xCC => at[1],
        0xCD or 0xD1 => BinaryPrimitives.ReadUInt16BigEndian(at[1..]),
        0xCE or 0xD2 => BinaryPrimitives.ReadUInt32BigEndian(at[1..]),
        0xCF or 0xD3 => BinaryPrimitives.ReadInt64BigEndian(at[1..]),
        _ => throw new IOException("A drawing has no number."),
    };

    private async Task InvokeAsync(string? id, string target, params object?[] arguments)
    {
        using MemoryStream message = new();
        message.Write([0x95, 1, 0x80]);
        Write(message, id);
        Write(message, target);
        message.WriteByte((byte)(0x90 | arguments.Length));
        foreach (object? argument in arguments)
            Write(message, argument);
        List<byte> framed = [];
        for (long left = message.Length; ; left >>= 7)
        {
            framed.Add((byte)((left & 0x7F) | (left > 0x7F ? 0x80L : 0)));
            if (left <= 0x7F)
                break;
        }
        await SendAsync([.. framed, .. message.ToArray()]);
    }

    private static void Write(MemoryStream message, object? value)
    {
        Span<byte> wide = stackalloc byte[9];
        switch (value)
        {
            case null:
                message.WriteByte(0xC0);
                break;
            case long number:
                wide[0] = 0xD3;
                BinaryPrimitives.WriteInt64BigEndian(wide[1..], number);
                message.Write(wide);
                break;
            default:
                byte[] text = Encoding.UTF8.GetBytes((string)value);
                wide[0] = 0xDB;
                BinaryPrimitives.WriteInt32BigEndian(wide[1..], text.Length);
                message.Write(wide[..5]);
                message.Write(text);
                break;
        }
    }

    private async Task SendAsync(byte[] message)
    {
        await sending.WaitAsync(over.Token);
        try
        {
            await socket.SendAsync(message, message[0] == (byte)'{' ? WebSocketMessageType.Text : WebSocketMessageType.Binary, endOfMessage: true, over.Token);
        }
        finally
        {
            sending.Release();
        }
    }

    [GeneratedRegex("CfDJ8[A-Za-z0-9_-]+")]
    private static partial Regex Secret();

    [GeneratedRegex("<!--Blazor:(\\{.*?\\})-->")]
    private static partial Regex Marker();

    [GeneratedRegex("<!--Blazor-Server-Component-State:([a-zA-Z0-9+/=]+)-->")]
    private static partial Regex StateOf();
}

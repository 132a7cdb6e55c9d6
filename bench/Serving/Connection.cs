using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;

namespace Raywright.Bench.Serving;

/// <summary>A keep-alive connection that knows just enough HTTP/1.1: a status, a Content-Length or chunks, a body to pass over.</summary>
internal sealed class Connection(IPEndPoint host, Socket first) : IDisposable
{
    private readonly byte[] buffer = new byte[256 * 1024];
    private Socket socket = first;

    public static async Task<Connection> OpenAsync(IPEndPoint host) => new(host, await DialAsync(host));

    /// <summary>Sends one request, reads its whole answer and gives its status; 0 where the server closed the connection instead, which then is made anew.</summary>
    public async ValueTask<int> ExchangeAsync(ReadOnlyMemory<byte> request)
    {
        try
        {
            return await TryAsync(request);
        }
        catch (Exception e) when (e is SocketException or EndOfStreamException)
        {
            socket.Dispose();
            socket = await DialAsync(host);
            return 0;
        }
    }

    public void Dispose() => socket.Dispose();

    private static async Task<Socket> DialAsync(IPEndPoint host)
    {
        Socket made = new(host.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await made.ConnectAsync(host);
        return made;
    }

    private async ValueTask<int> TryAsync(ReadOnlyMemory<byte> request)
    {
        await socket.SendAsync(request);
        int filled = 0;
        while (true)
        {
            int read = await socket.ReceiveAsync(buffer.AsMemory(filled));
            if (read == 0)
                throw new EndOfStreamException("The server closed the connection.");
            filled += read;
            if (Complete(buffer.AsSpan(0, filled)) is { } status)
                return status;
        }
    }

    private static int? Complete(ReadOnlySpan<byte> answer)
    {
        int head = answer.IndexOf("\r\n\r\n"u8);
        if (head < 0)
            return null;
        if (!Utf8Parser.TryParse(answer[9..], out int status, out _))
            throw new IOException("The answer has no status.");
        ReadOnlySpan<byte> headers = answer[..head];
        if (ContentLength(headers) is { } length)
            return answer.Length >= head + 4 + length ? status : null;
        return answer.EndsWith("0\r\n\r\n"u8) ? status : null;
    }

    private static int? ContentLength(ReadOnlySpan<byte> headers)
    {
        int at = headers.IndexOf("\r\nContent-Length: "u8);
        if (at < 0)
            at = headers.IndexOf("\r\ncontent-length: "u8);
        return at >= 0 && Utf8Parser.TryParse(headers[(at + 18)..], out int length, out _) ? length : null;
    }
}

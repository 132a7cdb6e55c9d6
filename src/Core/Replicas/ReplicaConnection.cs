using System.Net.Sockets;
using Raywright.Core.Contracts;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Core.Tensors;

namespace Raywright.Core.Replicas;

/// <summary>
/// One connection to a replica, over which one call at a time travels (docs/reference/replica-protocol.md). After a call that
/// was cancelled, overdue or broken it is of no more use: closing it is what cancels the call on the other side.
/// </summary>
/// <param name="socket">Connected; closed with this.</param>
/// <param name="model">Name of the model, for the address.</param>
/// <param name="contract">What travels.</param>
/// <param name="clock">For deadlines.</param>
/// <param name="tellsAll">Whether answers show the text of the model's exceptions: true for its author, in a trial.</param>
/// <param name="door">What the replica wants to see, where others could connect to it.</param>
public sealed class ReplicaConnection(Socket socket, string model, Contract contract, TimeProvider clock, bool tellsAll = false, ReplicaDoor? door = null) : IDisposable
{
    private const int LargestAnswer = 1 << 30;
    private const int KeptCapacity = 1 << 20;

    /// <summary>The replica watches the deadline itself; who does not answer so long after it hangs.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(500);
    private readonly ReplicaRequest request = new(model, contract, door);
    private GrowingBuffer received = new(4096);
    private CancellationTokenSource over = new(Timeout.InfiniteTimeSpan, clock);

    public static async Task<ReplicaConnection> OpenAsync(string socketPath, string model, Contract contract, TimeProvider clock, bool tellsAll, CancellationToken cancellation)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancellation).ConfigureAwait(false);
            return new ReplicaConnection(socket, model, contract, clock, tellsAll);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Whether the last answer was the last: the replica is leaving.</summary>
    public bool IsLeft { get; private set; }

    /// <summary>Whether it takes no other call, though the replica goes on: an answer was left unread.</summary>
    public bool IsSpent { get; private set; }

    /// <summary>Whether a byte of an answer to the last call has come; where none has, the replica may not have begun with it.</summary>
    public bool HasAnswered => received.WrittenCount > 0;

    /// <summary>Whether the other side has closed it while it was idle, as far as that can be known without sending.</summary>
    public bool IsStale
    {
        get
        {
            try
            {
                return socket.Poll(0, SelectMode.SelectRead);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return true;
            }
        }
    }

    /// <summary>Answers one call. Inputs stay the caller's; outputs become the caller's.</summary>
    /// <exception cref="TimeoutException">No answer came by the deadline: the replica hangs.</exception>
    /// <exception cref="OperationCanceledException">The caller has left.</exception>
    /// <exception cref="ReplicaGoneException">The replica had died before the call was sent: another may be asked.</exception>
    /// <exception cref="IOException">The replica died, or broke the protocol.</exception>
    public async ValueTask<Result<Tensor[]>> InferAsync(InferenceCall call, CancellationToken cancellation)
    {
        if (received.Capacity > KeptCapacity)
            received = new GrowingBuffer(4096);
        received.Reset(0);
        over.CancelAfter(call.Timeout + Grace);
        CancellationTokenRegistration leaving = cancellation.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), over);
        try
        {
            await SendAsync(request.Write(call, stream: false)).ConfigureAwait(false);
            AnswerHead head = await HeadAsync().ConfigureAwait(false);
            // In parts, as no replica answers.
            if (head.Body < 0 && Between(head.Status) is { } refused)
            {
                IsSpent = true;
                return refused;
            }
            if (head.Body is < 0 or > LargestAnswer || head.Json > head.Body)
                throw new IOException("The replica's answer has no length that can be believed.");
            while (received.WrittenCount < head.Length + head.Body)
                await ReceiveAsync(head.Length + head.Body - received.WrittenCount).ConfigureAwait(false);
            IsLeft = head.Close;
            return Read(head);
        }
        catch (Exception e) when (e is OperationCanceledException || over.IsCancellationRequested)
        {
            cancellation.ThrowIfCancellationRequested();
            throw new TimeoutException("The model was still running after its deadline.", e);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidDataException or System.Text.Json.JsonException)
        {
            throw new IOException(e.Message, e);
        }
        finally
        {
            await leaving.DisposeAsync().ConfigureAwait(false);
            if (!over.TryReset())
            {
                over.Dispose();
                over = new CancellationTokenSource(Timeout.InfiniteTimeSpan, clock);
            }
        }
    }

    /// <summary>
    /// Leaves a call that was cancelled: true once the replica has let go of it, false where it has not in time. The connection is of
    /// no more use either way.
    /// </summary>
    public async Task<bool> LeaveAsync(TimeSpan patience)
    {
        using CancellationTokenSource overdue = new(patience, clock);
        try
        {
            // Half of it stays open, so that the other side's end of it can be heard.
            socket.Shutdown(SocketShutdown.Send);
            while (await socket.ReceiveAsync(received.GetMemory(4096), SocketFlags.None, overdue.Token).ConfigureAwait(false) > 0)
            {
            }
            return true;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    public void Dispose() => socket.Dispose();

    /// <summary>What Serve's proxy says itself, which is no JSON; null where nothing is in between or it is no such answer.</summary>
    private Problem? Between(int status)
    {
        if (door is not { Prefix.Length: > 0 })
            return null;
        return status switch
        {
            404 => throw new ReplicaGoneException("Ray Serve's proxy knows no such application.", new InvalidDataException()),
            429 or 503 => new Problem(Catalogue.Overloaded, "Ray Serve's proxy gives its replicas no more requests.", RetryAfter: TimeSpan.FromSeconds(1)),
            _ => null,
        };
    }

    private Result<Tensor[]> Read(AnswerHead head)
    {
        ReadOnlySpan<byte> body = received.Written.Slice(head.Length, head.Body);
        if (head.Status is 401 or 421)
            throw new ReplicaGoneException($"Another replica listens there now ({head.Status}).", new InvalidDataException());
        if (head.Status != 200 && !body.StartsWith("{"u8) && Between(head.Status) is { } refused)
            return refused;
        if (head.Status != 200)
            return ReplicaAnswer.Problem(head.Status, body, tellsAll);
        int json = head.Json == 0 ? head.Body : head.Json;
        return ReplicaAnswer.Tensors(contract, body[..json], body[json..]);
    }

    private async ValueTask<AnswerHead> HeadAsync()
    {
        while (true)
        {
            await ReceiveAsync(4096).ConfigureAwait(false);
            if (AnswerHead.Read(received.Written) is { } head)
                return head;
            if (received.WrittenCount > 64 << 10)
                throw new IOException("The replica's answer has a head without an end.");
        }
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            while (!bytes.IsEmpty)
                bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None, over.Token).ConfigureAwait(false)..];
        }
        catch (Exception e) when ((e is SocketException or ObjectDisposedException) && !over.IsCancellationRequested)
        {
            // Half a request is none: nobody has worked on it.
            throw new ReplicaGoneException("The replica had ended.", e);
        }
    }

    private async ValueTask ReceiveAsync(int atLeastRoom)
    {
        int read = await socket.ReceiveAsync(received.GetMemory(atLeastRoom), SocketFlags.None, over.Token).ConfigureAwait(false);
        if (read == 0)
            throw new IOException("The replica closed the connection.");
        received.Advance(read);
    }
}

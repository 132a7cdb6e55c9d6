using System.Buffers;
using System.Buffers.Text;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Raywright.Core.Contracts;
using Raywright.Core.Engines;
using Raywright.Core.Errors;

namespace Raywright.Core.Replicas;

/// <summary>
/// A call whose answer comes in parts, on a connection of its own (docs/reference/replica-protocol.md). Closing the connection is
/// what cancels it over there.
/// </summary>
/// <param name="socket">Connected; closed when the stream ends.</param>
/// <param name="model">Name of the model, for the address.</param>
/// <param name="contract">What travels.</param>
/// <param name="door">What the replica wants to see, where others could connect to it.</param>
public sealed class ReplicaStream(Socket socket, string model, Contract contract, ReplicaDoor? door = null)
{
    private const int LargestEvent = 16 << 20;

    /// <summary>Each value as UTF-8 JSON; ends with a problem where the model fails.</summary>
    /// <exception cref="IOException">The replica died, or broke the protocol.</exception>
    public async IAsyncEnumerable<Result<byte[]>> AskAsync(InferenceCall call, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using Socket own = socket;
        await using NetworkStream stream = new(socket);
        PipeReader reader = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true));
        await SendAsync(stream, call, cancellation).ConfigureAwait(false);
        AnswerHead head = await HeadAsync(reader, cancellation).ConfigureAwait(false);
        if (head.Status != 200)
        {
            yield return ReplicaAnswer.Problem(head.Status, await BodyAsync(reader, head.Body, cancellation).ConfigureAwait(false), tellsAll: false);
            yield break;
        }
        GrowingBuffer pending = new(4096);
        while (await ChunkAsync(reader, pending, cancellation).ConfigureAwait(false))
        {
            while (TakeEvent(pending) is { } taken)
            {
                if (taken.Name == "end")
                    yield break;
                yield return taken.Name == "error" ? Failure(taken.Data) : taken.Data;
                if (taken.Name == "error")
                    yield break;
            }
        }
        throw new IOException("The replica's stream ended without saying so.");
    }

    private async Task SendAsync(NetworkStream stream, InferenceCall call, CancellationToken cancellation)
    {
        try
        {
            await stream.WriteAsync(new ReplicaRequest(model, contract, door).Write(call, stream: true), cancellation).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw new ReplicaGoneException("The replica had ended.", e);
        }
    }

    private static async Task<AnswerHead> HeadAsync(PipeReader reader, CancellationToken cancellation)
    {
        while (true)
        {
            ReadResult read = await reader.ReadAsync(cancellation).ConfigureAwait(false);
            byte[] received = read.Buffer.ToArray();
            if (AnswerHead.Read(received) is { } head)
            {
                reader.AdvanceTo(read.Buffer.GetPosition(head.Length));
                return head;
            }
            if (read.IsCompleted)
                throw new IOException("The replica closed the connection.");
            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static async Task<byte[]> BodyAsync(PipeReader reader, int length, CancellationToken cancellation)
    {
        ReadResult read = await reader.ReadAtLeastAsync(Math.Clamp(length, 0, LargestEvent), cancellation).ConfigureAwait(false);
        return read.Buffer.Slice(0, Math.Min(read.Buffer.Length, Math.Max(0, length))).ToArray();
    }

    /// <summary>Appends the next chunk; false at the last one.</summary>
    private static async Task<bool> ChunkAsync(PipeReader reader, GrowingBuffer into, CancellationToken cancellation)
    {
        while (true)
        {
            ReadResult read = await reader.ReadAsync(cancellation).ConfigureAwait(false);
            if (Chunk(read.Buffer) is { } chunk)
            {
                foreach (ReadOnlyMemory<byte> part in read.Buffer.Slice(chunk.Start, chunk.Size))
                    into.Append(part.Span);
                reader.AdvanceTo(read.Buffer.GetPosition(chunk.Start + chunk.Size + 2));
                return chunk.Size > 0;
            }
            if (read.IsCompleted)
                throw new IOException("The replica closed the connection in the middle of a stream.");
            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    /// <summary>Where the first chunk lies, once it is there whole.</summary>
    private static (int Start, int Size)? Chunk(ReadOnlySequence<byte> buffer)
    {
        SequenceReader<byte> reader = new(buffer);
        if (!reader.TryReadTo(out ReadOnlySpan<byte> line, "\r\n"u8))
            return null;
        if (!Utf8Parser.TryParse(line, out int size, out _, 'x') || size < 0 || size > LargestEvent)
            throw new IOException("The replica's stream has a chunk without a size.");
        int start = line.Length + 2;
        return buffer.Length >= start + size + 2 ? (start, size) : null;
    }

    private static (string Name, byte[] Data)? TakeEvent(GrowingBuffer pending)
    {
        int end = pending.Written.IndexOf("\n\n"u8);
        if (end < 0)
            return null;
        string name = "message";
        byte[] data = [];
        foreach (Range range in pending.Written[..end].Split((byte)'\n'))
        {
            Span<byte> field = pending.Written[range];
            if (field.StartsWith("event: "u8))
                name = Encoding.UTF8.GetString(field[7..]);
            else if (field.StartsWith("data: "u8))
                data = field[6..].ToArray();
        }
        pending.Consume(end + 2);
        return (name, data);
    }

    private static Problem Failure(byte[] data)
    {
        int status = 500;
        try
        {
            using JsonDocument document = JsonDocument.Parse(data);
            status = document.RootElement.TryGetProperty("status", out JsonElement given) && given.TryGetInt32(out int number) ? number : 500;
        }
        catch (JsonException)
        {
            // What is no JSON is no ValueError either.
        }
        return ReplicaAnswer.Problem(status, data, tellsAll: false);
    }
}

using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Raywright.Core.Bodies;
using Raywright.Core.Contracts;
using Raywright.Core.Engines;
using Raywright.Core.Tensors;

namespace Raywright.Core.Replicas;

/// <summary>
/// Lays a call out as a request of the replica protocol (docs/reference/replica-protocol.md). What does not change from call to
/// call is encoded once. Not safe for concurrent use.
/// </summary>
internal sealed class ReplicaRequest
{
    /// <summary>The head is written last, right before the body, when the lengths are known.</summary>
    private const int HeadRoom = 1024;
    private const int LongestId = 200;
    private const int KeptCapacity = 1 << 20;
    private readonly byte[] start;
    private readonly byte[][] inputs;
    private GrowingBuffer buffer = new(4096);

    /// <param name="model">Name of the model, for the address.</param>
    /// <param name="contract">What travels.</param>
    /// <param name="door">What the replica wants to see, where others could connect to it.</param>
    public ReplicaRequest(string model, Contract contract, ReplicaDoor? door)
    {
        start = Encoding.ASCII.GetBytes($"POST {door?.Prefix}/v2/models/{model}/infer HTTP/1.1\r\nhost: replica\r\ncontent-type: application/octet-stream\r\n{door?.Fields}");
        inputs = contract.PassThrough
            ? [Declaration("inputs", DataType.Json)]
            : [.. contract.Inputs.Select(input => Declaration(input.Name, input.Type))];
    }

    /// <summary>The whole request; valid until the next one is written.</summary>
    public ReadOnlyMemory<byte> Write(in InferenceCall call, bool stream)
    {
        if (buffer.Capacity > KeptCapacity)
            buffer = new GrowingBuffer(4096);
        buffer.Reset(HeadRoom);
        string id = call.RequestId.Length <= LongestId ? call.RequestId : call.RequestId[..LongestId];
        WriteJson(call, id);
        int json = buffer.WrittenCount - HeadRoom;
        foreach (Tensor? input in call.Inputs)
        {
            if (input is not null)
                BinaryTensors.Write(buffer, input);
        }
        return Head(id, json, buffer.WrittenCount - HeadRoom, call.Timeout, stream);
    }

    private void WriteJson(in InferenceCall call, string id)
    {
        buffer.Append("{\"id\":\""u8);
        buffer.Append(JsonEncodedText.Encode(id, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes);
        buffer.Append("\""u8);
        if (call.Parameters is { } parameters)
        {
            buffer.Append(",\"parameters\":"u8);
            buffer.Append(Encoding.UTF8.GetBytes(parameters.GetRawText()));
        }
        buffer.Append(",\"inputs\":["u8);
        bool first = true;
        for (int index = 0; index < call.Inputs.Length; index++)
        {
            if (call.Inputs[index] is not { } input)
                continue;
            if (!first)
                buffer.Append(","u8);
            first = false;
            buffer.Append(inputs[index]);
            for (int dimension = 0; dimension < input.Rank; dimension++)
            {
                if (dimension > 0)
                    buffer.Append(","u8);
                buffer.Append(input.Shape[dimension]);
            }
            buffer.Append("],\"parameters\":{\"binary_data_size\":"u8);
            buffer.Append(BinaryTensors.Size(input));
            buffer.Append("}}"u8);
        }
        buffer.Append("]}"u8);
    }

    private ReadOnlyMemory<byte> Head(string id, int json, int body, TimeSpan timeout, bool stream)
    {
        Span<byte> head = stackalloc byte[HeadRoom];
        start.CopyTo(head);
        int at = start.Length;
        at += Field(head[at..], "content-length: "u8, body);
        at += Field(head[at..], "inference-header-content-length: "u8, json);
        at += Field(head[at..], "x-raywright-timeout-ms: "u8, (long)Math.Clamp(timeout.TotalMilliseconds, 1, int.MaxValue));
        if (stream)
        {
            "accept: text/event-stream\r\n"u8.CopyTo(head[at..]);
            at += 27;
        }
        "x-request-id: "u8.CopyTo(head[at..]);
        at += 14;
        // IDs are checked when they come in: visible ASCII.
        at += Encoding.ASCII.GetBytes(id, head[at..]);
        "\r\n\r\n"u8.CopyTo(head[at..]);
        at += 4;
        int from = HeadRoom - at;
        head[..at].CopyTo(buffer.Written[from..]);
        return buffer.Memory[from..];
    }

    private static int Field(Span<byte> into, ReadOnlySpan<byte> name, long value)
    {
        name.CopyTo(into);
        Utf8Formatter.TryFormat(value, into[name.Length..], out int digits);
        "\r\n"u8.CopyTo(into[(name.Length + digits)..]);
        return name.Length + digits + 2;
    }

    private static byte[] Declaration(string name, DataType type) =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{{\"name\":\"{JsonEncodedText.Encode(name)}\",\"datatype\":\"{type.OpenInferenceName}\",\"shape\":["));
}

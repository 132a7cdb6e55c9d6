using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Raywright.Core.Bodies;
using Raywright.Core.Contracts;
using Raywright.Core.Errors;
using Raywright.Core.Tensors;

namespace Raywright.Core.Replicas;

/// <summary>The head of an answer: what has to be known before its body is read.</summary>
/// <param name="Length">Bytes of the head, with the empty line.</param>
/// <param name="Body">Bytes of the body; -1 where it is chunked.</param>
/// <param name="Json">Bytes of JSON at the start of the body; 0 where all of it is.</param>
/// <param name="Close">Whether nothing more comes on this connection.</param>
internal readonly record struct AnswerHead(int Length, int Status, int Body, int Json, bool Close)
{
    /// <summary>Null where the head has not arrived whole.</summary>
    public static AnswerHead? Read(ReadOnlySpan<byte> received)
    {
        int end = received.IndexOf("\r\n\r\n"u8);
        if (end < 0)
            return null;
        ReadOnlySpan<byte> head = received[..end];
        int line = head.IndexOf("\r\n"u8);
        ReadOnlySpan<byte> first = line < 0 ? head : head[..line];
        if (!first.StartsWith("HTTP/1.1 "u8) || !Utf8Parser.TryParse(first[9..], out int status, out _))
            throw new InvalidDataException("The replica does not speak HTTP/1.1.");
        int length = Number(head, "content-length:"u8), json = Number(head, "inference-header-content-length:"u8);
        return new(end + 4, status, length, Math.Max(0, json), head.IndexOf("\r\nconnection: close"u8) >= 0);
    }

    private static int Number(ReadOnlySpan<byte> head, ReadOnlySpan<byte> name)
    {
        foreach (Range range in head.Split("\r\n"u8))
        {
            ReadOnlySpan<byte> field = head[range];
            if (field.Length > name.Length && Ascii.EqualsIgnoreCase(field[..name.Length], name) && Utf8Parser.TryParse(field[name.Length..].TrimStart((byte)' '), out int value, out _))
                return value;
        }
        return -1;
    }
}

/// <summary>Reads bodies of answers.</summary>
internal static class ReplicaAnswer
{
    /// <summary>One tensor an output of the contract, in its order.</summary>
    /// <exception cref="InvalidDataException">The replica broke the protocol.</exception>
    public static Tensor[] Tensors(Contract contract, ReadOnlySpan<byte> json, ReadOnlySpan<byte> data)
    {
        int count = contract.PassThrough ? 1 : contract.Outputs.Length;
        Tensor[] tensors = new Tensor[count];
        int index = 0;
        Span<long> shape = stackalloc long[16];
        Utf8JsonReader reader = new(json);
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1 || !reader.ValueTextEquals("outputs"u8))
                continue;
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
            {
                (int rank, int size) = ReadOutput(ref reader, shape);
                if (index == count || size < 0 || size > data.Length)
                    throw Broken(tensors, index);
                DataType type = contract.PassThrough ? DataType.Json : contract.Outputs[index].Type;
                tensors[index++] = BinaryTensors.Read(type, shape[..rank].ToArray(), data[..size]) ?? throw Broken(tensors, index);
                data = data[size..];
            }
        }
        return index == count && data.IsEmpty ? tensors : throw Broken(tensors, index);
    }

    /// <summary>What an answer that is none says.</summary>
    /// <param name="status">Of HTTP, or of an error event.</param>
    /// <param name="body">JSON.</param>
    /// <param name="tellsAll">Whether the text of exceptions that are not the caller's business is for who reads this.</param>
    public static Problem Problem(int status, ReadOnlySpan<byte> body, bool tellsAll)
    {
        (string error, string kind) = Words(body);
        return status switch
        {
            422 => new(Catalogue.ModelRefused, error, Field: "inputs"),
            504 => new(Catalogue.DeadlineExceeded, error.Length > 0 ? error : "The model was still running at the deadline."),
            _ when kind == "OutputError" => new(Catalogue.OutputShape, error),
            _ => new(Catalogue.ModelRaised, tellsAll && error.Length > 0 ? $"The model raised {kind}: {error}" : $"The model raised {(kind.Length > 0 ? kind : "an exception")}; its log has the details under the request ID."),
        };
    }

    private static (int Rank, int Size) ReadOutput(ref Utf8JsonReader reader, scoped Span<long> shape)
    {
        int rank = 0, size = -1;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("shape"u8))
            {
                reader.Read();
                while (reader.Read() && reader.TokenType == JsonTokenType.Number && rank < shape.Length)
                    shape[rank++] = reader.GetInt64();
            }
            else if (reader.ValueTextEquals("parameters"u8))
            {
                reader.Read();
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    bool isSize = reader.ValueTextEquals("binary_data_size"u8);
                    reader.Read();
                    if (isSize)
                        size = reader.GetInt32();
                }
            }
            else
            {
                reader.Read();
            }
        }
        return (rank, size);
    }

    private static (string Error, string Kind) Words(ReadOnlySpan<byte> body)
    {
        try
        {
            Utf8JsonReader reader = new(body);
            using JsonDocument document = JsonDocument.ParseValue(ref reader);
            return (Word(document.RootElement, "error"), Word(document.RootElement, "kind"));
        }
        catch (JsonException)
        {
            return (string.Create(CultureInfo.InvariantCulture, $"{body.Length} bytes that are no JSON"), "");
        }
    }

    private static string Word(JsonElement body, string name) =>
        body.ValueKind == JsonValueKind.Object && body.TryGetProperty(name, out JsonElement word) && word.ValueKind == JsonValueKind.String ? word.GetString()! : "";

    private static InvalidDataException Broken(Tensor[] tensors, int made)
    {
        foreach (Tensor? tensor in tensors.AsSpan(0, made))
            tensor?.Dispose();
        return new("The replica's answer does not hold the outputs of the contract.");
    }
}

using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Raywright.Core.Bodies;
using Raywright.Core.Contracts;
using Raywright.Core.Tensors;

namespace Raywright.Core.Initialization;

/// <summary>Writes lines of a cases file.</summary>
internal static class CaseText
{
    /// <summary>The text is read by people and by our own reader, never by a browser.</summary>
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The request body of one row of data: by column where columns have names, else by input.</summary>
    public static string Body(Contract contract, DataColumns columns, DataRow row) => Write(writer =>
    {
        writer.WriteStartObject();
        writer.WritePropertyName("inputs"u8);
        writer.WriteStartObject();
        foreach (InputColumns fed in columns.Inputs)
        {
            InputField input = contract.Inputs.First(candidate => candidate.Name == fed.Input.Name);
            string[] values = [.. fed.Columns.Select(column => row.Fields[column])];
            if (!input.Columns.IsEmpty)
            {
                for (int column = 0; column < values.Length; column++)
                {
                    writer.WritePropertyName(input.Columns[column]);
                    Element(writer, values[column], input.Type);
                }
                continue;
            }
            writer.WritePropertyName(input.Name);
            int at = 0;
            Nested(writer, values, values.Length == 1 ? [] : [.. input.Shape.Skip(1).Select(size => size < 0 ? values.Length : size)], input.Type, ref at);
        }
        writer.WriteEndObject();
        writer.WriteEndObject();
    });

    /// <summary>A case with the truth, and without a promise: it asserts that the answer fits the contract, and feeds quality.</summary>
    public static string Labelled(string body, string? truth, bool asText) => Write(writer =>
    {
        writer.WriteStartObject();
        CopyInputs(writer, body);
        if (truth is not null)
        {
            writer.WritePropertyName("label"u8);
            Truth(writer, truth, asText);
        }
        writer.WriteEndObject();
    });

    /// <summary>A case with the model's own answer; without one where it was not asked.</summary>
    public static string Recorded(string body, Contract contract, Tensor[]? outputs) => Write(writer =>
    {
        writer.WriteStartObject();
        CopyInputs(writer, body);
        if (outputs is not null)
        {
            writer.WriteStartObject("expected"u8);
            for (int index = 0; index < outputs.Length; index++)
            {
                writer.WritePropertyName(contract.Outputs[index].Name);
                int at = 0;
                Nested(writer, outputs[index], outputs[index].Shape, ref at);
            }
            writer.WriteEndObject();
        }
        writer.WriteString("source"u8, "recorded"u8);
        writer.WriteEndObject();
    });

    private static void CopyInputs(Utf8JsonWriter writer, string body)
    {
        using JsonDocument document = JsonDocument.Parse(body);
        writer.WritePropertyName("inputs"u8);
        document.RootElement.GetProperty("inputs").WriteTo(writer);
    }

    private static void Truth(Utf8JsonWriter writer, string truth, bool asText)
    {
        if (!asText && double.TryParse(truth, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number))
            writer.WriteNumberValue(number);
        else
            writer.WriteStringValue(truth);
    }

    private static void Nested(Utf8JsonWriter writer, string[] values, ReadOnlySpan<long> shape, DataType type, ref int at)
    {
        if (shape.Length == 0)
        {
            Element(writer, values[at++], type);
            return;
        }
        writer.WriteStartArray();
        for (long index = 0; index < shape[0]; index++)
            Nested(writer, values, shape[1..], type, ref at);
        writer.WriteEndArray();
    }

    private static void Nested(Utf8JsonWriter writer, Tensor tensor, ReadOnlySpan<long> shape, ref int at)
    {
        if (shape.Length == 0)
        {
            Elements.Write(writer, tensor, at++);
            return;
        }
        writer.WriteStartArray();
        for (long index = 0; index < shape[0]; index++)
            Nested(writer, tensor, shape[1..], ref at);
        writer.WriteEndArray();
    }

    private static void Element(Utf8JsonWriter writer, string text, DataType type)
    {
        if (type == DataType.String)
            writer.WriteStringValue(text);
        else if (ColumnProfile.Number(text, type) is not { } number)
            writer.WriteNullValue();
        else if (type == DataType.Bool)
            writer.WriteBooleanValue(number != 0);
        else
            writer.WriteNumberValue(number);
    }

    private static string Write(Action<Utf8JsonWriter> write)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer, Options))
            write(writer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}

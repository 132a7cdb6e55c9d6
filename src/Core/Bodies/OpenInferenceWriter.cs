using System.Buffers;
using System.Text.Json;
using Raywright.Core.Contracts;
using Raywright.Core.Tensors;

namespace Raywright.Core.Bodies;

/// <summary>Writes answers and metadata of the Open Inference Protocol v2.</summary>
public sealed class OpenInferenceWriter(string model, string version, Contract contract)
{
    /// <summary>Writes the answer; gives the length of its JSON part where binary tensors follow it, else null.</summary>
    public int? Write(IBufferWriter<byte> body, OpenInferenceRequest request, Tensor[] outputs)
    {
        ArrayBufferWriter<byte> head = new(512);
        using (Utf8JsonWriter writer = new(head))
        {
            writer.WriteStartObject();
            writer.WriteString("model_name"u8, model);
            writer.WriteString("model_version"u8, version);
            if (request.Id is not null)
                writer.WriteString("id"u8, request.Id);
            writer.WriteStartArray("outputs"u8);
            foreach ((int index, bool binary) in request.Outputs)
                WriteOutput(writer, contract.Outputs[index].Name, outputs[index], binary);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        BuffersExtensions.Write(body, head.WrittenSpan);
        if (!request.Outputs.Any(wanted => wanted.Binary))
            return null;
        foreach ((int index, bool binary) in request.Outputs)
        {
            if (binary)
                BinaryTensors.Write(body, outputs[index]);
        }
        return head.WrittenCount;
    }

    /// <summary>The model's metadata: names, datatypes and shapes.</summary>
    public void WriteMetadata(IBufferWriter<byte> body, IEnumerable<string> versions, string platform)
    {
        using Utf8JsonWriter writer = new(body);
        writer.WriteStartObject();
        writer.WriteString("name"u8, model);
        writer.WriteStartArray("versions"u8);
        foreach (string number in versions)
            writer.WriteStringValue(number);
        writer.WriteEndArray();
        writer.WriteString("platform"u8, platform);
        writer.WriteStartArray("inputs"u8);
        foreach (InputField input in contract.Inputs)
            WriteField(writer, input.Name, input.Type, input.Shape.AsSpan());
        writer.WriteEndArray();
        writer.WriteStartArray("outputs"u8);
        foreach (OutputField output in contract.Outputs)
            WriteField(writer, output.Name, output.Type, output.Shape.AsSpan());
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteOutput(Utf8JsonWriter writer, string name, Tensor tensor, bool binary)
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, name);
        writer.WriteString("datatype"u8, tensor.Type.OpenInferenceName);
        WriteShape(writer, tensor.Shape);
        if (binary)
        {
            writer.WriteStartObject("parameters"u8);
            writer.WriteNumber("binary_data_size"u8, BinaryTensors.Size(tensor));
            writer.WriteEndObject();
        }
        else
        {
            writer.WriteStartArray("data"u8);
            for (int index = 0; index < tensor.Count; index++)
                Elements.Write(writer, tensor, index);
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
    }

    private static void WriteField(Utf8JsonWriter writer, string name, DataType type, ReadOnlySpan<long> shape)
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, name);
        writer.WriteString("datatype"u8, type.OpenInferenceName);
        WriteShape(writer, shape);
        writer.WriteEndObject();
    }

    private static void WriteShape(Utf8JsonWriter writer, ReadOnlySpan<long> shape)
    {
        writer.WriteStartArray("shape"u8);
        foreach (long size in shape)
            writer.WriteNumberValue(size);
        writer.WriteEndArray();
    }
}

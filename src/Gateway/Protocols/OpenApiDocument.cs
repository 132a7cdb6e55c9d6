using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Raywright.Core.Bodies;
using Raywright.Core.Contracts;
using Raywright.Core.Errors;
using Raywright.Core.Tensors;
using Raywright.Gateway.Routing;

namespace Raywright.Gateway.Protocols;

/// <summary>OpenAPI 3.1 of an environment, made from the contracts that serve now.</summary>
internal static class OpenApiDocument
{
    public static void Write(IBufferWriter<byte> body, string environment, IReadOnlyList<EndpointRoute> endpoints)
    {
        using Utf8JsonWriter writer = new(body, new JsonWriterOptions { Indented = true });
        writer.WriteStartObject();
        writer.WriteString("openapi"u8, "3.1.1");
        writer.WriteStartObject("info"u8);
        writer.WriteString("title"u8, $"Models in {environment}");
        writer.WriteString("version"u8, "1");
        writer.WriteEndObject();
        writer.WriteStartObject("paths"u8);
        foreach (EndpointRoute endpoint in endpoints.Where(endpoint => endpoint.Traffic.Count > 0))
            WritePath(writer, endpoint);
        writer.WriteEndObject();
        writer.WriteStartObject("components"u8);
        writer.WriteStartObject("securitySchemes"u8);
        writer.WriteStartObject("key"u8);
        writer.WriteString("type"u8, "http");
        writer.WriteString("scheme"u8, "bearer");
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WritePath(Utf8JsonWriter writer, EndpointRoute endpoint)
    {
        RevisionRoute revision = endpoint.Traffic[0].Revision;
        Contract contract = revision.Config.Contract;
        writer.WriteStartObject($"/serve/{endpoint.Environment}/predict/{endpoint.Model}");
        writer.WriteStartObject("post"u8);
        writer.WriteString("operationId"u8, $"predict-{endpoint.Model}");
        writer.WriteString("summary"u8, $"Ask {revision.VersionName}");
        if (revision.Streams)
            writer.WriteString("description"u8, "The model streams: with `Accept: text/event-stream` the answer comes in parts, each as soon as it is made; else it comes whole. Closing the connection ends the model's work.");
        writer.WriteStartArray("security"u8);
        writer.WriteStartObject();
        writer.WriteStartArray("key"u8);
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteStartObject("requestBody"u8);
        writer.WriteBoolean("required"u8, true);
        WriteContent(writer, "inputs", contract.Inputs.Select(input => (input.Name, input.Type, input.Shape.AsSpan().ToArray(), Words(input.Description, input.Units))), SampleInputs.Body(contract), streams: false);
        writer.WriteEndObject();
        writer.WriteStartObject("responses"u8);
        writer.WriteStartObject("200"u8);
        writer.WriteString("description"u8, "The answer, in the form of the request");
        WriteContent(writer, "outputs", contract.Outputs.Select(output => (output.Name, output.Type, output.Shape.AsSpan().ToArray(), Words(output.Description, output.Units))), null, revision.Streams);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static string? Words(string? description, ImmutableArray<string>? units) =>
        units is { } names ? $"{description}{(description is null ? "" : ", ")}in {string.Join(", ", names)}" : description;

    private static void WriteContent(Utf8JsonWriter writer, string key, IEnumerable<(string Name, DataType Type, long[] Shape, string? Description)> fields, byte[]? example, bool streams)
    {
        writer.WriteStartObject("content"u8);
        writer.WriteStartObject("application/json"u8);
        writer.WriteStartObject("schema"u8);
        writer.WriteString("type"u8, "object");
        writer.WriteStartArray("required"u8);
        writer.WriteStringValue(key);
        writer.WriteEndArray();
        writer.WriteStartObject("properties"u8);
        writer.WriteStartObject(key);
        writer.WriteString("description"u8, "By name with the batch axis, a list of rows, or one row.");
        writer.WriteStartArray("anyOf"u8);
        writer.WriteStartObject();
        writer.WriteString("type"u8, "object");
        writer.WriteStartObject("properties"u8);
        foreach ((string name, DataType type, long[] shape, string? description) in fields)
        {
            writer.WriteStartObject(name);
            if (description is not null)
                writer.WriteString("description"u8, description);
            WriteTensor(writer, type, shape);
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteStartObject();
        writer.WriteString("type"u8, "array");
        writer.WriteEndObject();
        writer.WriteStartObject();
        writer.WriteString("type"u8, "object");
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
        if (example is not null)
        {
            writer.WritePropertyName("example"u8);
            writer.WriteRawValue(example);
        }
        writer.WriteEndObject();
        if (streams)
            WriteStream(writer);
        writer.WriteEndObject();
    }

    /// <summary>3.1 has no words for events (3.2 has `itemSchema`), so that they are described, and shown as they come.</summary>
    private static void WriteStream(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("text/event-stream"u8);
        writer.WriteStartObject("schema"u8);
        writer.WriteString("type"u8, "string");
        writer.WriteString("description"u8, "Server-Sent Events: one without a name for each value, with `{\"outputs\": …}` as data; at the end `end`, or `error` with a problem as data. A stream that stops without either broke off. What fails before the first value is an ordinary answer with its status.");
        writer.WriteEndObject();
        writer.WriteStartObject("examples"u8);
        WriteExample(writer, "value", "A value", "data: {\"outputs\":{\"y\":1}}\n\n");
        WriteExample(writer, "end", "The end", "event: end\ndata: {}\n\n");
        ArrayBufferWriter<byte> problem = new();
        ProblemWriter.WriteNeutral(problem, new Problem(Catalogue.ModelRaised, "RuntimeError in model.py"), "4bf92f3577b34da6a3ce929d0e0e4736");
        WriteExample(writer, "error", "The end, when the model fails on the way", $"event: error\ndata: {Encoding.UTF8.GetString(problem.WrittenSpan)}\n\n");
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteExample(Utf8JsonWriter writer, string name, string summary, string value)
    {
        writer.WriteStartObject(name);
        writer.WriteString("summary"u8, summary);
        writer.WriteString("value"u8, value);
        writer.WriteEndObject();
    }

    private static void WriteTensor(Utf8JsonWriter writer, DataType type, ReadOnlySpan<long> shape)
    {
        if (shape.Length == 0)
        {
            if (JsonType(type) is { } name)
                writer.WriteString("type"u8, name);
            return;
        }
        writer.WriteString("type"u8, "array");
        if (shape[0] >= 0)
        {
            writer.WriteNumber("minItems"u8, shape[0]);
            writer.WriteNumber("maxItems"u8, shape[0]);
        }
        writer.WriteStartObject("items"u8);
        WriteTensor(writer, type, shape[1..]);
        writer.WriteEndObject();
    }

    private static string? JsonType(DataType type) => type switch
    {
        DataType.Json => null,
        DataType.String or DataType.Bytes => "string",
        DataType.Bool => "boolean",
        { IsInteger: true } => "integer",
        _ => "number",
    };
}

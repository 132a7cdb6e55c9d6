using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.ML.OnnxRuntime;

namespace Raywright.Bench.Floors;

/// <summary>
/// What a careful person writes by hand for one model: a fixed JSON reader for one row of four numbers, one session, no checks, no
/// batching, no key, no log.
/// </summary>
internal sealed class OnnxFloor : IDisposable
{
    private readonly InferenceSession session;
    private readonly RunOptions options = new();
    private readonly string[] inputs;
    private readonly string[] outputs;

    public OnnxFloor(string model)
    {
        using SessionOptions settings = new() { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
        settings.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        session = new InferenceSession(model, settings);
        inputs = [.. session.InputNames];
        outputs = [.. session.OutputNames];
    }

    public async Task HandleAsync(HttpContext http)
    {
        ReadOnlySequence<byte> body = await EchoFloor.BodyOf(http);
        ArrayBufferWriter<byte> text = new(256);
        Answer(body.IsSingleSegment ? body.FirstSpan : body.ToArray(), text);
        http.Request.BodyReader.AdvanceTo(body.End);
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = text.WrittenCount;
        await http.Response.BodyWriter.WriteAsync(text.WrittenMemory);
    }

    public void Dispose()
    {
        session.Dispose();
        options.Dispose();
    }

    private void Answer(ReadOnlySpan<byte> body, ArrayBufferWriter<byte> text)
    {
        float[] row = new float[4];
        int at = 0;
        Utf8JsonReader reader = new(body);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.Number)
                row[at++] = reader.GetSingle();
        }
        using OrtValue input = OrtValue.CreateTensorValueFromMemory(row, [1, 4]);
        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(options, inputs, [input], outputs);
        using Utf8JsonWriter writer = new(text);
        writer.WriteStartObject();
        writer.WriteStartObject("outputs"u8);
        writer.WriteStartArray("label"u8);
        writer.WriteNumberValue(results[0].GetTensorDataAsSpan<long>()[0]);
        writer.WriteEndArray();
        writer.WriteStartArray("probabilities"u8);
        writer.WriteStartArray();
        foreach (float value in results[1].GetTensorDataAsSpan<float>())
            writer.WriteNumberValue(value);
        writer.WriteEndArray();
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}

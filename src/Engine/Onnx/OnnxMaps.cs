using System.Globalization;
using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using Raywright.Core.Contracts;
using Raywright.Core.Tensors;
using DataType = Raywright.Core.Tensors.DataType;

namespace Raywright.Engine.Onnx;

/// <summary>
/// Lays out the sequence of maps that a ZipMap writes (one map a row, class to score): as a [rows, classes] tensor in the order
/// of the contract's labels, or as JSON where the contract knows no keys.
/// </summary>
internal static class OnnxMaps
{
    public static Tensor Read(OrtValue sequence, OutputField declared)
    {
        List<IReadOnlyList<(string Key, float Score)>> rows = [];
        sequence.ProcessSequence((map, _) => rows.Add(Row(map)), OrtAllocator.DefaultInstance);
        if (declared.Type == DataType.Json || declared.Labels is not { } labels)
            return Tensor.OfBlobs(DataType.Json, [rows.Count], [.. rows.Select(Json)]);
        Tensor tensor = Tensor.Rent(DataType.Float32, [rows.Count, labels.Keys.Length]);
        Span<float> scores = tensor.Values<float>();
        // A class that is absent in a map stays NaN, which the output check then names.
        scores.Fill(float.NaN);
        for (int row = 0; row < rows.Count; row++)
        {
            foreach ((string key, float score) in rows[row])
            {
                if (labels.Keys.IndexOf(key) is var column and >= 0)
                    scores[(row * labels.Keys.Length) + column] = score;
            }
        }
        return tensor;
    }

    private static List<(string, float)> Row(OrtValue map)
    {
        List<(string, float)> row = [];
        map.ProcessMap((keys, values) =>
        {
            ReadOnlySpan<float> scores = values.GetTensorDataAsSpan<float>();
            if (keys.GetTensorTypeAndShape().ElementDataType == Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.String)
            {
                string[] names = keys.GetStringTensorAsArray();
                for (int index = 0; index < names.Length; index++)
                    row.Add((names[index], scores[index]));
                return;
            }
            ReadOnlySpan<long> numbers = keys.GetTensorDataAsSpan<long>();
            for (int index = 0; index < numbers.Length; index++)
                row.Add((numbers[index].ToString(CultureInfo.InvariantCulture), scores[index]));
        }, OrtAllocator.DefaultInstance);
        return row;
    }

    private static byte[] Json(IReadOnlyList<(string Key, float Score)> row)
    {
        using MemoryStream json = new();
        using (Utf8JsonWriter writer = new(json))
        {
            writer.WriteStartObject();
            foreach ((string key, float score) in row)
                writer.WriteNumber(key, score);
            writer.WriteEndObject();
        }
        return json.ToArray();
    }
}

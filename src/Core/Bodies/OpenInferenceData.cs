using System.Runtime.InteropServices;
using System.Text.Json;
using Raywright.Core.Errors;
using Raywright.Core.Tensors;

namespace Raywright.Core.Bodies;

/// <summary>The <c>data</c> of a tensor in JSON: nested or flat, row-major.</summary>
internal static class OpenInferenceData
{
    public static Tensor Read(JsonElement data, InputPlan plan, long[] shape)
    {
        long count = Tensor.CountOf(shape);
        TensorBuilder builder = new(plan);
        try
        {
            Utf8JsonReader reader = new(JsonMarshal.GetRawUtf8Value(data));
            reader.Read();
            Append(ref reader, builder, count);
            if (builder.Count != count)
                throw new BodyFailure(new(Catalogue.InputShape, $"{plan.Declared.Name} has {builder.Count} elements; its shape {NestedReader.Describe(shape)} has {count}.", Field: $"inputs.{plan.Declared.Name}"));
            return builder.Finish(shape);
        }
        finally
        {
            builder.Clear();
        }
    }

    private static void Append(ref Utf8JsonReader reader, TensorBuilder builder, long most)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            if (builder.Count >= most)
                throw new BodyFailure(new(Catalogue.InputShape, $"{builder.Plan.Declared.Name} has more elements than its shape.", Field: $"inputs.{builder.Plan.Declared.Name}"));
            builder.Append(ref reader);
            return;
        }
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            Append(ref reader, builder, most);
    }
}

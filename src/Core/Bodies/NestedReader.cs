using System.Globalization;
using System.Text.Json;
using Raywright.Core.Errors;

namespace Raywright.Core.Bodies;

/// <summary>Reads nested lists into one builder and finds out the sizes of their dimensions on the way.</summary>
internal static class NestedReader
{
    /// <summary>Number of lists that open at the reader's token; reading stops at <paramref name="most"/>.</summary>
    public static int Depth(Utf8JsonReader reader, int most)
    {
        int depth = 0;
        while (reader.TokenType == JsonTokenType.StartArray && depth < most)
        {
            depth++;
            reader.Read();
        }
        return depth;
    }

    /// <summary>
    /// Reads the value at the reader's token, whose outermost list is dimension <paramref name="level"/>.
    /// <paramref name="sizes"/> holds the contract's dimensions; a -1 becomes the size that is found first.
    /// </summary>
    public static void Read(ref Utf8JsonReader reader, TensorBuilder builder, Span<long> sizes, int level)
    {
        if (level == sizes.Length)
        {
            builder.Append(ref reader);
            return;
        }
        if (reader.TokenType != JsonTokenType.StartArray)
            throw Shape(builder, $"dimension {level + 1} of {builder.Plan.Declared.Name} must be a list");
        long count = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (level == sizes.Length - 1)
                builder.Append(ref reader);
            else
                Read(ref reader, builder, sizes, level + 1);
            count++;
        }
        if (sizes[level] == -1)
            sizes[level] = count;
        else if (sizes[level] != count)
            throw Shape(builder, string.Create(CultureInfo.InvariantCulture, $"dimension {level + 1} of {builder.Plan.Declared.Name} has {count} elements instead of {sizes[level]}"));
    }

    private static BodyFailure Shape(TensorBuilder builder, string what) => new(new Problem(
        Catalogue.InputShape, $"{what}; the shape is {Describe(builder.Plan.Shape)}.", Field: $"inputs.{builder.Plan.Declared.Name}"));

    /// <summary>A shape for people: <c>[batch, 4]</c>.</summary>
    public static string Describe(ReadOnlySpan<long> shape)
    {
        List<string> parts = [];
        for (int index = 0; index < shape.Length; index++)
            parts.Add(shape[index] >= 0 ? shape[index].ToString(CultureInfo.InvariantCulture) : index == 0 ? "batch" : "any");
        return $"[{string.Join(", ", parts)}]";
    }
}

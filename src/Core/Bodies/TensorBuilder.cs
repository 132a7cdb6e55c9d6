using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Raywright.Core.Errors;
using Raywright.Core.Tensors;

namespace Raywright.Core.Bodies;

/// <summary>Grows one input's elements in a pooled buffer while JSON is read, checking each against the contract.</summary>
internal sealed class TensorBuilder(InputPlan plan)
{
    private byte[]? bytes;
    private List<string?>? texts;
    private List<byte[]?>? blobs;
    private int cursor;

    public int Count { get; private set; }

    public InputPlan Plan => plan;

    /// <summary>The next element goes to <paramref name="index"/>; what lies between must be written before the end.</summary>
    public void Seek(int index) => cursor = index;

    /// <summary>Reads the element at the reader's token.</summary>
    public void Append(ref Utf8JsonReader reader)
    {
        switch (plan.Declared.Type)
        {
            case DataType.Float32: Put(Float(ref reader, float.MaxValue)); break;
            case DataType.Float64: Put(Double(ref reader)); break;
            case DataType.Float16: Put((Half)Float(ref reader, (float)Half.MaxValue)); break;
            case DataType.Int64: Put(Integer(ref reader, long.MinValue, long.MaxValue)); break;
            case DataType.Int32: Put((int)Integer(ref reader, int.MinValue, int.MaxValue)); break;
            case DataType.Int16: Put((short)Integer(ref reader, short.MinValue, short.MaxValue)); break;
            case DataType.Int8: Put((sbyte)Integer(ref reader, sbyte.MinValue, sbyte.MaxValue)); break;
            case DataType.UInt8: Put((byte)Integer(ref reader, 0, byte.MaxValue)); break;
            case DataType.UInt16: Put((ushort)Integer(ref reader, 0, ushort.MaxValue)); break;
            case DataType.UInt32: Put((uint)Integer(ref reader, 0, uint.MaxValue)); break;
            case DataType.UInt64: Put(Unsigned(ref reader)); break;
            case DataType.Bool: Put(Bool(ref reader)); break;
            case DataType.String: Put(ref texts, Text(ref reader)); break;
            case DataType.Bytes: Put(ref blobs, Base64(ref reader)); break;
            default: Put(ref blobs, Json(ref reader)); break;
        }
    }

    /// <summary>The tensor of <paramref name="shape"/>, whose elements must be those appended; the builder is empty afterwards.</summary>
    public Tensor Finish(long[] shape)
    {
        if (plan.Declared.Type == DataType.String)
            return Tensor.OfTexts(shape, texts?.ToArray() ?? []);
        if (!plan.Declared.Type.HasFixedSize)
            return Tensor.OfBlobs(plan.Declared.Type, shape, blobs?.ToArray() ?? []);
        Tensor tensor = Tensor.Adopt(plan.Declared.Type, shape, bytes ?? ArrayPool<byte>.Shared.Rent(1), Count * plan.Declared.Type.Size);
        bytes = null;
        return tensor;
    }

    /// <summary>Empties the builder for the next request.</summary>
    public void Clear()
    {
        if (bytes is not null)
            ArrayPool<byte>.Shared.Return(bytes);
        bytes = null;
        texts?.Clear();
        blobs?.Clear();
        cursor = 0;
        Count = 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Put<T>(T value) where T : unmanaged
    {
        int at = cursor * Unsafe.SizeOf<T>();
        if (bytes is null || bytes.Length < at + Unsafe.SizeOf<T>())
            Grow(at + Unsafe.SizeOf<T>());
        Unsafe.WriteUnaligned(ref bytes![at], value);
        Count = Math.Max(Count, ++cursor);
    }

    private void Put<T>(ref List<T?>? list, T? value) where T : class
    {
        list ??= [];
        while (list.Count <= cursor)
            list.Add(null);
        list[cursor++] = value;
        Count = list.Count;
    }

    private void Grow(int needed)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(64, needed * 2));
        if (bytes is not null)
        {
            bytes.CopyTo(larger, 0);
            ArrayPool<byte>.Shared.Return(bytes);
        }
        bytes = larger;
    }

    private float Float(ref Utf8JsonReader reader, float largest)
    {
        if (reader.TokenType == JsonTokenType.Null && plan.Declared.Nullable)
            return float.NaN;
        if (reader.TokenType != JsonTokenType.Number || !reader.TryGetSingle(out float value))
            throw Wrong(ref reader);
        if (MathF.Abs(value) > largest)
            throw TooLarge(ref reader);
        return Checked(value);
    }

    private double Double(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null && plan.Declared.Nullable)
            return double.NaN;
        if (reader.TokenType != JsonTokenType.Number || !reader.TryGetDouble(out double value))
            throw Wrong(ref reader);
        return double.IsFinite(value) ? Checked(value) : throw TooLarge(ref reader);
    }

    private long Integer(ref Utf8JsonReader reader, long least, long most)
    {
        if (reader.TokenType != JsonTokenType.Number)
            throw Wrong(ref reader);
        if (!reader.TryGetInt64(out long value))
        {
            // Clients that know only one kind of number write 3.0 for 3.
            if (!reader.TryGetDouble(out double real) || Math.Abs(real) > 1L << 53)
                throw TooLarge(ref reader);
            value = real == Math.Floor(real) ? (long)real : throw Wrong(ref reader);
        }
        return value >= least && value <= most ? Checked(value) : throw TooLarge(ref reader);
    }

    private ulong Unsigned(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetUInt64(out ulong value) ? Checked(value) : (ulong)Integer(ref reader, 0, long.MaxValue);

    private bool Bool(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.True => true,
        JsonTokenType.False => false,
        _ => throw Wrong(ref reader),
    };

    private string? Text(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null && plan.Declared.Nullable)
            return null;
        if (reader.TokenType != JsonTokenType.String)
            throw Wrong(ref reader);
        string text = reader.GetString()!;
        return plan.Objection(text) is { } objection ? throw plan.Fail(Catalogue.InputRange, objection, Row) : text;
    }

    private byte[]? Base64(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null && plan.Declared.Nullable)
            return null;
        return reader.TokenType == JsonTokenType.String && reader.TryGetBytesFromBase64(out byte[]? value) ? value : throw Wrong(ref reader);
    }

    private static byte[] Json(ref Utf8JsonReader reader)
    {
        using JsonDocument value = JsonDocument.ParseValue(ref reader);
        return JsonMarshal.GetRawUtf8Value(value.RootElement).ToArray();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private T Checked<T>(T value) where T : struct, System.Numerics.INumber<T> =>
        plan.HasChecks && plan.Objection(double.CreateSaturating(value)) is { } objection ? throw plan.Fail(Catalogue.InputRange, objection, Row) : value;

    private BodyFailure Wrong(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.Null => plan.Fail(Catalogue.InputNull, $"{plan.Declared.Name} is null.", Row),
        JsonTokenType.StartArray => plan.Fail(Catalogue.InputShape, $"{plan.Declared.Name} is nested too deeply: a {plan.Declared.Type.Name} is expected here, not a list.", Row),
        _ => plan.Fail(Catalogue.InputType, $"{plan.Declared.Name} takes {plan.Declared.Type.Name}, not {Describe(ref reader)}.", Row),
    };

    private BodyFailure TooLarge(ref Utf8JsonReader reader) =>
        plan.Fail(Catalogue.InputType, $"{plan.Declared.Name}: {Describe(ref reader)} does not fit into {plan.Declared.Type.Name}.", Row);

    private static string Describe(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.String => $"the text '{InputPlan.Shorten(reader.GetString()!)}'",
        JsonTokenType.Number => InputPlan.Shorten(Encoding.UTF8.GetString(reader.ValueSpan)),
        JsonTokenType.True => "true",
        JsonTokenType.False => "false",
        JsonTokenType.Null => "null",
        JsonTokenType.StartArray => "a list",
        _ => "an object",
    };

    private long Row => cursor / plan.PerRow;
}

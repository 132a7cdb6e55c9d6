using System.Buffers.Binary;
using System.Text.Json;
using Raywright.Core.Errors;

namespace Raywright.Core.Scanning.Formats;

/// <summary>
/// Checks a safetensors header whole: 8 bytes of length, JSON of at most 100 MB without double keys, and tensors that
/// cover the rest of the file without gaps or overlaps.
/// </summary>
internal static class SafetensorsFile
{
    private const long LargestHeader = 100_000_000;

    private static readonly Dictionary<string, int> Bits = new (int Size, string[] Types)[]
    {
        (4, ["F4"]),
        (6, ["F6_E2M3", "F6_E3M2"]),
        (8, ["BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0"]),
        (16, ["I16", "U16", "F16", "BF16"]),
        (32, ["I32", "U32", "F32"]),
        (64, ["I64", "U64", "F64", "C64"]),
    }.SelectMany(row => row.Types.Select(type => KeyValuePair.Create(type, row.Size))).ToDictionary(StringComparer.Ordinal);

    public static void Scan(Content content, ScanNotes notes)
    {
        if (Fault(content) is { } fault)
            notes.Add(content, ScanVerdict.Invalid, Catalogue.ScanSafetensorsBroken, fault);
    }

    private static string? Fault(Content content)
    {
        byte[] prefix = content.Head(8);
        if (prefix.Length < 8)
            return "it is shorter than a header";
        ulong size = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (size > LargestHeader)
            return $"its header claims {size} bytes; {LargestHeader} are allowed";
        if (content.Length is { } length && (long)size > length - 8)
            return $"its header claims {size} bytes, and the file has {length - 8}";
        byte[] all = content.Head(8 + (int)size);
        if (all.Length < 8 + (int)size)
            return "its header is cut off";
        long? data = content.Length is { } known ? known - 8 - (long)size : null;
        try
        {
            return Header(all.AsSpan(8), data);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return "its header is not valid JSON of tensors";
        }
    }

    private static string? Header(ReadOnlySpan<byte> json, long? data)
    {
        Utf8JsonReader reader = new(json, new JsonReaderOptions { MaxDepth = 8 });
        List<(long Begin, long End)> tensors = [];
        HashSet<string> names = new(StringComparer.Ordinal);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return "its header is no JSON object";
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            if (!names.Add(name))
                return $"tensor {ScanNotes.Shown(name)} stands twice in its header";
            reader.Read();
            if (name == "__metadata__")
                reader.Skip();
            else if (Tensor(ref reader, out (long, long) range) is { } fault)
                return $"tensor {ScanNotes.Shown(name)} {fault}";
            else
                tensors.Add(range);
        }
        while (reader.Read())
        {
            // What follows the object must be white space, which the reader checks.
        }
        return Coverage(tensors, data);
    }

    private static string? Tensor(ref Utf8JsonReader reader, out (long Begin, long End) range)
    {
        range = default;
        string? type = null;
        UInt128 elements = 1;
        List<long> offsets = [];
        if (reader.TokenType != JsonTokenType.StartObject)
            return "is no JSON object";
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            reader.Read();
            if (key == "dtype")
                type = reader.GetString();
            else if (key is "shape" or "data_offsets" && reader.TokenType == JsonTokenType.StartArray)
            {
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    long number = reader.GetInt64();
                    if (number < 0)
                        return $"has a negative {key}";
                    if (key == "shape")
                        elements = elements > long.MaxValue ? elements : elements * (ulong)number;
                    else
                        offsets.Add(number);
                }
            }
            else
                return $"has the key {ScanNotes.Shown(key)}, which the format does not have";
        }
        if (type is null || !Bits.TryGetValue(type, out int bits))
            return $"has the unknown type {ScanNotes.Shown(type ?? "null")}";
        if (offsets is not [var begin, var end] || end < begin)
            return "has no offsets";
        range = (begin, end);
        return elements * (ulong)bits == (UInt128)(ulong)(end - begin) * 8 ? null : "has another size than its shape and type say";
    }

    private static string? Coverage(List<(long Begin, long End)> tensors, long? data)
    {
        long at = 0;
        foreach ((long begin, long end) in tensors.Order())
        {
            if (begin != at)
                return begin < at ? "its tensors overlap" : "there is a gap between its tensors";
            at = end;
        }
        return data is { } bytes && bytes != at ? $"its tensors end at byte {at} of {bytes}" : null;
    }
}

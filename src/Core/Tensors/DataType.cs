using System.Text.Json.Serialization;

namespace Raywright.Core.Tensors;

/// <summary>Element types of a contract (DESIGN 3). Names on the wire: lower case here, Open Inference names in <see cref="DataTypes"/>.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DataType>))]
public enum DataType : byte
{
    [JsonStringEnumMemberName("bool")] Bool,
    [JsonStringEnumMemberName("int8")] Int8,
    [JsonStringEnumMemberName("int16")] Int16,
    [JsonStringEnumMemberName("int32")] Int32,
    [JsonStringEnumMemberName("int64")] Int64,
    [JsonStringEnumMemberName("uint8")] UInt8,
    [JsonStringEnumMemberName("uint16")] UInt16,
    [JsonStringEnumMemberName("uint32")] UInt32,
    [JsonStringEnumMemberName("uint64")] UInt64,
    [JsonStringEnumMemberName("float16")] Float16,
    [JsonStringEnumMemberName("float32")] Float32,
    [JsonStringEnumMemberName("float64")] Float64,

    /// <summary>UTF-8 text.</summary>
    [JsonStringEnumMemberName("string")] String,

    /// <summary>Opaque bytes; base64 in JSON.</summary>
    [JsonStringEnumMemberName("bytes")] Bytes,

    /// <summary>Any JSON value, one an element.</summary>
    [JsonStringEnumMemberName("json")] Json,
}

/// <summary>Facts about element types: sizes and names.</summary>
public static class DataTypes
{
    private static readonly string[] Names =
        ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64", "string", "bytes", "json"];

    private static readonly string[] OpenInferenceNames =
        ["BOOL", "INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64", "FP16", "FP32", "FP64", "BYTES", "BYTES", "BYTES"];

    private static readonly byte[] Sizes = [1, 1, 2, 4, 8, 1, 2, 4, 8, 2, 4, 8, 0, 0, 0];

    public static IReadOnlyList<string> AllNames => Names;

    extension(DataType type)
    {
        /// <summary>The name in specs and answers, e.g. <c>float32</c>.</summary>
        public string Name => Names[(int)type];

        /// <summary>The Open Inference Protocol name, e.g. <c>FP32</c>. Text, bytes and JSON are all <c>BYTES</c> there.</summary>
        public string OpenInferenceName => OpenInferenceNames[(int)type];

        /// <summary>Bytes an element takes; 0 for the types of variable length.</summary>
        public int Size => Sizes[(int)type];

        public bool HasFixedSize => type < DataType.String;

        public bool IsFloat => type is DataType.Float16 or DataType.Float32 or DataType.Float64;

        public bool IsInteger => type is >= DataType.Int8 and <= DataType.UInt64;
    }

    /// <summary>Reads a spec name (<c>float32</c>); false where there is no such type.</summary>
    public static bool TryParse(string? name, out DataType type)
    {
        int index = Array.IndexOf(Names, name);
        type = (DataType)Math.Max(index, 0);
        return index >= 0;
    }
}

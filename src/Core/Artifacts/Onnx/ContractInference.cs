using System.Collections.Immutable;
using System.Globalization;
using Raywright.Core.Contracts;
using Raywright.Core.Errors;
using Raywright.Core.Tensors;

namespace Raywright.Core.Artifacts.Onnx;

/// <summary>Turns what a graph declares into a contract.</summary>
public static class ContractInference
{
    private const int ElementFloat = 1;
    private const int ElementInt64 = 7;
    private const int ElementString = 8;

    public static Result<Contract> Infer(OnnxModel model)
    {
        List<Problem> problems = [];
        LabelSet? labels = OnnxLabels.Find(model);
        ImmutableArray<InputField> inputs = [.. model.Inputs.Select(value => Input(value, problems)).OfType<InputField>()];
        ImmutableArray<OutputField> outputs = [.. model.Outputs.Select(value => Output(value, model, labels, problems)).OfType<OutputField>()];
        return problems.Count > 0 ? problems.ToImmutableArray() : new Contract(inputs, outputs);
    }

    private static InputField? Input(OnnxValue value, List<Problem> problems)
    {
        if (value.Type is OnnxType.OfTensor tensor && Element(tensor.Element) is { } type)
            return new(value.Name, type, tensor.Dimensions ?? [-1], Optional: value.Optional);
        problems.Add(Unsupported("input", value));
        return null;
    }

    private static OutputField? Output(OnnxValue value, OnnxModel model, LabelSet? labels, List<Problem> problems)
    {
        switch (value.Type)
        {
            case OnnxType.OfTensor tensor when Element(tensor.Element) is { } type:
                ImmutableArray<long> shape = tensor.Dimensions ?? [-1];
                return new(value.Name, type, shape, Fits(labels, type, shape) ? labels : null);
            case OnnxType.OfSequence { Item: OnnxType.OfMap { Key: ElementInt64 or ElementString, Value: OnnxType.OfTensor { Element: ElementFloat } } }:
                // A ZipMap gives one map a row; the engine lays its values out in the order of these keys.
                return OnnxLabels.OfZipMap(model, value.Name) is { } keys
                    ? new(value.Name, DataType.Float32, [-1, keys.Keys.Length], keys)
                    : new(value.Name, DataType.Json, [-1]);
            default:
                problems.Add(Unsupported("output", value));
                return null;
        }
    }

    /// <summary>A label output names one class a row; a score output has one column a class.</summary>
    private static bool Fits(LabelSet? labels, DataType type, ImmutableArray<long> shape) => labels is not null && (type switch
    {
        DataType.String => !labels.IsList && shape is [_] or [_, 1],
        { IsInteger: true } => shape is [_] or [_, 1],
        { IsFloat: true } => shape is [_, .., var last] && last == labels.Names.Length,
        _ => false,
    });

    private static Problem Unsupported(string direction, OnnxValue value) => new(
        Catalogue.TypeUnsupported,
        $"The {direction} {value.Name} is {Describe(value.Type)}, which has no counterpart on the wire.",
        Field: $"{direction}s.{value.Name}");

    private static string Describe(OnnxType type) => type switch
    {
        OnnxType.OfTensor tensor => $"a tensor of {ElementName(tensor.Element)}",
        OnnxType.OfSequence sequence => $"a sequence of {Describe(sequence.Item)}",
        OnnxType.OfMap map => $"a map to {Describe(map.Value)}",
        OnnxType.OfOptional optional => $"an optional {Describe(optional.Item)}",
        _ => "of an unknown type",
    };

    private static string ElementName(int element) => element switch
    {
        14 => "complex64",
        15 => "complex128",
        16 => "bfloat16",
        >= 17 and <= 20 => "an 8-bit float",
        >= 21 and <= 23 => "a 4-bit type",
        _ => Element(element)?.Name ?? $"element type {element.ToString(CultureInfo.InvariantCulture)}",
    };

    /// <summary>Numbers of <c>TensorProto.DataType</c>.</summary>
    private static DataType? Element(int element) => element switch
    {
        ElementFloat => DataType.Float32,
        2 => DataType.UInt8,
        3 => DataType.Int8,
        4 => DataType.UInt16,
        5 => DataType.Int16,
        6 => DataType.Int32,
        ElementInt64 => DataType.Int64,
        ElementString => DataType.String,
        9 => DataType.Bool,
        10 => DataType.Float16,
        11 => DataType.Float64,
        12 => DataType.UInt32,
        13 => DataType.UInt64,
        _ => null,
    };
}

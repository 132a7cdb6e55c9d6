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

    /// <summary>
    /// The contract, or every input and output that has none. A free or symbolic size is -1; a sequence of maps with known keys is
    /// a float tensor with one column a key, any other one JSON.
    /// </summary>
    public static Result<Contract> Infer(OnnxModel model)
    {
        List<Problem> problems = [];
        OnnxClasses classes = OnnxClasses.Of(model);
        ImmutableArray<InputField> inputs = [.. model.Inputs.Select(value => Input(value, problems)).OfType<InputField>()];
        ImmutableArray<OutputField> outputs = [.. model.Outputs.Select(value => Output(value, classes, problems)).OfType<OutputField>()];
        if (model.Inputs.IsEmpty)
            problems.Add(new(Catalogue.GraphWithoutInputs, "The graph has no inputs.", Field: "source"));
        return problems.Count > 0 ? problems.ToImmutableArray() : new Contract(inputs, outputs);
    }

    private static InputField? Input(OnnxValue value, List<Problem> problems)
    {
        if (value.Type is OnnxType.OfTensor tensor && Element(tensor.Element) is { } type)
            return new(value.Name, type, Shape("input", value.Name, tensor, problems), Optional: value.Optional);
        problems.Add(Unsupported("input", value));
        return null;
    }

    private static OutputField? Output(OnnxValue value, OnnxClasses classes, List<Problem> problems)
    {
        switch (value.Type)
        {
            case OnnxType.OfTensor tensor when Element(tensor.Element) is { } type:
                ImmutableArray<long> shape = Shape("output", value.Name, tensor, problems);
                return new(value.Name, type, shape, classes.For(type, shape));
            case OnnxType.OfSequence { Item: OnnxType.OfMap { Key: ElementInt64 or ElementString, Value: OnnxType.OfTensor { Element: ElementFloat } } }:
                // A ZipMap gives one map a row; the engine lays its values out in the order of these keys.
                return classes.OfZipMap(value.Name) is { } keys
                    ? new(value.Name, DataType.Float32, [-1, keys.Keys.Length], keys)
                    : new(value.Name, DataType.Json, [-1]);
            default:
                problems.Add(Unsupported("output", value));
                return null;
        }
    }

    private static ImmutableArray<long> Shape(string direction, string name, OnnxType.OfTensor tensor, List<Problem> problems)
    {
        if (tensor.Dimensions is { } shape)
            return shape;
        problems.Add(new(Catalogue.RankUnknown, $"The graph does not say how many dimensions the {direction} {name} has.", Field: $"{direction}s.{name}"));
        return [-1];
    }

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

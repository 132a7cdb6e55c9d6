using System.Collections.Immutable;

namespace Raywright.Core.Artifacts.Onnx;

/// <summary>What the file of an ONNX model says about itself; weights are not read.</summary>
/// <param name="IrVersion">Version of the file format.</param>
/// <param name="Producer">Tool that wrote it, with its version, e.g. <c>skl2onnx 1.20.0</c>.</param>
/// <param name="Opsets">Version of each operator domain; the standard one is the empty string.</param>
/// <param name="Metadata"><c>metadata_props</c>.</param>
/// <param name="Inputs">Graph inputs that a caller has to or may give; initializers are left out.</param>
/// <param name="Outputs">Graph outputs.</param>
/// <param name="Nodes">Nodes of the graph and its subgraphs, without their tensors.</param>
/// <param name="ExternalData">Relative locations of weights in other files, as written.</param>
/// <param name="Functions">Operators that the model defines itself, as <c>domain:name</c>.</param>
/// <param name="Texts">Elements of small string initializers, by name: class names often lie there.</param>
public sealed record OnnxModel(
    long IrVersion,
    string Producer,
    ImmutableSortedDictionary<string, long> Opsets,
    ImmutableSortedDictionary<string, string> Metadata,
    ImmutableArray<OnnxValue> Inputs,
    ImmutableArray<OnnxValue> Outputs,
    ImmutableArray<OnnxNode> Nodes,
    ImmutableSortedSet<string> ExternalData,
    ImmutableSortedSet<string> Functions,
    ImmutableDictionary<string, ImmutableArray<string>> Texts);

/// <param name="Optional">Whether the graph holds a default for it.</param>
public sealed record OnnxValue(string Name, OnnxType Type, bool Optional = false);

/// <summary>A type of ONNX. Element types are the numbers of <c>TensorProto.DataType</c>.</summary>
public abstract record OnnxType
{
    /// <param name="Element">Number of the element type.</param>
    /// <param name="Dimensions">Sizes; -1 where symbolic or unknown. Null where not even the rank is known.</param>
    public sealed record OfTensor(int Element, ImmutableArray<long>? Dimensions) : OnnxType;

    public sealed record OfSequence(OnnxType Item) : OnnxType;

    public sealed record OfMap(int Key, OnnxType Value) : OnnxType;

    public sealed record OfOptional(OnnxType Item) : OnnxType;

    public sealed record Unknown : OnnxType;
}

/// <param name="Domain">Empty for the standard one.</param>
/// <param name="Strings">String lists among its attributes, by name.</param>
/// <param name="Integers">Integer lists among its attributes, by name.</param>
/// <param name="Texts">Single strings among its attributes, by name.</param>
public sealed record OnnxNode(
    string Operator,
    string Domain,
    ImmutableArray<string> Inputs,
    ImmutableArray<string> Outputs,
    ImmutableDictionary<string, ImmutableArray<string>> Strings,
    ImmutableDictionary<string, ImmutableArray<long>> Integers,
    ImmutableDictionary<string, string> Texts);

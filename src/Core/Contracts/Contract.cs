using System.Collections.Immutable;
using Raywright.Core.Tensors;

namespace Raywright.Core.Contracts;

/// <summary>What a version takes and gives (DESIGN 2). Order is the order of the artifact and of the wire.</summary>
/// <param name="Inputs">At least one, unless <see cref="PassThrough"/>.</param>
/// <param name="Outputs">At least one, unless <see cref="PassThrough"/>.</param>
public sealed record Contract(ImmutableArray<InputField> Inputs, ImmutableArray<OutputField> Outputs)
{
    /// <summary><c>contract: none</c>: JSON goes through unchecked.</summary>
    public static readonly Contract None = new([], []);

    public bool PassThrough => Inputs.IsEmpty && Outputs.IsEmpty;

    /// <summary>
    /// Whether rows of several requests may travel as one: every input and output has a free first dimension.
    /// Where one is fixed, the model is never batched.
    /// </summary>
    public bool Batched => !PassThrough && Inputs.All(input => input.Shape is [-1, ..]) && Outputs.All(output => output.Shape is [-1, ..]);

    public bool Equals(Contract? other) =>
        other is not null && Inputs.SequenceEqual(other.Inputs) && Outputs.SequenceEqual(other.Outputs);

    public override int GetHashCode() => HashCode.Combine(Inputs.Length, Outputs.Length);
}

/// <summary>One input.</summary>
/// <param name="Name">Its name in the artifact and on the wire.</param>
/// <param name="Type">Element type.</param>
/// <param name="Shape">Dimensions, the batch first; -1 is any size. Empty for a scalar.</param>
/// <param name="Columns">Names along the last dimension, so that a row can be an object; empty where there are none.</param>
/// <param name="Values">The allowed elements, as text (numbers in their shortest form); empty where any is allowed.</param>
/// <param name="Min">Smallest allowed element, inclusive.</param>
/// <param name="Max">Largest allowed element, inclusive.</param>
/// <param name="Nullable">Whether an element may be <c>null</c> (NaN for floats, absent text for strings).</param>
/// <param name="Optional">Whether the whole input may be left out.</param>
/// <param name="Description">For people.</param>
/// <param name="Units">What the numbers count, for people: one for all, or one for each element of the last dimension; null where nobody says.</param>
public sealed record InputField(
    string Name,
    DataType Type,
    ImmutableArray<long> Shape,
    ImmutableArray<string> Columns = default,
    ImmutableArray<string> Values = default,
    double? Min = null,
    double? Max = null,
    bool Nullable = false,
    bool Optional = false,
    string? Description = null,
    ImmutableArray<string>? Units = null)
{
    public ImmutableArray<string> Columns { get; init; } = Columns.IsDefault ? [] : Columns;

    public ImmutableArray<string> Values { get; init; } = Values.IsDefault ? [] : Values;

    public bool Equals(InputField? other) =>
        other is not null && Name == other.Name && Type == other.Type && Shape.AsSpan().SequenceEqual(other.Shape.AsSpan())
        && Columns.SequenceEqual(other.Columns) && Values.SequenceEqual(other.Values) && Min == other.Min && Max == other.Max
        && Nullable == other.Nullable && Optional == other.Optional && Description == other.Description && ContractUnits.Same(Units, other.Units);

    public override int GetHashCode() => HashCode.Combine(Name, Type, Shape.Length);
}

/// <summary>One output.</summary>
/// <param name="Name">Its name in the artifact and on the wire.</param>
/// <param name="Type">Element type.</param>
/// <param name="Shape">Dimensions, the batch first; -1 is any size.</param>
/// <param name="Labels">Names of the classes, or null.</param>
/// <param name="Nullable">Whether NaN is an answer (<c>null</c>) and not an error.</param>
/// <param name="Description">For people.</param>
/// <param name="Units">As of an input.</param>
public sealed record OutputField(
    string Name,
    DataType Type,
    ImmutableArray<long> Shape,
    LabelSet? Labels = null,
    bool Nullable = false,
    string? Description = null,
    ImmutableArray<string>? Units = null)
{
    public bool Equals(OutputField? other) =>
        other is not null && Name == other.Name && Type == other.Type && Shape.AsSpan().SequenceEqual(other.Shape.AsSpan())
        && Equals(Labels, other.Labels) && Nullable == other.Nullable && Description == other.Description && ContractUnits.Same(Units, other.Units);

    public override int GetHashCode() => HashCode.Combine(Name, Type, Shape.Length);
}

/// <summary>
/// Names of classes. As a list they stand for 0, 1, 2 …; as a map for the given raw values (<c>{-1: anomaly, 1: normal}</c>).
/// An output whose last dimension has as many elements as there are names gives one score a class, in this order.
/// </summary>
/// <param name="Keys">The raw value of each class as text; <c>0</c>, <c>1</c> … for a list.</param>
/// <param name="Names">The name of each class, in the same order.</param>
public sealed record LabelSet(ImmutableArray<string> Keys, ImmutableArray<string> Names)
{
    public static LabelSet List(IEnumerable<string> names)
    {
        ImmutableArray<string> all = [.. names];
        return new([.. Enumerable.Range(0, all.Length).Select(index => index.ToString(System.Globalization.CultureInfo.InvariantCulture))], all);
    }

    /// <summary>Whether the keys are 0, 1, 2 …, so that a spec writes a list.</summary>
    public bool IsList => Keys.Select((key, index) => key == index.ToString(System.Globalization.CultureInfo.InvariantCulture)).All(same => same);

    public bool Equals(LabelSet? other) => other is not null && Keys.SequenceEqual(other.Keys) && Names.SequenceEqual(other.Names);

    public override int GetHashCode() => HashCode.Combine(Keys.Length, Names.Length);
}

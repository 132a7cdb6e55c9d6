using System.Collections.Immutable;

namespace Raywright.Core.Spec;

/// <summary>What a key of the spec takes. Reader, JSON schema and reference page are made from the same table.</summary>
public enum SpecKind
{
    Text,

    /// <summary>A path below the spec's folder.</summary>
    Path,
    Boolean,
    Number,
    Integer,

    /// <summary>A size such as <c>512Mi</c> or <c>2Gi</c>, or bytes; becomes a <see cref="long"/>.</summary>
    Size,

    /// <summary>A time such as <c>5ms</c>, <c>2s</c>, <c>1m</c>; becomes a <see cref="TimeSpan"/>.</summary>
    Duration,

    /// <summary>Dimensions: integers from -1.</summary>
    Shape,
    TextList,

    /// <summary>Texts or numbers; becomes texts.</summary>
    ScalarList,
    IntegerList,

    /// <summary>A list of names, or a map from raw value to name; becomes a <see cref="Contracts.LabelSet"/>.</summary>
    Labels,

    /// <summary>Names of the user's choice to texts.</summary>
    TextMap,
    Object,
    ObjectList,

    /// <summary>Names of the user's choice to objects.</summary>
    ObjectMap,
}

/// <param name="Name">The key.</param>
/// <param name="Kind">What it takes.</param>
/// <param name="Description">One sentence for editors and the reference page.</param>
/// <param name="Keys">Keys of an object, or of each object in a list or map.</param>
/// <param name="Required">Whether its object is nothing without it.</param>
/// <param name="Least">Smallest number.</param>
/// <param name="Most">Largest number.</param>
/// <param name="Options">The allowed texts; empty where any is allowed.</param>
public sealed record SpecKey(
    string Name,
    SpecKind Kind,
    string Description,
    ImmutableArray<SpecKey> Keys = default,
    bool Required = false,
    double Least = double.NegativeInfinity,
    double Most = double.PositiveInfinity,
    ImmutableArray<string> Options = default)
{
    public ImmutableArray<SpecKey> Keys { get; init; } = Keys.IsDefault ? [] : Keys;

    public ImmutableArray<string> Options { get; init; } = Options.IsDefault ? [] : Options;
}

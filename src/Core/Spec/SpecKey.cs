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

    /// <summary>Paths below the spec's folder.</summary>
    PathList,

    /// <summary>Texts or numbers; becomes texts.</summary>
    ScalarList,
    IntegerList,

    /// <summary>A list of names, or a map from raw value to name; becomes <see cref="SpecLabels"/>.</summary>
    Labels,

    /// <summary>Names of the user's choice to texts.</summary>
    TextMap,

    /// <summary>Names of the user's choice to numbers.</summary>
    NumberMap,
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
/// <param name="Least">Smallest number, also of a map.</param>
/// <param name="Most">Largest number, also of a map.</param>
/// <param name="Options">The allowed texts; empty where any is allowed.</param>
/// <param name="Default">What holds without it, as one would write it; null where nothing does.</param>
/// <param name="Pattern">A regular expression for the whole text, or for the names of a map; without anchors.</param>
public sealed record SpecKey(
    string Name,
    SpecKind Kind,
    string Description,
    ImmutableArray<SpecKey> Keys = default,
    bool Required = false,
    double Least = double.NegativeInfinity,
    double Most = double.PositiveInfinity,
    ImmutableArray<string> Options = default,
    string? Default = null,
    string? Pattern = null)
{
    public ImmutableArray<SpecKey> Keys { get; init; } = Keys.IsDefault ? [] : Keys;

    public ImmutableArray<string> Options { get; init; } = Options.IsDefault ? [] : Options;
}

/// <summary>Labels as a spec writes them. What a list stands for depends on the output's type.</summary>
/// <param name="Keys">Raw values; default where a list is written.</param>
/// <param name="Names">Names of the classes, in the order of the file, which is the order of a score's columns.</param>
internal sealed record SpecLabels(ImmutableArray<string> Keys, ImmutableArray<string> Names);

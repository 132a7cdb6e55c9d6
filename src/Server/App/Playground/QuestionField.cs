using System.Collections.Immutable;
using System.Globalization;
using Raywright.Core.Contracts;
using Raywright.Core.Tensors;

namespace Raywright.Server.App.Playground;

/// <summary>How a person gives a value.</summary>
public enum FieldKind
{
    /// <summary>A number within its range.</summary>
    Number,

    /// <summary>One of the contract's values.</summary>
    Choice,

    /// <summary>Yes or no.</summary>
    Check,

    /// <summary>A text, or bytes in base64.</summary>
    Text,

    /// <summary>Values one after the other, with commas, spaces or lines between.</summary>
    List,

    /// <summary>JSON, for whatever has more dimensions.</summary>
    Json,
}

/// <summary>One field of a question.</summary>
/// <param name="Id">Unique in the form, fit for HTML.</param>
/// <param name="Label">What a person calls it.</param>
/// <param name="Kind">How it is given.</param>
/// <param name="Input">The input that it belongs to.</param>
/// <param name="Size">Elements that a list takes; null where that is open, or it is no list.</param>
/// <param name="Element">Which of the last dimension it is.</param>
public sealed record QuestionField(string Id, string Label, FieldKind Kind, InputField Input, long? Size = null, int Element = 0)
{
    /// <summary>What the person wrote.</summary>
    public string Text { get; set; } = "";

    /// <summary>Whether the value is left empty on purpose.</summary>
    public bool IsNull { get; set; }

    public DataType Type => Input.Type;

    public bool IsWhole => Type.IsInteger;

    /// <summary>The contract's range, narrowed to what the type holds; for people.</summary>
    public string? Hint => Kind switch
    {
        FieldKind.Number => InUnit(Range),
        FieldKind.Choice => InUnit(null),
        FieldKind.List => Joined(Size is { } size ? string.Create(CultureInfo.InvariantCulture, $"{size} {(IsWhole ? "whole numbers" : Type == DataType.String ? "texts" : "numbers")}") : "any number of values", Input.Units is [_] ? InUnit(Range) : Range),
        FieldKind.Json => $"JSON, {Type.Name} {QuestionForm.Describe(Input.Shape)}",
        FieldKind.Text when Type == DataType.Bytes => "base64",
        _ => null,
    };

    private string? Range => (Input.Min, Input.Max) switch
    {
        ({ } least, { } most) => $"{Number(least)} to {Number(most)}",
        ({ } least, null) => $"at least {Number(least)}",
        (null, { } most) => $"at most {Number(most)}",
        _ => IsWhole ? "whole number" : null,
    };

    private string? InUnit(string? range) => (range, ContractUnits.Of(Input.Units, Element)) switch
    {
        (_, null) => range,
        (null or "whole number", { } unit) => $"{range}{(range is null ? "" : ", ")}in {unit}",
        (_, { } unit) => $"{range} {unit}",
    };

    public static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string Joined(string first, string? second) => second is null or "whole number" ? first : $"{first}, {second} each";
}

/// <summary>The fields of one input.</summary>
/// <param name="Input">The input.</param>
/// <param name="Fields">One for the whole, or one a column.</param>
/// <param name="ByColumn">Whether the fields are written under the names of the columns.</param>
public sealed record QuestionGroup(InputField Input, ImmutableArray<QuestionField> Fields, bool ByColumn)
{
    /// <summary>Whether it is sent; only an optional one may be left out.</summary>
    public bool Included { get; set; } = true;
}

using System.Collections.Immutable;
using System.Globalization;
using Raywright.Core.Contracts;
using Raywright.Core.Tensors;

namespace Raywright.Server.App.Models;

/// <summary>One input or output of a contract, in words that can be compared.</summary>
public sealed record ContractLine(string Name, string Type, string Shape, string Allowed, string More, string? Description)
{
    private const int MostNames = 12;

    public static ContractLine Of(InputField field) => new(
        field.Name,
        field.Type.Name,
        Dimensions(field.Shape),
        Range(field),
        Words(
            field.Columns.IsEmpty ? null : $"columns {Names(field.Columns)}",
            In(field.Units),
            field.Nullable ? "may be null" : null,
            field.Optional ? "may be left out" : null),
        field.Description);

    public static ContractLine Of(OutputField field) => new(
        field.Name,
        field.Type.Name,
        Dimensions(field.Shape),
        field.Labels is { } labels ? Names(labels.IsList ? labels.Names : [.. labels.Keys.Zip(labels.Names, (key, name) => $"{key}: {name}")]) : "",
        Words(In(field.Units), field.Nullable ? "may be null" : null),
        field.Description);

    /// <summary>What differs from another line of the same name.</summary>
    public ImmutableArray<Difference> Against(ContractLine before)
    {
        IEnumerable<Difference> all =
        [
            new($"{Name}, type", before.Type, Type),
            new($"{Name}, shape", before.Shape, Shape),
            new($"{Name}, values", before.Allowed, Allowed),
            new($"{Name}, more", before.More, More),
            new($"{Name}, description", before.Description ?? "", Description ?? ""),
        ];
        return [.. all.Where(one => one.Before != one.After)];
    }

    /// <summary>All of it on one line.</summary>
    public override string ToString() => Words($"{Type} {Shape}", Allowed, More);

    private static string Dimensions(ImmutableArray<long> shape) =>
        shape.IsEmpty ? "scalar" : string.Join(" × ", shape.Select((size, index) => size >= 0 ? size.ToString(CultureInfo.InvariantCulture) : index == 0 ? "rows" : "any"));

    private static string Range(InputField field) => !field.Values.IsEmpty ? Names(field.Values) : (field.Min, field.Max) switch
    {
        ({ } min, { } max) => string.Create(CultureInfo.InvariantCulture, $"{min} to {max}"),
        ({ } min, null) => string.Create(CultureInfo.InvariantCulture, $"from {min}"),
        (null, { } max) => string.Create(CultureInfo.InvariantCulture, $"up to {max}"),
        _ => "",
    };

    private static string? In(ImmutableArray<string>? units) => units is { } names ? $"in {Names(names)}" : null;

    private static string Names(ImmutableArray<string> names) =>
        names.Length <= MostNames ? string.Join(", ", names) : string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", names[..MostNames])} and {names.Length - MostNames} more");

    private static string Words(params string?[] parts) => string.Join("; ", parts.Where(part => !string.IsNullOrEmpty(part)));
}

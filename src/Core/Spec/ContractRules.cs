using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using Raywright.Core.Contracts;
using Raywright.Core.Errors;
using Raywright.Core.Tensors;

namespace Raywright.Core.Spec;

/// <summary>What has to hold inside <c>inputs</c> and <c>outputs</c>, whatever the artifact says.</summary>
internal static class ContractRules
{
    /// <summary>Elements of one row: what a request can carry at most, with room to spare.</summary>
    public const long MostElements = 1L << 28;

    /// <summary>Digits worth parsing: no integer type needs more than 20.</summary>
    public const int LongestNumber = 40;

    public static IEnumerable<Problem> Check(SpecMap root)
    {
        if (root.Has("contract") && root.Names.Any(name => name is "inputs" or "outputs"))
            yield return new(Catalogue.SpecCombination, "`contract: none` and `inputs` or `outputs` exclude each other.", "contract", root.At("contract"), "Remove `contract`, or both lists.");
        ImmutableArray<(InputField Field, SpecMap Map)> inputs = SpecContract.Inputs(root);
        ImmutableArray<(OutputField Field, SpecMap Map)> outputs = SpecContract.Outputs(root);
        foreach ((InputField field, SpecMap map) in inputs)
        {
            foreach ((string key, string what, string? fix) in Common(field.Name, field.Shape).Concat(Columns(field)).Concat(Range(field)).Concat(Values(field)).Concat(Units(field.Type, field.Shape, field.Units)).Concat(Null(field.Type, field.Nullable)))
                yield return new(Catalogue.SpecCombination, $"Input {SpecValues.Shorten(field.Name)}: {what}", $"inputs.{SpecValues.Shorten(field.Name)}.{key}", map.At(key), fix);
        }
        foreach ((OutputField field, SpecMap map) in outputs)
        {
            foreach ((string key, string what, string? fix) in Common(field.Name, field.Shape).Concat(Labels(field)).Concat(Units(field.Type, field.Shape, field.Units)).Concat(Null(field.Type, field.Nullable)))
                yield return new(Catalogue.SpecCombination, $"Output {SpecValues.Shorten(field.Name)}: {what}", $"outputs.{SpecValues.Shorten(field.Name)}.{key}", map.At(key), fix);
        }
        foreach (Problem problem in Names(inputs, outputs))
            yield return problem;
    }

    private static IEnumerable<Problem> Names(ImmutableArray<(InputField Field, SpecMap Map)> inputs, ImmutableArray<(OutputField Field, SpecMap Map)> outputs)
    {
        // An input of one column may be called like it: both mean the same value.
        IEnumerable<(string, SpecMap, string)> keys = inputs.SelectMany(pair => pair.Field.Columns.Distinct(StringComparer.Ordinal)
            .Where(column => pair.Field.Columns.Length > 1 || column != pair.Field.Name)
            .Select(column => (column, pair.Map, "columns")).Prepend((pair.Field.Name, pair.Map, "name")));
        foreach ((string name, SpecMap map, string key) in Repeated(keys))
            yield return new(Catalogue.SpecCombination, $"Two inputs or columns are called {SpecValues.Shorten(name)}, so a row could not say which it means.", "inputs", map.At(key), "Rename one of them.");
        foreach ((string name, SpecMap map, string key) in Repeated(outputs.Select(pair => (pair.Field.Name, pair.Map, "name"))))
            yield return new(Catalogue.SpecCombination, $"Two outputs are called {SpecValues.Shorten(name)}.", "outputs", map.At(key), "Remove one of them.");
    }

    private static IEnumerable<(string, SpecMap, string)> Repeated(IEnumerable<(string Name, SpecMap Map, string Key)> names) =>
        names.GroupBy(entry => entry.Name, StringComparer.Ordinal).Where(group => group.Skip(1).Any()).Select(group => group.Last());

    private static IEnumerable<(string, string, string?)> Common(string name, ImmutableArray<long> shape)
    {
        if (name.Length > 200 || name.Any(char.IsControl))
            yield return ("name", "a name has at most 200 characters, and no control characters.", null);
        if (Elements(shape) > MostElements)
            yield return ("shape", $"one row would have more than {MostElements} elements.", "Correct the shape; -1 leaves a size open.");
    }

    /// <summary>Elements of one row; open sizes count as 1. More than <see cref="long.MaxValue"/> is that.</summary>
    public static long Elements(ImmutableArray<long> shape)
    {
        BigInteger product = shape.Skip(1).Aggregate(BigInteger.One, (all, size) => all * Math.Max(size, 1));
        return product > long.MaxValue ? long.MaxValue : (long)product;
    }

    private static IEnumerable<(string, string, string?)> Columns(InputField field)
    {
        if (field.Columns.IsEmpty)
            yield break;
        if (field.Shape.Length < 2)
            yield return ("columns", "columns need a dimension besides the batch.", $"Write `shape: [-1, {field.Columns.Length}]`.");
        else if (field.Shape[^1] >= 0 && field.Shape[^1] != field.Columns.Length)
            yield return ("columns", $"{field.Columns.Length} columns do not fit the last dimension, which is {field.Shape[^1]}.", $"Name {field.Shape[^1]} columns, or correct `shape`.");
        if (field.Columns.GroupBy(column => column, StringComparer.Ordinal).FirstOrDefault(group => group.Skip(1).Any()) is { } twice)
            yield return ("columns", $"the column {SpecValues.Shorten(twice.Key)} stands twice.", "Give each column a name of its own.");
    }

    private static IEnumerable<(string, string, string?)> Range(InputField field)
    {
        if (field.Min > field.Max)
            yield return ("min", FormattableString.Invariant($"`min` is {field.Min}, above `max`, which is {field.Max}."), "Exchange them.");
        if ((field.Min is not null || field.Max is not null) && !IsNumber(field.Type))
            yield return (field.Min is not null ? "min" : "max", $"`min` and `max` mean nothing for {field.Type.Name}.", "Remove them.");
    }

    private static IEnumerable<(string, string, string?)> Values(InputField field)
    {
        if (field.Values.IsEmpty || field.Type == DataType.String)
            yield break;
        if (!IsNumber(field.Type))
        {
            yield return ("values", $"`values` means nothing for {field.Type.Name}.", "Remove it.");
            yield break;
        }
        foreach (string value in field.Values.Where(value => !Fits(field.Type, value)).Take(1))
            yield return ("values", $"the value {SpecValues.Shorten(value)} is no {field.Type.Name}.", $"List numbers that a {field.Type.Name} can hold.");
        foreach (string value in field.Values.Where(value => Number(value) is { } number && (number < field.Min || number > field.Max)).Take(1))
            yield return ("values", $"the value {SpecValues.Shorten(value)} lies outside `min` and `max`.", "Remove it, or `min` and `max`: `values` says enough.");
    }

    private static IEnumerable<(string, string, string?)> Units(DataType type, ImmutableArray<long> shape, ImmutableArray<string>? units)
    {
        if (units is not { } given)
            yield break;
        if (!IsNumber(type))
            yield return ("units", $"`units` means nothing for {type.Name}.", "Remove it.");
        else if (given.IsEmpty)
            yield return ("units", "the list is empty.", "Name one unit, or remove `units`.");
        else if (given.Length > 1 && (shape.Length < 2 || (shape[^1] >= 0 && shape[^1] != given.Length)))
            yield return ("units", $"{given.Length} units do not fit {(shape.Length < 2 ? "the batch alone" : $"the last dimension, which is {shape[^1]}")}.", "Name one for all, or one for each element of the last dimension.");
    }

    private static IEnumerable<(string, string, string?)> Null(DataType type, bool nullable)
    {
        if (nullable && (type.IsInteger || type == DataType.Bool))
            yield return ("nullable", $"{type.Name} has no value for null; floats (as NaN), strings and json do.", "Remove `nullable`.");
    }

    private static IEnumerable<(string, string, string?)> Labels(OutputField field)
    {
        if (field.Labels is not { } labels)
            yield break;
        if (field.Type.IsFloat && field.Shape.Length < 2)
            yield return ("labels", "a float output has one score a class along its last dimension, but there is only the batch.", $"Write `shape: [-1, {labels.Names.Length}]`, or put the labels at the output that names the class.");
        else if (field.Type.IsFloat && field.Shape[^1] >= 0 && field.Shape[^1] != labels.Names.Length)
            yield return ("labels", $"{labels.Names.Length} labels do not fit the last dimension, which is {field.Shape[^1]}.", $"Name {field.Shape[^1]} classes, or correct `shape`.");
        if (field.Type is DataType.Bytes or DataType.Json)
            yield return ("labels", $"labels mean nothing for {field.Type.Name}.", "Remove them.");
        if ((field.Type.IsInteger || field.Type == DataType.Bool) && labels.Keys.FirstOrDefault(key => !IsWhole(key)) is { } odd)
            yield return ("labels", $"the raw value {SpecValues.Shorten(odd)} is no {field.Type.Name}.", field.Type == DataType.Bool ? "Use true and false." : "Use whole numbers.");
        if (labels.Names.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Skip(1).Any()) is { } twice)
            yield return ("labels", $"two classes are called {SpecValues.Shorten(twice.Key)}.", "Give each class a name of its own.");
        if (labels.Names.IsEmpty)
            yield return ("labels", "the list is empty.", "Name the classes, or remove `labels`.");
    }

    private static bool IsNumber(DataType type) => type.IsFloat || type.IsInteger;

    private static bool IsWhole(string key) => long.TryParse(key, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) && value.ToString(CultureInfo.InvariantCulture) == key;

    private static double? Number(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) ? number : null;

    private static bool Fits(DataType type, string text)
    {
        if (type.IsFloat)
            return Number(text) is not null;
        if (text.Length > LongestNumber || !BigInteger.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out BigInteger value))
            return false;
        int bits = type.Size * 8;
        bool signed = type is DataType.Int8 or DataType.Int16 or DataType.Int32 or DataType.Int64;
        (BigInteger least, BigInteger most) = signed ? (-BigInteger.Pow(2, bits - 1), BigInteger.Pow(2, bits - 1) - 1) : (0, BigInteger.Pow(2, bits) - 1);
        return value >= least && value <= most;
    }
}

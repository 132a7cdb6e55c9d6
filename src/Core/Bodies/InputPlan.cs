using System.Collections.Frozen;
using System.Globalization;
using Raywright.Core.Contracts;
using Raywright.Core.Errors;
using Raywright.Core.Tensors;

namespace Raywright.Core.Bodies;

/// <summary>What is known about an input before any request: its checks, compiled.</summary>
internal sealed class InputPlan
{
    private readonly FrozenSet<string>? names;
    private readonly FrozenSet<double>? numbers;

    public InputPlan(InputField declared)
    {
        Declared = declared;
        Shape = [.. declared.Shape];
        TrailingOnes = Math.Min(Enumerable.Reverse(Shape).TakeWhile(size => size == 1).Count(), Math.Max(Shape.Length - 1, 0));
        if (!declared.Values.IsEmpty && declared.Type == DataType.String)
            names = declared.Values.ToFrozenSet(StringComparer.Ordinal);
        else if (!declared.Values.IsEmpty)
            numbers = declared.Values.Select(value => double.Parse(value, CultureInfo.InvariantCulture)).ToFrozenSet();
        HasChecks = names is not null || numbers is not null || declared.Min is not null || declared.Max is not null;
        PerRow = checked((int)Shape.Skip(1).Aggregate(1L, (product, size) => product * Math.Max(size, 1)));
    }

    public InputField Declared { get; }

    public long[] Shape { get; }

    public int Rank => Shape.Length;

    /// <summary>Elements of one row, where its dimensions are fixed.</summary>
    public int PerRow { get; }

    /// <summary>Dimensions of size 1 at the end that a row may leave out, so that a [-1, 1] input takes a plain value.</summary>
    public int TrailingOnes { get; }

    public bool HasChecks { get; }

    /// <summary>What <c>min</c>, <c>max</c> and <c>values</c> say against a number.</summary>
    public string? Objection(double value)
    {
        if (value < Declared.Min)
            return string.Create(CultureInfo.InvariantCulture, $"{Declared.Name} is {value}; at least {Declared.Min} is allowed.");
        if (value > Declared.Max)
            return string.Create(CultureInfo.InvariantCulture, $"{Declared.Name} is {value}; at most {Declared.Max} is allowed.");
        return numbers is null || numbers.Contains(value)
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"{Declared.Name} is {value}; allowed are {string.Join(", ", Declared.Values.Take(20))}.");
    }

    public string? Objection(string value) => names is null || names.Contains(value)
        ? null
        : $"{Declared.Name} is '{Shorten(value)}'; allowed are {string.Join(", ", Declared.Values.Take(20))}.";

    public BodyFailure Fail(ErrorDefinition definition, string detail, long row) =>
        new(new Problem(definition, detail, Field: string.Create(CultureInfo.InvariantCulture, $"inputs.{Declared.Name}[{row}]")));

    public static string Shorten(string text) => text.Length <= 40 ? text : text[..40] + "…";
}

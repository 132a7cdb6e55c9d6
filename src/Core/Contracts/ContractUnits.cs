using System.Collections.Immutable;

namespace Raywright.Core.Contracts;

/// <summary>The units of a field: null, one for all elements, or one for each.</summary>
public static class ContractUnits
{
    /// <summary>That of one element of the last dimension; null where nobody says.</summary>
    public static string? Of(ImmutableArray<string>? units, int element) => units switch
    {
        null => null,
        [var all] => all,
        { } each => each.ElementAtOrDefault(element),
    };

    internal static bool Same(ImmutableArray<string>? one, ImmutableArray<string>? other) =>
        one is { } units ? other is { } others && units.SequenceEqual(others) : other is null;
}

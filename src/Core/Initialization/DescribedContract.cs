using System.Collections.Immutable;
using Raywright.Core.Contracts;
using Raywright.Core.Tensors;

namespace Raywright.Core.Initialization;

/// <summary>Adds to the contract of a graph what a data file knows: columns, ranges, categories, missing values.</summary>
internal static class DescribedContract
{
    private const int MostDescribed = 16;

    public static Contract Of(Contract contract, DataSample data)
    {
        Contract described = contract with { Inputs = [.. contract.Inputs.Select(input => data.Columns.Inputs.FirstOrDefault(fed => fed.Input == input) is { } columns ? Describe(columns, data) : input)] };
        // Names have to be unique over inputs and columns; where a file breaks that, rows go by position.
        bool unique = described.Inputs.SelectMany(input => input.Columns.Add(input.Name)).GroupBy(name => name, StringComparer.Ordinal).All(group => group.Count() == 1);
        return unique ? described : described with { Inputs = [.. described.Inputs.Select((input, index) => input with { Columns = contract.Inputs[index].Columns })] };
    }

    private static InputField Describe(InputColumns fed, DataSample data)
    {
        InputField input = fed.Input;
        ColumnProfile[] profiles = [.. fed.Columns.Select(column => data.Profiles[column])];
        bool nullable = input.Nullable || (input.Type.IsFloat && profiles.Any(profile => profile.Empty > 0));
        ImmutableArray<string> columns = input.Columns.IsEmpty && Named(input, profiles) ? [.. profiles.Select(profile => profile.Name)] : input.Columns;
        if (input.Type == DataType.String)
            return input with { Columns = columns, Values = profiles is [{ } only] ? [.. only.Categories] : [] };
        if (!input.Type.IsFloat && !input.Type.IsInteger)
            return input with { Columns = columns };
        // A range holds for every element of an input, so that columns of different kinds have none in common.
        (double Min, double Max)? range = profiles is [{ } single] ? single.Range(input.Type) : null;
        return input with
        {
            Columns = columns,
            Nullable = nullable,
            Min = range?.Min,
            Max = range?.Max,
            Description = Seen(profiles, data.File),
        };
    }

    /// <summary>Whether names along the last dimension say more than the input's own name.</summary>
    private static bool Named(InputField input, ColumnProfile[] profiles) =>
        input.Shape is [_, var last] && (last == profiles.Length || last < 0) && !(profiles is [{ } only] && only.Name == input.Name);

    private static string? Seen(ColumnProfile[] profiles, string file) => profiles switch
    {
        [{ Values: > 0 } only] => $"{only.Seen} in {file}",
        { Length: > 1 and <= MostDescribed } when profiles.All(profile => profile.Values > 0) => $"in {file}: {string.Join(", ", profiles.Select(profile => $"{profile.Name} {profile.Seen}"))}",
        _ => null,
    };
}

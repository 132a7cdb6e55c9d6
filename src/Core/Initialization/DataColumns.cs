using System.Collections.Immutable;
using Raywright.Core.Contracts;
using Raywright.Core.Errors;

namespace Raywright.Core.Initialization;

/// <summary>Which columns of a data file feed an input, in the order of its elements.</summary>
internal sealed record InputColumns(InputField Input, ImmutableArray<int> Columns);

/// <summary>How the columns of a data file feed the inputs of a model.</summary>
/// <param name="Inputs">One entry an input that the file feeds.</param>
/// <param name="Target">Index of the column with the truth; null where there is none.</param>
/// <param name="Unused">Names of columns that nothing takes.</param>
internal sealed record DataColumns(ImmutableArray<InputColumns> Inputs, int? Target, ImmutableArray<string> Unused)
{
    private static readonly string[] RowNumbers = ["", "id", "index", "unnamed: 0", "row", "row_id"];

    /// <summary>By name where the names agree; what is left feeds the remaining inputs in the order of the file.</summary>
    public static Result<DataColumns> Match(Contract contract, string[] header, string? target)
    {
        int? truth = null;
        if (target is not null)
        {
            truth = IndexOf(header, target);
            if (truth < 0)
                return new Problem(Catalogue.DataColumnMissing, $"There is no column {target}.", Field: "target", Fix: $"The file has {Listed(header)}.");
        }
        SortedSet<int> free = [.. Enumerable.Range(0, header.Length).Where(index => index != truth)];
        Dictionary<string, ImmutableArray<int>> taken = ByName(contract, header, free);
        InputField[] rest = [.. contract.Inputs.Where(input => !input.Optional && !taken.ContainsKey(input.Name))];
        if (rest.Length > 0 && Distribute(rest, header, free, taken) is { } problem)
            return problem;
        return new DataColumns(
            [.. contract.Inputs.Where(input => taken.ContainsKey(input.Name)).Select(input => new InputColumns(input, taken[input.Name]))],
            truth,
            [.. free.Select(index => header[index])]);
    }

    private static Dictionary<string, ImmutableArray<int>> ByName(Contract contract, string[] header, SortedSet<int> free)
    {
        Dictionary<string, ImmutableArray<int>> taken = new(StringComparer.Ordinal);
        foreach (InputField input in contract.Inputs)
        {
            ImmutableArray<int> found = !input.Columns.IsEmpty ? [.. input.Columns.Select(column => IndexOf(header, column))]
                : Elements(input) == 1 ? [IndexOf(header, input.Name)]
                : [];
            if (found.IsEmpty || !found.All(free.Contains))
                continue;
            taken[input.Name] = found;
            free.ExceptWith(found);
        }
        return taken;
    }

    /// <summary>Deals the columns that are left out in their order; they must fit exactly, or but for a column of row numbers.</summary>
    private static Problem? Distribute(InputField[] rest, string[] header, SortedSet<int> free, Dictionary<string, ImmutableArray<int>> taken)
    {
        InputField? open = rest is [{ } only] && Elements(only) < 0 ? only : null;
        long needed = open is not null ? Math.Max(1, free.Count) : rest.Sum(input => Math.Max(1, Elements(input)));
        if (free.Count > needed)
            free.RemoveWhere(index => RowNumbers.Contains(header[index].ToLowerInvariant()) && free.Count > needed);
        if (free.Count != needed)
            return Misfit(rest, header, free, needed);
        foreach (InputField input in rest)
        {
            int count = (int)(input == open ? needed : Math.Max(1, Elements(input)));
            taken[input.Name] = [.. free.Take(count)];
            free.ExceptWith(taken[input.Name]);
        }
        return null;
    }

    private static Problem Misfit(InputField[] rest, string[] header, SortedSet<int> free, long needed)
    {
        string inputs = string.Join(", ", rest.Select(input => $"{input.Name} [{string.Join(", ", input.Shape)}]"));
        string columns = Listed([.. free.Select(index => header[index])]);
        return new Problem(
            Catalogue.DataColumnMissing,
            $"{inputs} {(rest.Length == 1 ? "takes" : "take")} {needed} columns; the file has {free.Count} for it: {columns}.",
            Field: "data",
            Fix: free.Count == needed + 1 ? "If one of them is the truth, name it with --target." : "Keep only the columns that the model takes, in its order, or name them like its inputs.");
    }

    /// <summary>Elements of one row; -1 where a dimension besides the batch is open.</summary>
    internal static long Elements(InputField input) =>
        input.Shape.Skip(1).Aggregate(1L, (product, size) => size < 0 || product < 0 || product > 1_000_000 ? -1 : product * size);

    /// <summary>The column called so; exactly, else whatever the case and the punctuation. -1 where there is none.</summary>
    private static int IndexOf(string[] header, string name)
    {
        int exact = Array.IndexOf(header, name);
        return exact >= 0 ? exact : Array.FindIndex(header, column => Plain(column) == Plain(name));
    }

    private static string Plain(string name) => new([.. name.Where(char.IsLetterOrDigit).Select(char.ToLowerInvariant)]);

    private static string Listed(string[] names) => names.Length <= 12 ? string.Join(", ", names) : $"{string.Join(", ", names.Take(12))} and {names.Length - 12} more";
}

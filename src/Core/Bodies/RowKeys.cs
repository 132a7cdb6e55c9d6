using System.Collections.Frozen;
using System.Text;
using System.Text.Json;
using Raywright.Core.Contracts;

namespace Raywright.Core.Bodies;

/// <summary>A place that a key of an object can name.</summary>
/// <param name="Input">Index of the input.</param>
/// <param name="Column">Index of the column along its last dimension; -1 where the key names the whole input.</param>
internal readonly record struct RowKey(int Input, int Column);

/// <summary>Looks up keys of objects: inputs and columns. Rows repeat their keys in one order, so the next key is tried first.</summary>
internal sealed class RowKeys
{
    private readonly byte[][] names;
    private readonly RowKey[] keys;
    private readonly FrozenDictionary<string, int> index;

    public RowKeys(Contract contract)
    {
        List<(string Name, RowKey Key)> all = [];
        for (int input = 0; input < contract.Inputs.Length; input++)
        {
            all.Add((contract.Inputs[input].Name, new(input, -1)));
            for (int column = 0; column < contract.Inputs[input].Columns.Length; column++)
                all.Add((contract.Inputs[input].Columns[column], new(input, column)));
        }
        // An input's own name wins over a column that is called the same.
        (string Name, RowKey Key)[] distinct = [.. all.OrderBy(entry => entry.Key.Column >= 0).DistinctBy(entry => entry.Name)];
        // Columns come in the order of a row, so that the hint finds them.
        distinct = [.. distinct.OrderBy(entry => entry.Key.Input).ThenBy(entry => entry.Key.Column)];
        names = [.. distinct.Select(entry => Encoding.UTF8.GetBytes(entry.Name))];
        keys = [.. distinct.Select(entry => entry.Key)];
        index = distinct.Select((entry, at) => (entry.Name, at)).ToFrozenDictionary(entry => entry.Name, entry => entry.at, StringComparer.Ordinal);
    }

    public int Count => keys.Length;

    public RowKey this[int at] => keys[at];

    public IEnumerable<string> Names => index.Keys;

    /// <summary>Index of the key at the reader's token; -1 where nothing is called so. <paramref name="hint"/> is tried first.</summary>
    public int Find(ref Utf8JsonReader reader, int hint)
    {
        if (hint < names.Length && reader.ValueTextEquals(names[hint]))
            return hint;
        return index.GetValueOrDefault(reader.GetString()!, -1);
    }
}

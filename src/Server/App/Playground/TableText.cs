using System.Collections.Immutable;
using System.Text;
using Raywright.Core.Errors;

namespace Raywright.Server.App.Playground;

/// <summary>A table as it is pasted from a spreadsheet or read from a file: cells between tabs, commas or semicolons, quoted where needed.</summary>
/// <param name="Between">What stands between two cells.</param>
/// <param name="Rows">Rows that have a cell, in their order.</param>
public sealed record TableText(char Between, ImmutableArray<ImmutableArray<string>> Rows)
{
    /// <summary>Largest text that is read.</summary>
    public const int Largest = 1 << 20;

    private static readonly char[] Candidates = ['\t', ';', ','];

    public static Result<TableText> Parse(string text)
    {
        if (text.Length > Largest)
            return Wrong("The table is larger than 1 MiB.");
        text = text.TrimStart('\uFEFF');
        char between = Delimiter(text);
        ImmutableArray<ImmutableArray<string>>.Builder rows = ImmutableArray.CreateBuilder<ImmutableArray<string>>();
        List<string> cells = [];
        StringBuilder cell = new();
        int line = 1;
        for (int at = 0; at < text.Length; at++)
        {
            char now = text[at];
            if (now == '"' && cell.Length == 0)
            {
                if (Quoted(text, ref at, ref line, cell) is { } open)
                    return open;
            }
            else if (now == between)
            {
                EndCell(cells, cell);
            }
            else if (now is '\n' or '\r')
            {
                // Both ends of Windows are one.
                if (now == '\r' && at + 1 < text.Length && text[at + 1] == '\n')
                    at++;
                EndRow(rows, cells, cell);
                line++;
            }
            else
            {
                cell.Append(now);
            }
        }
        EndRow(rows, cells, cell);
        return rows.Count == 0 ? Wrong("The table is empty.") : new TableText(between, rows.ToImmutable());
    }

    /// <summary>Reads to the quote that ends the cell.</summary>
    private static Problem? Quoted(string text, ref int at, ref int line, StringBuilder cell)
    {
        int began = line;
        for (at++; at < text.Length; at++)
        {
            if (text[at] == '"' && at + 1 < text.Length && text[at + 1] == '"')
                cell.Append(text[at++]);
            else if (text[at] == '"')
                return null;
            else
                cell.Append(text[at]);
            line += text[at] == '\n' ? 1 : 0;
        }
        return Wrong($"The quote that opens in line {began} is never closed.");
    }

    private static void EndCell(List<string> cells, StringBuilder cell)
    {
        cells.Add(cell.ToString().Trim());
        cell.Clear();
    }

    private static void EndRow(ImmutableArray<ImmutableArray<string>>.Builder rows, List<string> cells, StringBuilder cell)
    {
        EndCell(cells, cell);
        if (cells.Exists(one => one.Length > 0))
            rows.Add([.. cells]);
        cells.Clear();
    }

    /// <summary>A tab wins, since nobody types one; else what stands in the first line, outside of quotes.</summary>
    private static char Delimiter(string text)
    {
        Dictionary<char, int> counts = Candidates.ToDictionary(one => one, _ => 0);
        bool quoted = false;
        foreach (char now in text)
        {
            if (now == '"')
                quoted = !quoted;
            else if (now is '\n' or '\r' && !quoted)
                break;
            else if (!quoted && counts.TryGetValue(now, out int count))
                counts[now] = count + 1;
        }
        // Where both stand, commas are in the numbers or texts of a table with semicolons more often than the other way round.
        return counts['\t'] > 0 ? '\t' : counts[';'] > 0 ? ';' : ',';
    }

    private static Problem Wrong(string detail) => new(Catalogue.InputType, detail, Fix: "Paste cells from a spreadsheet, or the text of a CSV file.");
}

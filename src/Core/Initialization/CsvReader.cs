using System.Text;
using Raywright.Core.Errors;

namespace Raywright.Core.Initialization;

/// <summary>
/// Reads comma-separated values as RFC 4180 has them, row by row: quotes, line breaks in quotes, doubled quotes. Semicolons and
/// tabs are recognised by the header. Holds one row at a time.
/// </summary>
internal sealed class CsvReader(TextReader text, string file)
{
    private const int LongestRow = 4 << 20;
    private readonly StringBuilder field = new();
    private readonly List<string> row = [];
    private char delimiter = ',';
    private int line = 1;
    private string pushed = "";
    private int at;

    /// <summary>Line of the file on which the last row started.</summary>
    public int Line { get; private set; }

    /// <summary>What is wrong with the file; <see cref="Next"/> gives null from then on.</summary>
    public Problem? Problem { get; private set; }

    /// <summary>The names of the columns; call it first.</summary>
    public string[]? Header()
    {
        if (text.Peek() < 0)
        {
            Fail("The file is empty.");
            return null;
        }
        string first = Remembered();
        delimiter = first.Contains(',') ? ',' : first.Contains(';') ? ';' : first.Contains('\t') ? '\t' : ',';
        string[]? header = Next();
        return header?.Select(name => name.Trim()).ToArray();
    }

    /// <summary>The next row; null at the end of the file or after a problem. Empty lines are passed over.</summary>
    public string[]? Next()
    {
        while (Problem is null && Peek() >= 0)
        {
            Line = line;
            ReadRow();
            if (row.Count > 1 || row[0].Length > 0)
                return Problem is null ? [.. row] : null;
        }
        return null;
    }

    /// <summary>The first line, kept so that it is read again as a row.</summary>
    private string Remembered()
    {
        StringBuilder first = new();
        while (text.Read() is var next and >= 0 && first.Length < LongestRow)
        {
            first.Append((char)next);
            if (next == '\n')
                break;
        }
        return pushed = first.ToString();
    }

    private int Peek() => at < pushed.Length ? pushed[at] : text.Peek();

    private int Read() => at < pushed.Length ? pushed[at++] : text.Read();

    private void ReadRow()
    {
        row.Clear();
        int size = 0;
        while (true)
        {
            field.Clear();
            bool more = Peek() == '"' ? ReadQuoted() : ReadPlain();
            row.Add(field.ToString());
            size += field.Length + 1;
            if (size > LongestRow)
                Fail("A row is longer than 4 MiB; the file is no table, or a quote is not closed.");
            if (!more || Problem is not null)
                return;
        }
    }

    /// <summary>Reads up to the next delimiter (true) or the end of the row (false).</summary>
    private bool ReadPlain()
    {
        while (true)
        {
            int next = Read();
            if (next == delimiter)
                return true;
            if (Ends(next))
                return false;
            field.Append((char)next);
            if (field.Length > LongestRow)
            {
                Fail("A row is longer than 4 MiB; the file is no table.");
                return false;
            }
        }
    }

    private bool ReadQuoted()
    {
        Read();
        while (true)
        {
            int next = Read();
            if (next < 0 || field.Length > LongestRow)
            {
                Fail("A quote that opens here is never closed.");
                return false;
            }
            if (next == '\n')
                line++;
            if (next != '"')
            {
                field.Append((char)next);
                continue;
            }
            if (Peek() != '"')
                return ReadPlain();
            field.Append((char)Read());
        }
    }

    private bool Ends(int next)
    {
        if (next == '\r' && Peek() == '\n')
            Read();
        if (next is '\r' or '\n')
            line++;
        return next is '\r' or '\n' or < 0;
    }

    private void Fail(string detail) =>
        Problem ??= new Problem(Catalogue.DataUnreadable, detail, Field: "data", Location: new SourceLocation(file, Math.Max(1, Line), 1));
}

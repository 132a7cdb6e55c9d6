using Spectre.Console;

namespace Raywright.Cli.Output;

/// <summary>
/// Rows under headings: aligned on a terminal, one line a row with tabs between in a pipe, where nothing is cut and instants are
/// RFC 3339.
/// </summary>
internal sealed class TableView(Terminal terminal, TimeProvider clock, params string[] headings)
{
    private readonly List<string[]> rows = [];

    /// <summary>Cells are plain text; styles are added here.</summary>
    public TableView Add(params string[] cells)
    {
        rows.Add(cells);
        return this;
    }

    /// <summary>An instant as this table shows it: the age to a person, else RFC 3339.</summary>
    public string When(long? micros) => micros is not { } at ? "" : terminal.IsLive ? Moments.Age(at, clock.GetUtcNow()) : Moments.Rfc3339(at);

    /// <summary>Writes the table, or <paramref name="whenEmpty"/> where it has no rows and a person looks.</summary>
    public void Write(string whenEmpty)
    {
        if (rows.Count == 0 && terminal.IsLive)
            terminal.NoteLine(whenEmpty);
        else if (terminal.IsLive)
            WriteAligned();
        else
            WriteTabs();
    }

    /// <summary>Names and addresses stay whole, to be copied.</summary>
    private void WriteAligned()
    {
        Table table = new() { Border = TableBorder.None, ShowHeaders = true };
        foreach ((int index, string heading) in headings.Index())
            table.AddColumn(new TableColumn(new Markup($"[grey]{Markup.Escape(heading.ToUpperInvariant())}[/]")) { Padding = new Padding(0, 0, index == headings.Length - 1 ? 0 : 2, 0), NoWrap = index == 0 || heading == "address" });
        foreach (string[] row in rows)
            table.AddRow(row.Select((cell, index) => new Markup(Styled(headings[index], cell))));
        terminal.Write(table);
    }

    private void WriteTabs()
    {
        terminal.WriteLine(string.Join('\t', headings));
        foreach (string[] row in rows)
            terminal.WriteLine(string.Join('\t', row.Select(cell => cell.Replace('\t', ' ').ReplaceLineEndings(" "))));
    }

    private static string Styled(string heading, string cell) => (heading, cell) switch
    {
        ("state" or "health" or "result", "healthy" or "succeeded" or "active" or "passed" or "ready") => $"[green]{cell}[/]",
        ("state" or "health" or "result", "unhealthy" or "failed" or "revoked" or "unreachable") => $"[red]{cell}[/]",
        ("state" or "health" or "result", "starting" or "running" or "pending" or "deleting" or "expired") => $"[yellow]{cell}[/]",
        _ => Markup.Escape(cell),
    };
}

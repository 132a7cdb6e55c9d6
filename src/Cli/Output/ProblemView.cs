using System.Globalization;
using Raywright.Core.Errors;
using Spectre.Console;

namespace Raywright.Cli.Output;

/// <summary>Problems for people: code and what is wrong, the place with its line of text, what to do. All of them.</summary>
internal sealed class ProblemView(Terminal terminal, string workingFolder)
{
    private const int MostOfALine = 160;

    public void Write(IEnumerable<Problem> problems)
    {
        Problem[] all = [.. problems];
        // The same advice for several problems is given once, after the last of them.
        for (int index = 0; index < all.Length; index++)
            Write("error", "red", all[index], advise: index + 1 == all.Length || all[index + 1].Advice != all[index].Advice);
    }

    public void WriteWarning(Problem problem) => Write("warning", "yellow", problem, advise: true);

    private void Write(string kind, string colour, Problem problem, bool advise)
    {
        string[] lines = problem.Detail.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');
        terminal.Note($"[bold {colour}]{kind} {Markup.Escape(problem.Code)}:[/] {Markup.Escape(lines[0])}");
        foreach (string line in lines.Skip(1))
            terminal.Note($"  [grey]│[/] {Markup.Escape(line)}");
        if (problem.Location is { } place)
            WritePlace(place, colour);
        if (advise && problem.Advice.Length > 0)
            terminal.Note($"  [green]fix:[/] {Markup.Escape(problem.Advice)}");
    }

    private void WritePlace(SourceLocation place, string colour)
    {
        terminal.Note($"  [grey]at[/] {Markup.Escape(place.ToString())}");
        if (!terminal.ShowsProgress || TextOf(place) is not { } text)
            return;
        string number = place.Line.ToString(CultureInfo.InvariantCulture);
        int column = Math.Clamp(place.Column, 1, text.Length + 1);
        terminal.Note($"  [grey]{number} │[/] {Markup.Escape(text)}");
        terminal.Note($"  [grey]{new string(' ', number.Length)} │[/] {new string(' ', column - 1)}[{colour}]^[/]");
    }

    private string? TextOf(SourceLocation place)
    {
        string path = Path.Combine(workingFolder, place.File);
        try
        {
            string? line = File.Exists(path) ? File.ReadLines(path).Skip(place.Line - 1).FirstOrDefault() : null;
            return line is { Length: > 0 and <= MostOfALine } ? line.Replace('\t', ' ') : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

using System.CommandLine;
using System.Text;

namespace Raywright.Cli.CommandLine;

/// <summary>The text of <c>--help</c>: what it is for, what to type, what can be added.</summary>
internal static class HelpText
{
    private const string Indent = "  ";
    private const int Gap = 2;
    private const int NarrowestSecond = 30;

    /// <summary>The verbs as a newcomer meets them.</summary>
    private static readonly (string Title, string[] Verbs)[] Groups =
    [
        ("Start here", ["up", "init", "query", "status"]),
        ("Release a model", ["plan", "render", "deploy", "test", "share", "delete"]),
        ("See what happened", ["logs", "history", "ledger"]),
        ("Servers", ["server", "down", "login", "logout", "doctor"]),
        ("Manage", ["env", "compute", "key", "model", "version"]),
    ];

    private static readonly (string Line, string What)[] FirstSteps =
    [
        ("up samples/iris", "serve the model in a folder, test it and open the app"),
        ("query iris --example", "ask it something"),
        ("status", "see what runs and how well"),
    ];

    public static string FullName(Command command)
    {
        // The root is called after the file that runs, which a test or a link names otherwise.
        if (command is RootCommand)
            return "raywright";
        string? parent = command.Parents.OfType<Command>().FirstOrDefault() is { } above ? FullName(above) : null;
        return parent is null ? command.Name : $"{parent} {command.Name}";
    }

    public static string Of(Command command, int width)
    {
        StringBuilder text = new();
        if (command is RootCommand)
            WriteRoot(text, command, width);
        else
            WriteCommand(text, command, width);
        return text.ToString();
    }

    private static void WriteRoot(StringBuilder text, Command root, int width)
    {
        text.Append($"{root.Description}\n\nUsage: raywright COMMAND [ARGUMENTS] [OPTIONS]\n");
        foreach ((string title, string[] verbs) in Groups)
            Section(text, title, verbs.Select(verb => root.Subcommands.First(command => command.Name == verb)).Select(command => (command.Name, command.Description ?? "")), width);
        Section(text, "Options of every command", Options(root), width);
        Section(text, "First steps", FirstSteps.Select(step => ($"raywright {step.Line}", step.What)), width);
        text.Append("\n`raywright COMMAND --help` explains one command, with examples.\n");
    }

    private static void WriteCommand(StringBuilder text, Command command, int width)
    {
        Verb? verb = command as Verb;
        text.Append($"{command.Description}\n");
        if (verb?.Details is { } details)
            text.Append('\n').AppendJoin('\n', details.ReplaceLineEndings("\n").Split('\n').SelectMany(line => Wrap(line, width))).Append('\n');
        text.Append($"\nUsage: {Usage(command)}\n");
        if (verb is { Examples.Length: > 0 })
            Section(text, "Examples", verb.Examples.Select(example => ($"raywright {example.Line}", example.What)), width);
        Section(text, "Commands", command.Subcommands.Where(sub => !sub.Hidden).Select(sub => ($"{sub.Name} {Arguments(sub)}".Trim(), sub.Description ?? "")), width);
        Section(text, "Arguments", command.Arguments.Select(argument => (argument.HelpName ?? argument.Name, argument.Description ?? "")), width);
        Section(text, "Options", Options(command), width);
        if (command.Subcommands.Count == 0)
            Section(text, "Options of every command", CommonOptions.Recursive.Select(Row), width);
    }

    private static string Usage(Command command) => command.Subcommands.Count > 0
        ? $"{FullName(command)} COMMAND"
        : $"{FullName(command)} {Arguments(command)}{(command.Options.Count > 0 ? " [OPTIONS]" : "")}".Replace("  ", " ", StringComparison.Ordinal).TrimEnd();

    private static string Arguments(Command command) => string.Join(' ', command.Arguments.Select(argument =>
        argument.Arity.MinimumNumberOfValues == 0 ? $"[{argument.HelpName ?? argument.Name}]" : argument.HelpName ?? argument.Name));

    private static IEnumerable<(string, string)> Options(Command command) => command.Options.Where(option => !option.Hidden).Select(Row);

    private static (string, string) Row(Option option)
    {
        string names = string.Join(", ", new[] { option.Name }.Concat(option.Aliases).Where(name => name is not ("/?" or "/h" or "-?")).OrderBy(name => name.Length));
        string value = option.ValueType == typeof(bool) || option.HelpName is null ? "" : $" {option.HelpName}";
        string otherwise = option.HasDefaultValue && option.ValueType != typeof(bool) && option.GetDefaultValue() is { } given ? $" (default {given})" : "";
        return ($"{names}{value}", $"{option.Description}{otherwise}");
    }

    private static void Section(StringBuilder text, string title, IEnumerable<(string First, string Second)> rows, int width)
    {
        (string First, string Second)[] all = [.. rows];
        if (all.Length == 0)
            return;
        text.Append($"\n{title}\n");
        int first = all.Max(row => row.First.Length);
        int second = Math.Max(NarrowestSecond, width - Indent.Length - first - Gap);
        foreach ((string name, string what) in all)
        {
            string[] lines = [.. Wrap(what, second)];
            text.Append($"{Indent}{name.PadRight(first + Gap)}{lines.FirstOrDefault()}".TrimEnd()).Append('\n');
            foreach (string line in lines.Skip(1))
                text.Append(' ', Indent.Length + first + Gap).Append(line).Append('\n');
        }
    }

    private static IEnumerable<string> Wrap(string text, int width)
    {
        StringBuilder line = new();
        foreach (string word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return line.ToString();
                line.Clear();
            }
            line.Append(line.Length > 0 ? " " : "").Append(word);
        }
        yield return line.ToString();
    }
}

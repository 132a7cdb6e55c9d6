using System.CommandLine;
using System.Text;
using Raywright.Cli.CommandLine;
using Raywright.Cli.Tests.Fakes;
using Raywright.Core.Errors;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Cli.Tests.Commands;

/// <summary><c>docs/reference/cli.md</c> is what <c>--help</c> says, of every command in the order of the tree.</summary>
public sealed class ReferencePage
{
    private const int Width = 100;
    private const string Common = "\nOptions of every command\n";

    private static readonly Dictionary<ExitCode, string> Meanings = new()
    {
        [ExitCode.Ok] = "it was done",
        [ExitCode.Error] = "it failed",
        [ExitCode.Cancelled] = "it was cancelled, or a confirmation was missing",
        [ExitCode.Refused] = "a gate or a test refused it",
        [ExitCode.NotSignedIn] = "there is no valid key for the server",
        [ExitCode.NotFound] = "what was named does not exist",
        [ExitCode.InProgress] = "it still runs",
    };

    [Fact]
    public void ThePage_IsGenerated()
    {
        using CliRun cli = new();
        RootCommand root = CommandTree.Create(new CliHost(new(TextWriter.Null, TextWriter.Null, TextReader.Null, new(false, false, false, false, Width)), TimeProvider.System, cli.Variables, cli.Work, cli.Work));
        StringBuilder page = new("""
            # Commands

            Generated from the commands in `src/Cli/Commands`; `UPDATE_GOLDENS=1 dotnet test` writes it anew.
            Arguments come first, options after them or between. Without a terminal nothing is asked and nothing is coloured; with
            `--json` standard output is one JSON document, and what is said beside it goes to standard error.

            | Exit status | Means |
            |---|---|

            """);
        foreach (ExitCode code in Enum.GetValues<ExitCode>())
            page.Append($"| {(int)code} | {Meanings[code]} |\n");
        page.Append($"\n```\n{HelpText.Of(root, Width).Trim()}\n```\n");
        foreach (Command command in root.Subcommands)
        {
            Write(page, command);
            foreach (Command inner in command.Subcommands)
                Write(page, inner);
        }
        Golden.MatchesPublished("docs/reference/cli.md", page.ToString());
    }

    /// <summary>Without what every command takes, which the top of the page says once.</summary>
    private static void Write(StringBuilder page, Command command) =>
        page.Append($"\n## {HelpText.FullName(command)}\n\n```\n{HelpText.Of(command, Width).Split(Common)[0].Trim()}\n```\n");
}

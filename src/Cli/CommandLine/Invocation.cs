using System.Collections.Immutable;
using System.CommandLine;
using Raywright.Cli.Output;
using Raywright.Core.Api;
using Raywright.Core.Bodies;
using Raywright.Core.Errors;

namespace Raywright.Cli.CommandLine;

/// <summary>Runs a command and turns what came of it into text and an exit status.</summary>
internal static class Invocation
{
    public static async Task<int> RunAsync(CliHost host, ParseResult parse, Func<Session, Task<Result<ExitCode>>> run, CancellationToken cancellation)
    {
        Session session = new(host, parse);
        Result<ExitCode> result;
        try
        {
            result = await run(session).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            result = new Problem(Catalogue.CommandCancelled, "Interrupted.", Fix: "");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            result = new Problem(Catalogue.FileUnreadable, e.Message);
        }
        return (int)Report(host, result, session.Json);
    }

    /// <summary>Everything that speaks against the command line, in the words of the catalogue.</summary>
    public static int Refuse(CliHost host, ParseResult parse)
    {
        string help = $"`{HelpText.FullName(parse.CommandResult.Command)} --help` shows what it takes.";
        ImmutableArray<Problem> problems = [.. parse.Errors.Select(error => error.Message).Distinct(StringComparer.Ordinal)
            .Select(message => new Problem(Catalogue.CommandLineWrong, Unknown(parse, message) ?? message, Fix: help))];
        return (int)Report(host, problems, parse.GetValue(CommonOptions.Json));
    }

    private static ExitCode Report(CliHost host, Result<ExitCode> result, bool json)
    {
        if (result.Ok)
            return result.Value;
        host.Terminal.ShowTransient(null);
        new ProblemView(host.Terminal, host.WorkingFolder).Write(result.Problems);
        if (json)
            host.Terminal.WriteJson(ProblemWriter.Details(result.Problems), ApiJson.Default.ProblemDetails);
        return result.Problems[0].Definition.Exit;
    }

    /// <summary>For a word that is no command or option: what was probably meant.</summary>
    private static string? Unknown(ParseResult parse, string message)
    {
        string? word = parse.UnmatchedTokens.FirstOrDefault(token => message.Contains($"'{token}'", StringComparison.Ordinal));
        if (word is null)
            return null;
        Command command = parse.CommandResult.Command;
        IEnumerable<string> known = word.StartsWith('-')
            ? command.Options.Concat(CommonOptions.Recursive).Where(option => !option.Hidden).Select(option => option.Name)
            : command.Subcommands.Where(sub => !sub.Hidden).Select(sub => sub.Name);
        string what = word.StartsWith('-') ? "option" : command.Subcommands.Count > 0 ? "command" : "argument";
        string near = Core.Spelling.Nearest(word, known) is { } meant ? $" Did you mean `{meant}`?" : "";
        return $"`{word}` is no {what} of `{HelpText.FullName(command)}`.{near}";
    }
}

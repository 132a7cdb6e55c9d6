using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Parsing;
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
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            result = new Problem(Catalogue.Internal, host.Variable("RAYWRIGHT_DEBUG") is null ? $"{e.GetType().Name}: {e.Message}" : e.ToString(), Fix: "Report it with what you typed; RAYWRIGHT_DEBUG=1 shows where it happened.");
        }
        return (int)Report(host, result, session.Json);
    }

    /// <summary>Everything that speaks against the command line, in the words of the catalogue; empty where nothing does.</summary>
    public static ImmutableArray<Problem> Objections(ParseResult parse)
    {
        // What follows a misspelt option is most likely its value.
        ParseError[] errors = [.. parse.Errors.Where(error => !parse.UnmatchedTokens.Any(IsOption) || UnknownWord(parse, error.Message) is not { } word || IsOption(word))];
        string[] messages = [.. errors.Select(error => Missing(parse, error) ?? Unknown(parse, error.Message) ?? error.Message).Concat(Misplaced(parse)).Distinct(StringComparer.Ordinal)];
        // A command that is missing because it was misspelt is said once.
        string[] telling = messages.Length > 1 && parse.UnmatchedTokens.Count > 0 ? [.. messages.Where(message => message.StartsWith('`'))] : messages;
        string help = $"`{HelpText.FullName(parse.CommandResult.Command)} --help` shows what it takes.";
        return [.. telling.Select(message => new Problem(Catalogue.CommandLineWrong, message, Fix: help))];
    }

    public static int Refuse(CliHost host, ParseResult parse, ImmutableArray<Problem> problems) =>
        (int)Report(host, problems, parse.GetValue(CommonOptions.Json));

    /// <summary>Words that look like options and were taken for arguments because no option is called so.</summary>
    private static IEnumerable<string> Misplaced(ParseResult parse) =>
        parse.Tokens.Any(token => token.Type == TokenType.DoubleDash)
            ? []
            : parse.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens)
                .Where(token => token.Value is ['-', not (>= '0' and <= '9'), ..])
                .Select(token => Unknown(parse.CommandResult.Command, token.Value));

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

    private static bool IsOption(string word) => word.StartsWith('-');

    private static string? Missing(ParseResult parse, ParseError error) => error.SymbolResult is ArgumentResult { Tokens.Count: 0, Parent: CommandResult } missing
        ? $"`{HelpText.FullName(parse.CommandResult.Command)}` needs {missing.Argument.HelpName ?? missing.Argument.Name}."
        : null;

    private static string? UnknownWord(ParseResult parse, string message) =>
        parse.UnmatchedTokens.FirstOrDefault(token => message.Contains($"'{token}'", StringComparison.Ordinal));

    private static string? Unknown(ParseResult parse, string message) =>
        UnknownWord(parse, message) is { } word ? Unknown(parse.CommandResult.Command, word) : null;

    /// <summary>For a word that is no command or option: what was probably meant.</summary>
    private static string Unknown(Command command, string word)
    {
        IEnumerable<string> known = IsOption(word)
            ? command.Options.Concat(CommonOptions.Recursive).Where(option => !option.Hidden).Select(option => option.Name)
            : command.Subcommands.Where(sub => !sub.Hidden).Select(sub => sub.Name);
        string what = IsOption(word) ? "option" : command.Subcommands.Count > 0 ? "command" : "argument";
        string near = Core.Spelling.Nearest(word, known) is { } meant ? $" Did you mean `{meant}`?" : "";
        return $"`{word}` is no {what} of `{HelpText.FullName(command)}`.{near}";
    }
}

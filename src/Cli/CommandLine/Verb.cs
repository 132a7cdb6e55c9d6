using System.CommandLine;
using Raywright.Core.Errors;

namespace Raywright.Cli.CommandLine;

/// <summary>What a command does once its options are read.</summary>
internal delegate Task<Result<ExitCode>> RunCommand<in T>(T options, Session session, CancellationToken cancellation);

/// <summary>
/// A command of two halves: <c>read</c>, which only parses, and <c>run</c>, which only works. A test of parsing gives its own
/// <c>run</c> and looks at the options.
/// </summary>
internal sealed class Verb(string name, string summary) : Command(name, summary)
{
    /// <summary>More about it than the summary, for its own help.</summary>
    public string? Details { get; init; }

    /// <summary>Lines for the help: what one would type, without the program's name, and what it does.</summary>
    public (string Line, string What)[] Examples { get; init; } = [];

    /// <summary>Adds the options that say which server is meant.</summary>
    public Verb TalksToServer()
    {
        Add(CommonOptions.Server);
        Add(CommonOptions.Key);
        return this;
    }

    public Verb Runs<T>(CliHost host, Func<ParseResult, T> read, RunCommand<T> run)
    {
        SetAction((parse, cancellation) => Invocation.RunAsync(host, parse, session => run(read(parse), session, cancellation), cancellation));
        return this;
    }
}

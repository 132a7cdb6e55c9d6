using System.CommandLine;
using Raywright.Cli.CommandLine;
using Raywright.Cli.Models;
using Raywright.Cli.Output;
using Raywright.Core.Errors;
using Raywright.Core.Initialization;

namespace Raywright.Cli.Commands;

/// <summary><c>init</c>: writes the spec and the cases of a model from its files, without a server.</summary>
internal static class InitCommand
{
    internal sealed record Options(string? Path, string? Source, string? Data, string? Target, string? Name, bool Trust, bool Force);

    public static Command Create(CliHost host, RunCommand<Options>? run = null)
    {
        Argument<string?> path = new("path") { HelpName = "PATH", Arity = ArgumentArity.ZeroOrOne, Description = "Folder of the model, or the model file (default: this folder)" };
        Option<string?> source = new("--source") { Description = "The model file, where the folder has several", HelpName = "FILE" };
        Option<string?> data = new("--data") { Description = "A CSV of rows: gives columns, ranges, categories and cases", HelpName = "FILE" };
        Option<string?> target = new("--target") { Description = "The column of --data that holds the truth", HelpName = "COLUMN" };
        Option<string?> name = new("--name") { Description = "Name of the model (default: from the folder)", HelpName = "NAME" };
        Option<bool> force = new("--force") { Description = "Replace a spec that exists" };
        return new Verb("init", "Write the spec of a model from its files, so that you only have to read it")
        {
            Details = "Reads inputs, outputs and labels from the model. Cases come from --data, from tests/cases.jsonl where it exists, or are recorded from the model itself. Works without a server.",
            Examples =
            [
                ("init samples/iris", "from the model alone"),
                ("init churn --data rows.csv --target churned", "with cases whose answers are known"),
            ],
            Options = { source, data, target, name, CommonOptions.Trust, force },
            Arguments = { path },
        }.Runs(
            host,
            parse => new Options(parse.GetValue(path), parse.GetValue(source), parse.GetValue(data), parse.GetValue(target), parse.GetValue(name), parse.GetValue(CommonOptions.Trust), parse.GetValue(force)),
            run ?? RunAsync);
    }

    private static async Task<Result<ExitCode>> RunAsync(Options options, Session session, CancellationToken cancellation)
    {
        InitRequest request = new(
            session.Host.FullPath(options.Path ?? "."),
            options.Source,
            options.Data is { } data ? session.Host.FullPath(data) : null,
            options.Target,
            options.Name,
            options.Force);
        Result<InitDocument> written = await ModelInit.WriteAsync(session, request, new FileTrust(session, options.Trust), cancellation).ConfigureAwait(false);
        if (!written.Ok)
            return written.Problems;
        if (session.Json)
        {
            session.Terminal.WriteJson(written.Value, CliJson.Default.InitDocument);
            return ExitCode.Ok;
        }
        ModelInit.Report(session, written.Value);
        session.Terminal.WriteLine($"{written.Value.Model} is ready: read {session.Host.Shown(written.Value.Spec)}, then `raywright up {session.Host.Shown(Path.GetDirectoryName(written.Value.Spec)!)}`.");
        return ExitCode.Ok;
    }
}

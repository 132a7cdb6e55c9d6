using System.CommandLine;
using Raywright.Cli.CommandLine;
using Raywright.Cli.Models;
using Raywright.Cli.Output;
using Raywright.Core.Api;
using Raywright.Core.Api.Client;
using Raywright.Core.Errors;
using Spectre.Console;

namespace Raywright.Cli.Commands;

/// <summary><c>deploy</c>: a model folder becomes the running revision of an endpoint.</summary>
internal static class DeployCommand
{
    internal sealed record Options(string? Path, string Environment, bool NoWait, bool Trust, string? Note);

    public static Command Create(CliHost host, RunCommand<Options>? run = null)
    {
        Argument<string?> path = Paths.Argument();
        Option<string?> note = new("--note") { Description = "Why, in your words; goes into the ledger", HelpName = "TEXT" };
        return new Verb("deploy", "Deploy the model in a folder: test it, ask it a question, give it the traffic")
        {
            Details = "Checks the folder here first. A failure at any step leaves what was serving untouched.",
            Examples =
            [
                ("deploy samples/iris", "into dev, following it to the end"),
                ("deploy -e staging --note \"retrained on May\"", "the folder you are in, into staging"),
                ("deploy --no-wait --json", "print the operation and return"),
            ],
            Options = { CommonOptions.Environment, CommonOptions.NoWait, CommonOptions.Trust, note },
            Arguments = { path },
        }.TalksToServer().Runs(host, parse => new Options(parse.GetValue(path), parse.GetValue(CommonOptions.Environment)!, parse.GetValue(CommonOptions.NoWait), parse.GetValue(CommonOptions.Trust), parse.GetValue(note)), run ?? RunAsync);
    }

    private static async Task<Result<ExitCode>> RunAsync(Options options, Session session, CancellationToken cancellation)
    {
        Result<LocalModel> model = Paths.Load(session, options.Path, options.Environment);
        if (!model.Ok)
            return model.Problems;
        Result<RaywrightClient> connected = session.Connect();
        if (!connected.Ok)
            return connected.Problems;
        using RaywrightClient client = connected.Value;
        using StepView view = new(session.Terminal, session.Clock, session.Problems);
        if (session.ShowsSteps)
            session.Terminal.Note($"deploying [bold]{Markup.Escape(model.Value.Name)}[/] into {Markup.Escape(options.Environment)} at {Markup.Escape(client.Address)}");
        Result<Operation> begun = await DeployFlow.BeginAsync(session, client, model.Value, options.Environment, options.Note, new FileTrust(session, options.Trust), view, cancellation).ConfigureAwait(false);
        if (!begun.Ok)
            return begun.Problems;
        if (options.NoWait)
            return Operations.Begun(session, begun.Value);
        Result<Operation> ended = await DeployFlow.FollowAsync(session, client, begun.Value, view, cancellation).ConfigureAwait(false);
        return ended.Ok ? Report(session, ended.Value) : ended.Problems;
    }

    private static Result<ExitCode> Report(Session session, Operation operation)
    {
        if (session.Json)
        {
            session.Terminal.WriteJson(operation, ApiJson.Default.Operation);
            return ExitCode.Ok;
        }
        Result<DeployResult> result = DeployFlow.ResultOf(operation);
        if (!result.Ok)
            return result.Problems;
        DeployResult done = result.Value;
        TimeSpan elapsed = Moments.Between(operation.CreatedAt, operation.EndedAt ?? operation.CreatedAt);
        session.Terminal.WriteMarkup(done.Unchanged
            ? $"[bold]{done.Model}:{done.Version}[/] serves in {done.Environment} already; nothing changed (revision {done.Revision})"
            : $"[bold]{done.Model}:{done.Version}[/] serves in {done.Environment} after {Moments.Duration(elapsed)} (revision {done.Revision})");
        return ExitCode.Ok;
    }
}

using System.CommandLine;
using Raywright.Cli.CommandLine;
using Raywright.Cli.Models;
using Raywright.Cli.Output;
using Raywright.Core.Api;
using Raywright.Core.Api.Client;
using Raywright.Core.Errors;
using Raywright.Core.Planning;
using Spectre.Console;

namespace Raywright.Cli.Commands;

/// <summary><c>render</c>: the configuration that a spec becomes, and where each value came from.</summary>
internal static class RenderCommand
{
    internal sealed record Options(string? Path, string Environment, bool Explain, bool Ray = false, string? Package = null);

    public static Command Create(CliHost host, RunCommand<Options>? run = null)
    {
        Argument<string?> path = Paths.Argument();
        Option<bool> explain = new("--explain") { Description = "List every value with the place it came from" };
        Option<bool> ray = new("--ray") { Description = "Show the Ray Serve configuration of the revision, as `serve deploy` reads it" };
        Option<string?> package = new("--package") { Description = "With --ray: write the package that the nodes need into a folder, and name it as `working_dir`", HelpName = "FOLDER" };
        return new Verb("render", "Show the configuration that the spec becomes in an environment")
        {
            Details = "Prints the revision as JSON, or its Serve configuration as YAML. Works without a server; then the version is numbered as the model's first.",
            Examples =
            [
                ("render samples/iris -e prod --explain", "which value comes from where"),
                ("render samples/iris --ray --explain", "what Ray would be told, each line with its reason"),
                ("render samples/iris --ray --package /mnt/shared > iris.yaml", "what `serve deploy iris.yaml` takes, where the nodes have that folder"),
            ],
            Options = { CommonOptions.Environment, explain, ray, package },
            Arguments = { path },
        }.TalksToServer().Runs(host, parse => new Options(parse.GetValue(path), parse.GetValue(CommonOptions.Environment)!, parse.GetValue(explain), parse.GetValue(ray), parse.GetValue(package)), run ?? RunAsync);
    }

    private static async Task<Result<ExitCode>> RunAsync(Options options, Session session, CancellationToken cancellation)
    {
        if (options is { Package: not null, Ray: false })
            return new Problem(Catalogue.CommandLineWrong, "`--package` is the package of a Serve configuration.", Fix: "Add `--ray`.");
        Result<LocalModel> model = Paths.Load(session, options.Path, options.Environment);
        if (!model.Ok)
            return model.Problems;
        PlannedRevision planned = await PlannedAsync(session, model.Value, options.Environment, cancellation).ConfigureAwait(false);
        if (options.Ray)
            return RayRendering.Write(session, model.Value, planned, options);
        if (options.Explain)
            Explain(session, Planner.Explain(model.Value.Config, planned.Environment, planned.Revision));
        else
            session.Terminal.WriteJson(planned.Revision, ApiJson.Default.RevisionConfig);
        return ExitCode.Ok;
    }

    private static async Task<PlannedRevision> PlannedAsync(Session session, LocalModel model, string environment, CancellationToken cancellation)
    {
        Result<RaywrightClient> connected = session.Connect();
        if (connected.Ok)
        {
            using RaywrightClient client = connected.Value;
            Result<PlannedRevision> planned = await PlannedRevision.AtServerAsync(client, model, environment, cancellation).ConfigureAwait(false);
            if (planned.Ok)
                return planned.Value;
        }
        if (session.Terminal.ShowsProgress)
            session.Terminal.NoteLine("No server was asked: the version is numbered as if it were the first.");
        return PlannedRevision.Alone(model, environment);
    }

    private static void Explain(Session session, RenderedRevision rendered)
    {
        if (session.Json)
        {
            session.Terminal.WriteJson(rendered, ApiJson.Default.RenderedRevision);
            return;
        }
        TableView table = new(session.Terminal, session.Clock, "key", "value", "decided by", "what it does");
        foreach (ExplainedValue value in rendered.Values)
            table.Add(value.Key, value.Value, value.Location ?? value.Origin, value.Reason);
        table.Write("");
        foreach (string note in rendered.Notes)
            session.Terminal.Note($"[yellow]note:[/] {Markup.Escape(note)}");
    }
}

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

/// <summary><c>plan</c>: what a deploy would change, without changing it.</summary>
internal static class PlanCommand
{
    internal sealed record Options(string? Path, string Environment);

    public static Command Create(CliHost host, RunCommand<Options>? run = null)
    {
        Argument<string?> path = Paths.Argument();
        return new Verb("plan", "Show what a deploy would change, without changing it")
        {
            Examples = [("plan samples/iris -e prod", "against what serves in prod now")],
            Options = { CommonOptions.Environment },
            Arguments = { path },
        }.TalksToServer().Runs(host, parse => new Options(parse.GetValue(path), parse.GetValue(CommonOptions.Environment)!), run ?? RunAsync);
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
        Result<PlannedRevision> planned = await PlannedRevision.AtServerAsync(client, model.Value, options.Environment, cancellation).ConfigureAwait(false);
        if (!planned.Ok)
            return planned.Problems;
        Result<CurrentEndpoint?> now = await PlannedRevision.ServingAsync(client, options.Environment, model.Value.Name, cancellation).ConfigureAwait(false);
        if (!now.Ok)
            return now.Problems;
        EndpointPlan plan = Planner.Plan(model.Value.Config, planned.Value.Environment, planned.Value.Revision, planned.Value.NewVersion, now.Value);
        if (session.Json)
            session.Terminal.WriteJson(plan, ApiJson.Default.EndpointPlan);
        else
            Write(session, plan);
        return ExitCode.Ok;
    }

    private static void Write(Session session, EndpointPlan plan)
    {
        string name = $"{plan.Model}:{plan.Version}";
        string fresh = plan.NewVersion ? "a new version" : "a version that exists";
        session.Terminal.WriteMarkup(Markup.Escape(plan.Action switch
        {
            PlanAction.None => $"Nothing would change: {name} serves in {plan.Environment} (revision {plan.Revision}).",
            PlanAction.Create => $"{name}, {fresh}, would be the first to serve in {plan.Environment} (revision {plan.Revision}).",
            PlanAction.InPlace => $"{name} would stay in {plan.Environment} (revision {plan.Revision}); its settings would change in place.",
            _ => $"{name}, {fresh}, would take the traffic in {plan.Environment} (revision {plan.Revision} after {plan.CurrentRevision}).",
        }));
        TableView table = new(session.Terminal, session.Clock, "key", "now", "then", "decided by");
        foreach (FieldChange change in plan.Changes)
            table.Add(change.Key, Short(session, change.Old), Short(session, change.New), change.Origin ?? "");
        if (plan.Action != PlanAction.None)
            table.Write("No value would change.");
        foreach (string note in plan.Notes)
            session.Terminal.Note($"[yellow]note:[/] {Markup.Escape(note)}");
    }

    /// <summary>A digest is told from another by its first characters.</summary>
    private static string Short(Session session, string? value) =>
        value is null ? "–" : session.Terminal.IsLive && value.Length == 64 && value.All(char.IsAsciiHexDigitLower) ? $"{value[..12]}…" : value;
}

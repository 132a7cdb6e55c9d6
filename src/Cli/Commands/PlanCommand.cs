using System.CommandLine;
using Raywright.Cli.CommandLine;
using Raywright.Cli.Models;
using Raywright.Cli.Output;
using Raywright.Core.Api.Client;
using Raywright.Core.Engines;
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
        Result<(RevisionConfig? Serving, int Replicas)> now = await PlannedRevision.ServingAsync(client, options.Environment, model.Value.Name, cancellation).ConfigureAwait(false);
        if (!now.Ok)
            return now.Problems;
        EndpointPlan plan = EndpointPlan.Of(planned.Value.Revision, now.Value.Serving, now.Value.Replicas, planned.Value.NewVersion, key => model.Value.Config.Origins.GetValueOrDefault(key)?.Location);
        if (session.Json)
            session.Terminal.WriteJson(plan, CliJson.Default.EndpointPlan);
        else
            Write(session, plan, model.Value);
        return ExitCode.Ok;
    }

    private static void Write(Session session, EndpointPlan plan, LocalModel model)
    {
        string name = $"{plan.Model}:{plan.Version}";
        string fresh = plan.NewVersion ? "a new version" : "a version that exists";
        session.Terminal.WriteMarkup(Markup.Escape(plan.Action switch
        {
            PlanAction.Nothing => $"Nothing would change: {name} serves in {plan.Environment} (revision {plan.Serving}).",
            PlanAction.Create => $"{name}, {fresh}, would be the first to serve in {plan.Environment} (revision {plan.Revision}).",
            PlanAction.Settings => $"{name} would stay in {plan.Environment} (revision {plan.Revision}); its settings would change in place.",
            _ => $"{name}, {fresh}, would take the traffic in {plan.Environment} (revision {plan.Revision} after {plan.Serving}).",
        }));
        TableView table = new(session.Terminal, session.Clock, "what", "now", "then", "from");
        foreach (PlanChange change in plan.Changes.Where(change => plan.Action != PlanAction.Create || change.Location is not null || change.Path.StartsWith("inputs", StringComparison.Ordinal) || change.Path.StartsWith("outputs", StringComparison.Ordinal)))
            table.Add(change.Path, change.Before ?? "–", change.After ?? "–", change.Location?.ToString() ?? "");
        if (plan.Action != PlanAction.Nothing)
            table.Write("Nothing in the configuration differs from its default.");
        if (model.Config.Scaling.Max > model.Config.Scaling.Min && session.Terminal.ShowsProgress)
            session.Terminal.NoteLine($"Replicas stay at scaling.min ({model.Config.Scaling.Min}): the embedded compute does not scale yet.");
    }
}

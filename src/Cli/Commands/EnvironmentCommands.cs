using System.CommandLine;
using Raywright.Cli.CommandLine;
using Raywright.Cli.Output;
using Raywright.Core.Api;
using Raywright.Core.Api.Client;
using Raywright.Core.Errors;

namespace Raywright.Cli.Commands;

/// <summary><c>env</c>: the environments of a server.</summary>
internal static class EnvironmentCommands
{
    internal sealed record ListOptions;

    internal sealed record SetOptions(string Name, string Compute);

    public static Command Create(CliHost host, RunCommand<ListOptions>? list = null, RunCommand<SetOptions>? set = null) => new Verb("env", "The environments of a server")
    {
        new Verb("list", "List them: which are production, where their replicas run").TalksToServer().Runs(host, _ => new ListOptions(), list ?? ((_, session, cancellation) =>
            Listing.ShowAsync(session, client => client.EnvironmentsAsync(cancellation), ApiJson.Default.PageEnvironmentInfo, page =>
            {
                TableView table = new(session.Terminal, session.Clock, "name", "production", "compute");
                foreach (EnvironmentInfo one in page.Items)
                    table.Add(one.Name, one.Production ? "yes" : "no", one.Compute);
                table.Write("The server has no environment.");
            }))),
        SetVerb(host, set ?? SetAsync),
    };

    private static Verb SetVerb(CliHost host, RunCommand<SetOptions> run)
    {
        Argument<string> name = new("name") { HelpName = "NAME", Description = "The environment" };
        Option<string> compute = new("--compute") { Description = "Where revisions that are deployed from now on run", HelpName = "COMPUTE", Required = true };
        return new Verb("set", "Change where an environment's revisions run")
        {
            Details = "What runs already stays where it is until its model is deployed again.",
            Examples = [("env set staging --compute gpu", "from now on staging deploys to the compute gpu"), ("env set staging --compute embedded", "and back into the server")],
            Options = { compute },
            Arguments = { name },
        }.TalksToServer().Runs(host, parse => new SetOptions(parse.GetValue(name)!, parse.GetValue(compute)!), run);
    }

    private static async Task<Result<ExitCode>> SetAsync(SetOptions options, Session session, CancellationToken cancellation)
    {
        Result<RaywrightClient> connected = session.Connect();
        if (!connected.Ok)
            return connected.Problems;
        using RaywrightClient client = connected.Value;
        Result<Page<EnvironmentInfo>> environments = await client.EnvironmentsAsync(cancellation).ConfigureAwait(false);
        if (!environments.Ok)
            return environments.Problems;
        if (environments.Value.Items.FirstOrDefault(one => one.Name == options.Name) is not { } before)
            return new Problem(Catalogue.EnvironmentUnknown, $"There is no environment {options.Name}.");
        Result<EnvironmentInfo> changed = before.Compute == options.Compute
            ? before
            : await client.ChangeEnvironmentAsync(options.Name, new EnvironmentChange(options.Compute), cancellation).ConfigureAwait(false);
        if (!changed.Ok)
            return changed.Problems;
        if (session.Json)
            session.Terminal.WriteJson(changed.Value, ApiJson.Default.EnvironmentInfo);
        else
            Report(session, before, changed.Value);
        return ExitCode.Ok;
    }

    private static void Report(Session session, EnvironmentInfo before, EnvironmentInfo after)
    {
        if (before.Compute == after.Compute)
        {
            session.Terminal.WriteLine($"{after.Name} uses the compute {after.Compute} already; nothing changed");
            return;
        }
        session.Terminal.WriteLine($"{after.Name} uses the compute {after.Compute} (before: {before.Compute})");
        if (session.Terminal.ShowsProgress)
            session.Terminal.NoteLine($"Revisions deployed from now on run there. Move a model with `raywright deploy PATH --env {after.Name}`.");
    }
}

using System.CommandLine;
using System.Globalization;
using Raywright.Cli.CommandLine;
using Raywright.Cli.Output;
using Raywright.Core.Api;
using Raywright.Core.Api.Client;
using Raywright.Core.Errors;

namespace Raywright.Cli.Commands;

/// <summary><c>compute</c>: where replicas run.</summary>
internal static class ComputeCommands
{
    private const int ShownOfAnId = 12;

    internal sealed record ListOptions;

    internal sealed record ShowOptions(string Name);

    internal sealed record CheckOptions(string Name, bool NoWait);

    internal sealed record RemoveOptions(string Name, bool Yes, bool NoWait);

    public static Command Create(CliHost host, RunCommand<ComputeAdd.Options>? add = null, RunCommand<RemoveOptions>? remove = null) =>
        new Verb("compute", "Computes: where replicas run, in the server itself or in Ray clusters")
        {
            new Verb("list", "List them: how they are, who uses them").TalksToServer().Runs<ListOptions>(host, _ => new ListOptions(), (_, session, cancellation) =>
                Listing.ShowAsync(session, client => client.ComputesAsync(cancellation), ApiJson.Default.PageComputeInfo, page => WriteList(session, page))),
            ShowVerb(host),
            ComputeAdd.Create(host, add),
            CheckVerb(host),
            RemoveVerb(host, remove ?? RemoveAsync),
        };

    private static Argument<string> Name() => new("name") { HelpName = "NAME", Description = "The compute, as `compute list` shows it" };

    private static Verb ShowVerb(CliHost host)
    {
        Argument<string> name = Name();
        return new Verb("show", "Show one: its addresses, its nodes, why it cannot be used")
        {
            Arguments = { name },
        }.TalksToServer().Runs<ShowOptions>(host, parse => new ShowOptions(parse.GetValue(name)!), (options, session, cancellation) =>
            Listing.ShowAsync(session, client => client.ComputeAsync(options.Name, cancellation), ApiJson.Default.ComputeInfo, compute => WriteOne(session, compute)));
    }

    private static Verb CheckVerb(CliHost host)
    {
        Argument<string> name = Name();
        return new Verb("check", "Look anew whether it can be used, one thing after the other")
        {
            Details = "Changes nothing that runs there.",
            Options = { CommonOptions.NoWait },
            Arguments = { name },
        }.TalksToServer().Runs<CheckOptions>(host, parse => new CheckOptions(parse.GetValue(name)!, parse.GetValue(CommonOptions.NoWait)), CheckAsync);
    }

    private static Verb RemoveVerb(CliHost host, RunCommand<RemoveOptions> run)
    {
        Argument<string> name = Name();
        return new Verb("remove", "Take one away, with what Raywright put there")
        {
            Details = "Asks first; without a terminal it wants --yes (exit status 2 without). Refused while an environment uses it.",
            Options = { CommonOptions.Yes, CommonOptions.NoWait },
            Arguments = { name },
        }.TalksToServer().Runs(host, parse => new RemoveOptions(parse.GetValue(name)!, parse.GetValue(CommonOptions.Yes), parse.GetValue(CommonOptions.NoWait)), run);
    }

    private static async Task<Result<ExitCode>> CheckAsync(CheckOptions options, Session session, CancellationToken cancellation)
    {
        Result<RaywrightClient> connected = session.Connect();
        if (!connected.Ok)
            return connected.Problems;
        using RaywrightClient client = connected.Value;
        Result<Operation> begun = await client.CheckComputeAsync(options.Name, cancellation).ConfigureAwait(false);
        return begun.Ok
            ? await Operations.FinishAsync(session, client, begun.Value, options.NoWait, $"{options.Name} can be used", cancellation).ConfigureAwait(false)
            : begun.Problems;
    }

    private static async Task<Result<ExitCode>> RemoveAsync(RemoveOptions options, Session session, CancellationToken cancellation)
    {
        Result<RaywrightClient> connected = session.Connect();
        if (!connected.Ok)
            return connected.Problems;
        using RaywrightClient client = connected.Value;
        Result<ComputeInfo> found = await client.ComputeAsync(options.Name, cancellation).ConfigureAwait(false);
        if (!found.Ok)
            return found.Problems;
        // Said before anybody is asked.
        if (!found.Value.Environments.IsEmpty)
            return new Problem(Catalogue.ComputeInUse, $"{Users(found.Value)}.", "compute");
        string question = $"Remove the compute {options.Name}? {Users(found.Value)}, and {Load(found.Value)}.";
        if (!options.Yes && !session.Terminal.CanAsk)
            return new Problem(Catalogue.ConfirmationMissing, $"{question} Nobody is at a terminal to say yes.");
        if (!options.Yes && !session.Terminal.Confirm(question))
            return new Problem(Catalogue.CommandCancelled, "Not confirmed; the compute is still there.", Fix: "");
        Result<Operation> begun = await client.RemoveComputeAsync(options.Name, cancellation).ConfigureAwait(false);
        return begun.Ok
            ? await Operations.FinishAsync(session, client, begun.Value, options.NoWait, $"{options.Name} is removed", cancellation).ConfigureAwait(false)
            : begun.Problems;
    }

    private static string Users(ComputeInfo compute) => compute.Environments switch
    {
        [var one] => $"{one} uses it",
        [.. var first, var last] => $"{string.Join(", ", first)} and {last} use it",
        _ => "No environment uses it",
    };

    private static string Load(ComputeInfo compute) => compute.Revisions switch
    {
        0 => "nothing runs there",
        1 => "1 revision runs there",
        _ => string.Create(CultureInfo.InvariantCulture, $"{compute.Revisions} revisions run there"),
    };

    private static void WriteList(Session session, Page<ComputeInfo> page)
    {
        TableView table = new(session.Terminal, session.Clock, "name", "kind", "state", "mode", "address", "software", "environments", "revisions");
        foreach (ComputeInfo one in page.Items)
            table.Add(one.Name, Kind(one), one.State, one.Mode ?? "", one.Dashboard ?? "", one.Software ?? "", string.Join(", ", one.Environments), Number(one.Revisions));
        table.Write("The server has no compute.");
    }

    private static void WriteOne(Session session, ComputeInfo compute)
    {
        new FieldsView(session.Terminal)
            .Add("name", compute.Name)
            .Add("kind", Kind(compute))
            .Add("state", compute.State)
            .Add("mode", compute.Mode)
            .Add("dashboard", compute.Dashboard)
            .Add("serve", compute.Serve)
            .Add("software", compute.Software)
            .Add("environments", string.Join(", ", compute.Environments))
            .Add("revisions", Number(compute.Revisions))
            .Write(indent: "");
        if (!compute.Nodes.IsDefaultOrEmpty)
        {
            session.Terminal.WriteLine();
            TableView table = new(session.Terminal, session.Clock, "node", "address", "role", "cpus", "gpus", "memory");
            foreach (NodeInfo node in compute.Nodes)
                table.Add(Id(session, node), node.Address, node.Head ? "head" : "worker", Number(node.Cpus), Number(node.Gpus), Sizes.Text(node.MemoryBytes));
            table.Write("");
        }
        if (compute.Problem is { } problem)
            session.Problems.Write(ProblemReader.Problems(problem));
    }

    private static string Kind(ComputeInfo compute) => compute.Local && compute.Kind != "embedded" ? $"{compute.Kind}, local" : compute.Kind;

    /// <summary>Ray's IDs have 56 digits; to a person the first ones tell nodes apart.</summary>
    private static string Id(Session session, NodeInfo node) =>
        session.Terminal.IsLive && node.Id.Length > ShownOfAnId ? node.Id[..ShownOfAnId] : node.Id;

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}

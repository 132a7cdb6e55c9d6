using System.CommandLine;
using Raywright.Cli.CommandLine;
using Raywright.Cli.Output;
using Raywright.Core.Api;
using Raywright.Core.Api.Client;
using Raywright.Core.Errors;

namespace Raywright.Cli.Commands;

/// <summary><c>operation</c>: what the server does and did, and how to stop it.</summary>
internal static class OperationCommands
{
    internal sealed record ListOptions;

    internal sealed record CancelOptions(string Id);

    public static Command Create(CliHost host, RunCommand<CancelOptions>? cancel = null) =>
        new Verb("operation", "Operations: what the server does and did")
        {
            new Verb("list", "List the latest; `status ID` shows the steps of one").TalksToServer().Runs<ListOptions>(host, _ => new ListOptions(), (_, session, cancellation) =>
                Listing.ShowAsync(session, client => client.OperationsAsync(cancellation), ApiJson.Default.PageOperation, page => WriteList(session, page))),
            CancelVerb(host, cancel ?? CancelAsync),
        };

    private static Verb CancelVerb(CliHost host, RunCommand<CancelOptions> run)
    {
        Argument<string> id = new("id") { HelpName = "ID", Description = "The operation's ID, as `operation list` shows it" };
        return new Verb("cancel", "Stop one that runs; what serves stays as it is")
        {
            Arguments = { id },
        }.TalksToServer().Runs(host, parse => new CancelOptions(parse.GetValue(id)!), run);
    }

    private static async Task<Result<ExitCode>> CancelAsync(CancelOptions options, Session session, CancellationToken cancellation)
    {
        Result<RaywrightClient> connected = session.Connect();
        if (!connected.Ok)
            return connected.Problems;
        using RaywrightClient client = connected.Value;
        Result<Operation> ended = await client.CancelAsync(options.Id, cancellation).ConfigureAwait(false);
        if (!ended.Ok)
            return ended.Problems;
        if (ended.Value.State != OperationState.Cancelled)
            return new Problem(Catalogue.OperationHasEnded, $"The {ended.Value.Kind} of {ended.Value.Target} has {StatusCommand.Word(ended.Value.State)}.", Fix: $"`raywright status {options.Id}` shows what came of it.");
        if (session.Json)
            session.Terminal.WriteJson(ended.Value, ApiJson.Default.Operation);
        else
            session.Terminal.WriteLine($"The {ended.Value.Kind} of {ended.Value.Target} is cancelled");
        return ExitCode.Ok;
    }

    private static void WriteList(Session session, Page<Operation> page)
    {
        TableView table = new(session.Terminal, session.Clock, "id", "what", "state", "began", "took", "who");
        foreach (Operation operation in page.Items)
        {
            string took = operation.EndedAt is { } end ? Moments.Duration(TimeSpan.FromMicroseconds(end - operation.CreatedAt)) : "";
            table.Add(operation.Id, $"{operation.Kind} {operation.Target}", StatusCommand.Word(operation.State), table.When(operation.CreatedAt), took, operation.Actor ?? "");
        }
        table.Write("The server has done nothing yet.");
    }
}

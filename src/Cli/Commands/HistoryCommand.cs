using System.CommandLine;
using Raywright.Cli.CommandLine;
using Raywright.Cli.Output;
using Raywright.Core.Api;
using Raywright.Core.Api.Client;
using Raywright.Core.Errors;

namespace Raywright.Cli.Commands;

/// <summary><c>history</c>: what happened at an endpoint, from the ledger.</summary>
internal static class HistoryCommand
{
    internal sealed record Options(string? Model, string Environment);

    public static Command Create(CliHost host, RunCommand<Options>? run = null)
    {
        Argument<string?> model = CommonOptions.Model();
        return new Verb("history", "Show what changed at an endpoint: when, by whom, why")
        {
            Examples = [("history iris -e prod", "newest first")],
            Options = { CommonOptions.Environment },
            Arguments = { model },
        }.TalksToServer().Runs(host, parse => new Options(parse.GetValue(model), parse.GetValue(CommonOptions.Environment)!), run ?? RunAsync);
    }

    private static async Task<Result<ExitCode>> RunAsync(Options options, Session session, CancellationToken cancellation)
    {
        Result<string> model = Paths.ModelName(session, options.Model);
        if (!model.Ok)
            return model.Problems;
        Result<RaywrightClient> connected = session.Connect();
        if (!connected.Ok)
            return connected.Problems;
        using RaywrightClient client = connected.Value;
        Result<Page<LedgerRow>> rows = await client.HistoryAsync(options.Environment, model.Value, cancellation).ConfigureAwait(false);
        if (!rows.Ok)
            return rows.Problems;
        if (session.Json)
        {
            session.Terminal.WriteJson(rows.Value, ApiJson.Default.PageLedgerRow);
            return ExitCode.Ok;
        }
        TableView table = new(session.Terminal, session.Clock, "when", "who", "what", "summary");
        foreach (LedgerRow row in rows.Value.Items)
            table.Add(table.When(row.At), row.Actor, row.Action, row.Summary);
        table.Write($"Nothing has happened to {model.Value} in {options.Environment}.");
        return ExitCode.Ok;
    }
}

using System.CommandLine;
using System.Globalization;
using Raywright.Cli.CommandLine;
using Raywright.Cli.Output;
using Raywright.Core.Api;
using Raywright.Core.Api.Client;
using Raywright.Core.Errors;

namespace Raywright.Cli.Commands;

/// <summary><c>ledger</c>: the record of every change at a server.</summary>
internal static class LedgerCommands
{
    internal sealed record ListOptions(string? After);

    internal sealed record VerifyOptions;

    public static Command Create(CliHost host, RunCommand<ListOptions>? list = null, RunCommand<VerifyOptions>? verify = null)
    {
        Option<string?> after = new("--after") { Description = "Go on after this row, as the last page said", HelpName = "ROW" };
        return new Verb("ledger", "The record of every change, each row sealed by the hash of the one before")
        {
            new Verb("list", "List its rows, newest first")
            {
                Options = { after },
            }.TalksToServer().Runs(host, parse => new ListOptions(parse.GetValue(after)), list ?? ListAsync),
            new Verb("verify", "Check that no row was changed or taken out (exit status 1 where one was)")
                .TalksToServer().Runs(host, _ => new VerifyOptions(), verify ?? VerifyAsync),
        };
    }

    private static Task<Result<ExitCode>> ListAsync(ListOptions options, Session session, CancellationToken cancellation) =>
        Listing.ShowAsync(session, client => client.LedgerAsync(options.After, cancellation), ApiJson.Default.PageLedgerRow, page =>
        {
            TableView table = new(session.Terminal, session.Clock, "row", "when", "who", "what", "target", "summary");
            foreach (LedgerRow row in page.Items)
                table.Add(row.Sequence.ToString(CultureInfo.InvariantCulture), table.When(row.At), row.Actor, row.Action, row.Target, row.Summary);
            table.Write("The ledger is empty.");
            if (page.Next is not null && session.Terminal.ShowsProgress)
                session.Terminal.NoteLine($"There is more: `raywright ledger list --after {page.Next}`.");
        });

    private static async Task<Result<ExitCode>> VerifyAsync(VerifyOptions options, Session session, CancellationToken cancellation)
    {
        bool intact = true;
        Result<ExitCode> shown = await Listing.ShowAsync(session, client => VerifyAsync(client, verification => intact = verification.Intact, cancellation), ApiJson.Default.LedgerVerification, verification =>
            session.Terminal.WriteMarkup(verification.Intact
                ? string.Create(CultureInfo.InvariantCulture, $"[green]intact[/]: {verification.Rows} rows, {verification.Sealed} sealed")
                : string.Create(CultureInfo.InvariantCulture, $"[red]broken[/] at row {verification.BrokenAt}: its hash does not follow from the row before"))).ConfigureAwait(false);
        return shown.Ok && !intact ? ExitCode.Error : shown;
    }

    private static async Task<Result<LedgerVerification>> VerifyAsync(RaywrightClient client, Action<LedgerVerification> note, CancellationToken cancellation)
    {
        Result<LedgerVerification> verification = await client.VerifyLedgerAsync(cancellation).ConfigureAwait(false);
        if (verification.Ok)
            note(verification.Value);
        return verification;
    }
}

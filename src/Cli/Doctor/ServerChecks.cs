using Raywright.Cli.CommandLine;
using Raywright.Cli.Homes;
using Raywright.Cli.Output;
using Raywright.Core.Api;
using Raywright.Core.Api.Client;
using Raywright.Core.Errors;

namespace Raywright.Cli.Doctor;

/// <summary>What only the server that commands go to can tell.</summary>
internal static class ServerChecks
{
    private const string Area = "the server";

    public static async Task<IReadOnlyList<CheckDocument>> RunAsync(Session session, CancellationToken cancellation)
    {
        Result<ServerAddress> address = session.Address();
        if (!address.Ok)
            return [Check.Warn(Area, "reached", address.Problems[0].Detail, address.Problems[0].Advice)];
        using RaywrightClient client = new(address.Value.Url, address.Value.Key, session.Clock);
        Result<ServerInfo> info = await client.ServerInfoAsync(cancellation).ConfigureAwait(false);
        if (!info.Ok)
            return [Check.Fail(Area, "reached", info.Problems[0])];
        List<CheckDocument> checks = [Check.Pass(Area, "reached", $"{client.Address}, {info.Value.Store}"), Versions(info.Value)];
        if (address.Value.Key is null)
            return [.. checks, Check.Fail(Area, "key", new Problem(Catalogue.NotSignedIn, $"There is no key for {client.Address}."))];
        Result<Page<EndpointInfo>> endpoints = await client.EndpointsAsync(cancellation).ConfigureAwait(false);
        checks.Add(endpoints.Ok ? Check.Pass(Area, "key", "the server takes it") : Check.Fail(Area, "key", endpoints.Problems[0]));
        if (!endpoints.Ok)
            return checks;
        checks.AddRange(Endpoints(endpoints.Value));
        checks.Add(await LedgerAsync(client, cancellation).ConfigureAwait(false));
        return checks;
    }

    private static CheckDocument Versions(ServerInfo info) => info.Version == ProductVersion.Text
        ? Check.Pass(Area, "version", $"{info.Version}, the same as this command")
        : Check.Warn(Area, "version", $"{Catalogue.ServerTooDifferent.Code}: the server is {info.Version}, this command {ProductVersion.Text}", Catalogue.ServerTooDifferent.Cure);

    private static IEnumerable<CheckDocument> Endpoints(Page<EndpointInfo> page)
    {
        EndpointInfo[] unwell = [.. page.Items.Where(endpoint => endpoint.State == EndpointState.Unhealthy)];
        foreach (EndpointInfo endpoint in unwell)
            yield return Check.Warn(Area, "endpoint", $"{endpoint.Model} in {endpoint.Environment} is unhealthy: {endpoint.Reason}", $"`raywright logs {endpoint.Model} -e {endpoint.Environment}` may say more; `raywright deploy` replaces it.");
        if (unwell.Length == 0)
            yield return Check.Pass(Area, "endpoints", page.Items.IsEmpty ? "none yet" : $"{page.Items.Length}, none unhealthy");
    }

    private static async Task<CheckDocument> LedgerAsync(RaywrightClient client, CancellationToken cancellation)
    {
        Result<LedgerVerification> ledger = await client.VerifyLedgerAsync(cancellation).ConfigureAwait(false);
        if (!ledger.Ok)
            return Check.Warn(Area, "ledger", $"{ledger.Problems[0].Code}: {ledger.Problems[0].Detail}", "Only a key with the scope admin may verify it.");
        return ledger.Value.Intact
            ? Check.Pass(Area, "ledger", $"{ledger.Value.Rows} rows, intact")
            : new CheckDocument(Area, "ledger", Check.Failed, $"its chain breaks at row {ledger.Value.BrokenAt}", "Somebody changed the database; restore it from a backup and find out who.");
    }
}

using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Raywright.Cli.CommandLine;
using Raywright.Cli.Output;
using Raywright.Core.Api;
using Raywright.Core.Api.Client;
using Raywright.Core.Errors;

namespace Raywright.Cli.Commands;

/// <summary><c>key</c>: who may use a server, and for what.</summary>
internal static class KeyCommands
{
    private static readonly string[] Scopes = ["query", "deploy", "admin"];

    internal sealed record ListOptions;

    internal sealed record CreateOptions(string Name, ImmutableArray<string> Scopes, ImmutableArray<string> Endpoints, int? Days);

    internal sealed record RevokeOptions(string Id, bool Yes);

    public static Command Create(CliHost host, RunCommand<CreateOptions>? create = null, RunCommand<RevokeOptions>? revoke = null) =>
        new Verb("key", "Keys: who may use the server, and for what")
        {
            new Verb("list", "List them").TalksToServer().Runs<ListOptions>(host, _ => new ListOptions(), (_, session, cancellation) =>
                Listing.ShowAsync(session, client => client.KeysAsync(cancellation), ApiJson.Default.PageKeyInfo, page => WriteList(session, page))),
            CreateVerb(host, create ?? CreateAsync),
            RevokeVerb(host, revoke ?? RevokeAsync),
        };

    private static Verb CreateVerb(CliHost host, RunCommand<CreateOptions> run)
    {
        Argument<string> name = new("name") { HelpName = "NAME", Description = "What it is for, e.g. the program that uses it" };
        Option<string[]> scope = new("--scope") { Description = "What it may do: query, deploy or admin; may be given several times (default query)", HelpName = "SCOPE" };
        scope.AcceptOnlyFromAmong(Scopes);
        Option<string[]> endpoint = new("--endpoint") { Description = "Where: ENV/MODEL with * for any; may be given several times (default everywhere)", HelpName = "PATTERN" };
        Option<int?> days = CommonOptions.Number("--days", "Expires after so many days", 1, 36_500);
        return new Verb("create", "Make one; it is shown once and never again")
        {
            Examples = [("key create web --endpoint 'prod/iris'", "a key that may ask iris in prod"), ("key create ci --scope deploy --days 90", "a key for a pipeline")],
            Options = { scope, endpoint, days },
            Arguments = { name },
        }.TalksToServer().Runs(
            host,
            parse => new CreateOptions(parse.GetValue(name)!, parse.GetValue(scope) is { Length: > 0 } given ? [.. given] : ["query"], [.. parse.GetValue(endpoint) ?? []], parse.GetValue(days)),
            run);
    }

    private static Verb RevokeVerb(CliHost host, RunCommand<RevokeOptions> run)
    {
        Argument<string> id = new("id") { HelpName = "ID", Description = "The key's ID, as `key list` shows it" };
        return new Verb("revoke", "Make one invalid, at once and for good")
        {
            Options = { CommonOptions.Yes },
            Arguments = { id },
        }.TalksToServer().Runs(host, parse => new RevokeOptions(parse.GetValue(id)!, parse.GetValue(CommonOptions.Yes)), run);
    }

    private static async Task<Result<ExitCode>> CreateAsync(CreateOptions options, Session session, CancellationToken cancellation)
    {
        long? expires = options.Days is { } days ? (session.Clock.GetUtcNow().AddDays(days) - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond : null;
        return await Listing.ShowAsync(session, client => client.CreateKeyAsync(new KeyRequest(options.Name, options.Scopes, options.Endpoints, expires), cancellation), ApiJson.Default.KeyCreated, created =>
        {
            session.Terminal.WriteLine(created.Key);
            if (session.Terminal.ShowsProgress)
                session.Terminal.NoteLine($"Keep it now: it is shown once. It may {string.Join(", ", created.Info.Scopes)} {Where(created.Info)}.");
        }).ConfigureAwait(false);
    }

    private static async Task<Result<ExitCode>> RevokeAsync(RevokeOptions options, Session session, CancellationToken cancellation)
    {
        Result<RaywrightClient> connected = session.Connect();
        if (!connected.Ok)
            return connected.Problems;
        using RaywrightClient client = connected.Value;
        Result<Page<KeyInfo>> keys = await client.KeysAsync(cancellation).ConfigureAwait(false);
        if (!keys.Ok)
            return keys.Problems;
        if (keys.Value.Items.FirstOrDefault(one => one.Id == options.Id) is not { } key)
            return new Problem(Catalogue.NotFound, $"There is no key {options.Id}.", Fix: "`raywright key list` shows them.");
        string question = $"Revoke the key {key.Id} ({key.Name})? What uses it stops working.";
        if (!options.Yes && !session.Terminal.CanAsk)
            return new Problem(Catalogue.ConfirmationMissing, $"{question} Nobody is at a terminal to say yes.");
        if (!options.Yes && !session.Terminal.Confirm(question))
            return new Problem(Catalogue.CommandCancelled, "Not confirmed; the key is as valid as before.", Fix: "");
        Result<string> revoked = await client.RevokeKeyAsync(options.Id, cancellation).ConfigureAwait(false);
        if (!revoked.Ok)
            return revoked.Problems;
        if (session.Json)
            session.Terminal.WriteJson(key with { Revoked = true }, ApiJson.Default.KeyInfo);
        else
            session.Terminal.WriteLine($"{key.Id} ({key.Name}) is revoked");
        return ExitCode.Ok;
    }

    private static void WriteList(Session session, Page<KeyInfo> page)
    {
        long now = (session.Clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        TableView table = new(session.Terminal, session.Clock, "id", "name", "scopes", "where", "state", "last used", "created");
        foreach (KeyInfo key in page.Items)
            table.Add(key.Id, key.Name, string.Join(", ", key.Scopes), Where(key), key.Revoked ? "revoked" : key.ExpiresAt < now ? "expired" : "active", table.When(key.LastUsedAt), table.When(key.CreatedAt));
        table.Write("The server has no key.");
    }

    private static string Where(KeyInfo key) => key.Endpoints.IsDefaultOrEmpty ? "everywhere" : string.Join(", ", key.Endpoints);
}

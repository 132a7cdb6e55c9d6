using System.Text;
using System.Text.Json;
using Raywright.Cli.CommandLine;
using Raywright.Cli.Homes;
using Raywright.Cli.Output;
using Raywright.Cli.Servers;
using Raywright.Core.Api;
using Raywright.Core.Api.Client;
using Raywright.Core.Errors;
using Spectre.Console;

namespace Raywright.Cli.Commands;

/// <summary>What <c>up</c> says when the model serves: where it is, how to ask it, what it answers, what comes next.</summary>
internal sealed class UpReport(Session session, RaywrightClient owner, LocalServer server, UpCommand.Options options, string ownerKey)
{
    /// <summary>A longer question goes into a file, so that the command can still be pasted.</summary>
    private const int LongestInline = 800;

    public async Task<Result<ExitCode>> WriteAsync(DeployResult deployed, CancellationToken cancellation)
    {
        Result<string> queryKey = await QueryKeyAsync(cancellation).ConfigureAwait(false);
        if (!queryKey.Ok)
            return queryKey.Problems;
        byte[]? question = deployed.Question is { } asked ? Encoding.UTF8.GetBytes(JsonView.OneLine(asked.Request)) : null;
        ServedAnswer? answer = null;
        if (question is not null)
        {
            using RaywrightClient client = new(owner.Server, queryKey.Value, session.Clock);
            Result<ServedAnswer> answered = await client.QueryAsync(deployed.Environment, deployed.Model, question, cancellation).ConfigureAwait(false);
            if (!answered.Ok)
                return answered.Problems;
            answer = answered.Value;
        }
        Result<AppLink> link = await owner.AppLinkAsync(cancellation).ConfigureAwait(false);
        string? app = link.Ok ? link.Value.Url : null;
        string endpoint = $"{owner.Address}/serve/{deployed.Environment}/predict/{deployed.Model}";
        string? data = question is null ? null : Data(deployed, question);
        if (session.Json)
            WriteJson(deployed, endpoint, app, queryKey.Value, data, answer);
        else
            Write(deployed, endpoint, app, queryKey.Value, data, answer);
        session.Terminal.Flush();
        return ExitCode.Ok;
    }

    private void WriteJson(DeployResult deployed, string endpoint, string? app, string queryKey, string? data, ServedAnswer? answer) =>
        session.Terminal.WriteJson(
            new UpDocument(
                owner.Address, ownerKey, deployed.Model, deployed.Environment, deployed.Version, deployed.Revision, server.Info.Pid,
                endpoint, app, queryKey, data is null ? null : Curl(endpoint, queryKey, data, " "), answer is null ? null : JsonElement.Parse(answer.Body), server.Started, session.Home.Path),
            CliJson.Default.UpDocument);

    private void Write(DeployResult deployed, string endpoint, string? app, string queryKey, string? data, ServedAnswer? answer)
    {
        Terminal terminal = session.Terminal;
        terminal.WriteLine();
        terminal.WriteMarkup($"[bold green]{deployed.Model}:{deployed.Version} serves in {deployed.Environment}[/] [grey](revision {deployed.Revision})[/]");
        new FieldsView(terminal).Add("app", app is null ? null : $"{app} (opens once, within 5 minutes)").Add("endpoint", endpoint).Write();
        if (data is not null)
        {
            terminal.WriteLine();
            terminal.WriteLine("Ask it from anywhere on this machine:");
            terminal.WriteLine();
            terminal.WriteLine($"  {Curl(endpoint, queryKey, data, " \\\n    ")}");
        }
        if (answer is not null)
        {
            terminal.WriteLine();
            terminal.WriteLine($"It answers, in {Moments.Duration(answer.Elapsed)}:");
            terminal.WriteLine();
            terminal.WriteLine($"  {Shortened(Encoding.UTF8.GetString(answer.Body))}");
        }
        terminal.WriteLine();
        WriteNext(deployed, app);
    }

    private void WriteNext(DeployResult deployed, string? app)
    {
        Terminal terminal = session.Terminal;
        if (options.Browser && app is not null && terminal.IsLive && !Browser.TryOpen(session.Host, app))
            terminal.NoteLine("No browser was found here; open the app with the link above.");
        string home = session.Home.IsDefault(session.Host) ? "" : $" --home {session.Host.Shown(session.Home.Path)}";
        // Run from a checkout, the program is not on the path.
        string program = session.Host.Variable("RAYWRIGHT_COMMAND") ?? "raywright";
        terminal.WriteLine("Next:");
        terminal.WriteLine($"  {program} query {deployed.Model} --example{home}");
        terminal.WriteLine($"  {program} status{home}");
        if (options.Detach)
            terminal.WriteLine($"  {program} down{home}   stops the server (process {server.Info.Pid})");
        else if (options.Watch)
            terminal.WriteLine($"Each save of the model's files is deployed. Ctrl-C {(server.Started ? "stops the server" : "stops watching; the server goes on")}.");
        else if (server.Started)
            terminal.WriteLine("Ctrl-C stops the server.");
    }

    /// <summary>A key that may only ask models in dev: what is pasted into a notebook should not be able to do more.</summary>
    private async Task<Result<string>> QueryKeyAsync(CancellationToken cancellation)
    {
        if (HomeFolder.ReadSecret(session.Home.QueryKeyFile) is { } kept)
        {
            using RaywrightClient holder = new(owner.Server, kept, session.Clock);
            if ((await holder.EnvironmentsAsync(cancellation).ConfigureAwait(false)).Ok)
                return kept;
        }
        Result<KeyCreated> created = await owner.CreateKeyAsync(new KeyRequest("up", ["query"], [$"{CommonOptions.DefaultEnvironment}/*"]), cancellation).ConfigureAwait(false);
        if (!created.Ok)
            return created.Problems;
        return HomeFolder.WriteSecret(session.Home.QueryKeyFile, created.Value.Key) is { } problem ? problem : created.Value.Key;
    }

    private string Data(DeployResult deployed, byte[] question)
    {
        string text = Encoding.UTF8.GetString(question);
        if (text.Length <= LongestInline)
            return ShellQuoted(text);
        string file = Path.Combine(session.Home.Path, $"example-{deployed.Environment}-{deployed.Model}.json");
        File.WriteAllText(file, text);
        return ShellQuoted($"@{file}");
    }

    private static string Curl(string endpoint, string key, string data, string between) =>
        string.Join(between, $"curl {endpoint}", $"-H 'Authorization: Bearer {key}'", "-H 'Content-Type: application/json'", $"-d {data}");

    /// <summary>An answer of hundreds of numbers would push everything else off the screen; <c>query</c> shows the whole.</summary>
    private static string Shortened(string answer) => answer.Length <= LongestInline ? answer : $"{answer[..LongestInline]} …";

    private static string ShellQuoted(string text) => $"'{text.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}

using System.Collections.Immutable;
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Raywright.Cli.CommandLine;
using Raywright.Cli.Servers;
using Raywright.Core.Errors;

namespace Raywright.Cli.Commands;

/// <summary><c>server</c>: runs a server in the foreground, for service managers and containers.</summary>
internal static class ServerCommand
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(30);

    internal sealed record Options(int Port, int? OpsPort, int? AppPort, string? Store, ImmutableArray<string> AppHosts);

    public static Command Create(CliHost host, RunCommand<Options>? run = null)
    {
        Option<int?> port = CommonOptions.Number("--port", $"Port on 127.0.0.1 (default {Ports.Default})", 1, 65535);
        Option<int?> ops = CommonOptions.Number("--ops-port", "A port of its own for /health and /metrics", 1, 65535);
        Option<int?> app = CommonOptions.Number("--app-port", "A port of its own for the app", 1, 65535);
        Option<string?> store = new("--store") { Description = "PostgreSQL instead of SQLite in the home folder", HelpName = "CONNECTION" };
        Option<string[]> appHost = new("--app-host") { Description = "A host name under which people open the app, e.g. that of a proxy; may be given several times", HelpName = "NAME" };
        return new Verb("server", "Run a server in the foreground, until it is told to stop")
        {
            Details = "It logs to standard output and ends on SIGTERM after answering what is in flight. For trying things out, `up` is easier.",
            Examples = [("server --port 8080 --home /srv/raywright", "")],
            Options = { port, ops, app, store, appHost },
        }.Runs(host, parse => new Options(parse.GetValue(port) ?? Ports.Default, parse.GetValue(ops), parse.GetValue(app), parse.GetValue(store), [.. parse.GetValue(appHost) ?? []]), run ?? RunAsync);
    }

    private static async Task<Result<ExitCode>> RunAsync(Options options, Session session, CancellationToken cancellation)
    {
        Result<string> program = ServerProgram.Find(session.Host);
        if (!program.Ok)
            return program.Problems;
        if (session.Home.Create() is { } unwritable)
            return unwritable;
        if (Ports.Taken(options.Port) is { } taken)
            return taken;
        bool library = program.Value.EndsWith(".dll", StringComparison.Ordinal);
        string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
        string[] arguments =
        [
            .. library ? [program.Value] : Array.Empty<string>(),
            "--role", "all", "--port", Text(options.Port), "--home", session.Home.Path,
            .. options.OpsPort is { } ops ? ["--ops-port", Text(ops)] : Array.Empty<string>(),
            .. options.AppPort is { } app ? ["--app-port", Text(app)] : Array.Empty<string>(),
            .. options.Store is { } store ? ["--store", store] : Array.Empty<string>(),
            .. options.AppHosts.SelectMany(name => new[] { "--app-host", name }),
        ];
        using Process process = Process.Start(new ProcessStartInfo(library ? "dotnet" : program.Value, arguments) { UseShellExecute = false })!;
        try
        {
            await process.WaitForExitAsync(cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            if (!await ProcessSignals.TerminateAsync(process.Id, StopPatience, session.Clock, CancellationToken.None).ConfigureAwait(false))
                await ProcessSignals.KillAsync(process.Id, StopPatience, session.Clock).ConfigureAwait(false);
            return ExitCode.Ok;
        }
        return process.ExitCode == 0
            ? ExitCode.Ok
            : new Problem(Catalogue.ServerStartFailed, string.Create(CultureInfo.InvariantCulture, $"The server ended with status {process.ExitCode}; it said why above."));
    }
}

using System.CommandLine;
using System.Globalization;
using Raywright.Cli.CommandLine;
using Raywright.Cli.Output;
using Raywright.Cli.Servers;
using Raywright.Core.Api;
using Raywright.Core.Errors;

namespace Raywright.Cli.Commands;

/// <summary><c>down</c>: stops the server of the home folder.</summary>
internal static class DownCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    internal sealed record Options;

    public static Command Create(CliHost host, RunCommand<Options>? run = null) => new Verb("down", "Stop the server that `up --detach` left running")
    {
        Details = "Requests in flight are answered first. Models, keys and history stay in the home folder; `up` serves them again.",
        Examples = [("down", ""), ("down --home /srv/raywright", "the server of another home folder")],
    }.Runs(host, _ => new Options(), run ?? ((_, session, cancellation) => RunAsync(session, cancellation)));

    private static async Task<Result<ExitCode>> RunAsync(Session session, CancellationToken cancellation)
    {
        if (session.Home.ReadServer() is not { } server || !Runs(server))
            return Done(session, null);
        if (!await ProcessSignals.TerminateAsync(server.Pid, Patience, session.Clock, cancellation).ConfigureAwait(false))
            return new Problem(Catalogue.ServerNotStopping, string.Create(CultureInfo.InvariantCulture, $"The server with process ID {server.Pid} still runs after {Patience.TotalSeconds:0} s."), Fix: string.Create(CultureInfo.InvariantCulture, $"`kill -9 {server.Pid}` ends it; nothing acknowledged is lost."));
        return Done(session, server.Pid);
    }

    /// <summary>A process with the announced ID that began when the server did.</summary>
    private static bool Runs(ServerInfo server) =>
        ProcessSignals.IsAlive(server.Pid) && ProcessSignals.StartedAround(server.Pid, Moments.Instant(server.StartedAt));

    private static ExitCode Done(Session session, int? pid)
    {
        if (session.Json)
            session.Terminal.WriteJson(new DownDocument(pid is not null, pid), CliJson.Default.DownDocument);
        else
            session.Terminal.WriteLine(pid is null ? $"No server runs on {session.Home.Path}." : string.Create(CultureInfo.InvariantCulture, $"The server (process {pid}) has stopped."));
        return ExitCode.Ok;
    }
}

using System.Diagnostics;
using System.Globalization;
using Raywright.Cli.CommandLine;
using Raywright.Cli.Homes;
using Raywright.Core.Api;
using Raywright.Core.Api.Client;
using Raywright.Core.Errors;

namespace Raywright.Cli.Servers;

/// <summary>The server on a home folder of this machine: found running, or started by this command.</summary>
internal sealed class LocalServer : IDisposable
{
    private static readonly TimeSpan ReadyPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// Puts the server into a session of its own, so that Ctrl-C reaches only this program, which then stops it in good order; its
    /// output goes to the log, so that it does not depend on us. The process ID stays that of the shell.
    /// </summary>
    private const string Script = """
        umask 077
        exec >>"$RAYWRIGHT_SERVER_LOG" 2>&1
        unset RAYWRIGHT_SERVER_LOG
        if [ "$RAYWRIGHT_DETACHED" = 1 ]; then exec </dev/null; fi
        unset RAYWRIGHT_DETACHED
        if command -v setsid >/dev/null 2>&1; then exec setsid "$0" "$@"; fi
        trap '' INT HUP
        exec "$0" "$@"
        """;

    private readonly Process? process;
    private readonly ServerLog log;

    private LocalServer(ServerInfo info, Process? process, ServerLog log) => (Info, this.process, this.log) = (info, process, log);

    public ServerInfo Info { get; }

    /// <summary>Whether this command started it, so that this command stops it.</summary>
    public bool Started => process is not null;

    /// <summary>The server that runs on the home folder; null where none answers.</summary>
    public static async Task<LocalServer?> FindAsync(Session session, CancellationToken cancellation) =>
        session.Home.ReadServer() is { } announced && await AnswersAsync(session, announced, cancellation).ConfigureAwait(false)
            ? new(announced, null, new ServerLog(session.Home.ServerLog))
            : null;

    /// <summary>Starts one and waits until it is ready.</summary>
    public static async Task<Result<LocalServer>> StartAsync(Session session, string program, int port, bool detached, CancellationToken cancellation)
    {
        if (session.Home.Create() is { } unwritable)
            return unwritable;
        if (Ports.Taken(port) is { } taken)
            return taken;
        ServerLog said = new(session.Home.ServerLog);
        Process child = Launch(session.Home, program, port, detached);
        try
        {
            long start = session.Clock.GetTimestamp();
            while (session.Clock.GetElapsedTime(start) < ReadyPatience)
            {
                if (child.HasExited)
                    return said.Refusal() ?? new Problem(Catalogue.ServerStartFailed, $"The server ended {How(child)} before it was ready. {said.Tail()}");
                if (session.Home.ReadServer() is { } info && info.Pid == child.Id && await AnswersAsync(session, info, cancellation).ConfigureAwait(false))
                    return new LocalServer(info, child, said);
                await Task.Delay(Pause, session.Clock, cancellation).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            End(child);
            throw;
        }
        End(child);
        return new Problem(Catalogue.ServerStartFailed, $"The server was not ready within {ReadyPatience.TotalSeconds:0} s. {said.Tail()}");
    }

    /// <summary>Waits until the server is gone; says how that came.</summary>
    public async Task<Problem> DiedAsync(TimeProvider clock, CancellationToken cancellation)
    {
        if (process is not null)
        {
            await process.WaitForExitAsync(cancellation).ConfigureAwait(false);
            return new(Catalogue.ServerDied, $"The server ended {How(process)}. {log.Tail()}");
        }
        while (ProcessSignals.IsAlive(Info.Pid))
            await Task.Delay(TimeSpan.FromMilliseconds(500), clock, cancellation).ConfigureAwait(false);
        return new(Catalogue.ServerDied, string.Create(CultureInfo.InvariantCulture, $"The server with process ID {Info.Pid} has ended. {log.Tail()}"));
    }

    /// <summary>Stops what this command started, giving requests in flight time to end.</summary>
    public async Task StopAsync(TimeProvider clock)
    {
        if (process is null || process.HasExited)
            return;
        if (!await ProcessSignals.TerminateAsync(process.Id, StopPatience, clock, CancellationToken.None).ConfigureAwait(false))
            End(process);
    }

    public void Dispose() => process?.Dispose();

    private static async Task<bool> AnswersAsync(Session session, ServerInfo announced, CancellationToken cancellation)
    {
        if (!ProcessSignals.IsAlive(announced.Pid))
            return false;
        using RaywrightClient client = new(new Uri(announced.Url), null, session.Clock);
        Result<ServerInfo> info = await client.ServerInfoAsync(cancellation).ConfigureAwait(false);
        return info.Ok && info.Value.Pid == announced.Pid;
    }

    private static Process Launch(HomeFolder home, string program, int port, bool detached)
    {
        bool library = program.EndsWith(".dll", StringComparison.Ordinal);
        ProcessStartInfo start = new("/bin/sh", ["-c", Script, library ? "dotnet" : program])
        {
            UseShellExecute = false,
            // Its end is the server's sign to stop when this program dies without a word.
            RedirectStandardInput = true,
        };
        if (library)
            start.ArgumentList.Add(program);
        string[] arguments = ["--role", "all", "--port", port.ToString(CultureInfo.InvariantCulture), "--home", home.Path];
        foreach (string argument in detached ? arguments : [.. arguments, "--stop-with-stdin"])
            start.ArgumentList.Add(argument);
        start.Environment["RAYWRIGHT_SERVER_LOG"] = home.ServerLog;
        start.Environment["RAYWRIGHT_DETACHED"] = detached ? "1" : "0";
        return Process.Start(start)!;
    }

    private static void End(Process process)
    {
        if (!process.HasExited)
            process.Kill();
    }

    private static string How(Process process) => process.ExitCode > 128
        ? string.Create(CultureInfo.InvariantCulture, $"by signal {process.ExitCode - 128}")
        : string.Create(CultureInfo.InvariantCulture, $"with status {process.ExitCode}");
}

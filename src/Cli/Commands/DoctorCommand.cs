using System.CommandLine;
using Raywright.Cli.CommandLine;
using Raywright.Cli.Doctor;
using Raywright.Cli.Output;
using Raywright.Core.Errors;
using Spectre.Console;

namespace Raywright.Cli.Commands;

/// <summary><c>doctor</c>: checks this machine, the home folder and the server, and says what to do about what it finds.</summary>
internal static class DoctorCommand
{
    internal sealed record Options;

    public static Command Create(CliHost host, RunCommand<Options>? run = null) => new Verb("doctor", "Check this machine, the home folder and the server")
    {
        Details = "Each check passes, warns or fails, with what to do about it. Exit status 1 where one fails.",
    }.TalksToServer().Runs(host, _ => new Options(), run ?? ((_, session, cancellation) => RunAsync(session, cancellation)));

    private static async Task<Result<ExitCode>> RunAsync(Session session, CancellationToken cancellation)
    {
        List<CheckDocument> checks = [.. MachineChecks.Run(session)];
        checks.AddRange(await ServerChecks.RunAsync(session, cancellation).ConfigureAwait(false));
        bool healthy = checks.TrueForAll(check => check.Outcome != Check.Failed);
        if (session.Json)
            session.Terminal.WriteJson(new DoctorDocument(healthy, [.. checks]), CliJson.Default.DoctorDocument);
        else
            Write(session, checks);
        return healthy ? ExitCode.Ok : ExitCode.Error;
    }

    private static void Write(Session session, List<CheckDocument> checks)
    {
        foreach (IGrouping<string, CheckDocument> area in checks.GroupBy(check => check.Area, StringComparer.Ordinal))
        {
            if (session.Terminal.IsLive)
                session.Terminal.WriteMarkup($"[bold]{area.Key}[/]");
            foreach (CheckDocument check in area)
                Write(session, check);
        }
        int failed = checks.Count(check => check.Outcome == Check.Failed), warned = checks.Count(check => check.Outcome == Check.Warned);
        if (session.Terminal.IsLive)
            session.Terminal.WriteLine($"{checks.Count - failed - warned} passed, {warned} warnings, {failed} failed");
    }

    private static void Write(Session session, CheckDocument check)
    {
        if (!session.Terminal.IsLive)
        {
            session.Terminal.WriteLine($"{check.Outcome}\t{check.Area}\t{check.Check}\t{check.Message}\t{check.Fix}");
            return;
        }
        string mark = check.Outcome switch
        {
            Check.Passed => "[green]✓[/]",
            Check.Warned => "[yellow]![/]",
            _ => "[red]✗[/]",
        };
        session.Terminal.WriteMarkup($"  {mark} {Markup.Escape(check.Check.PadRight(12))} {Markup.Escape(check.Message)}");
        if (check.Fix is { } fix)
            session.Terminal.WriteMarkup($"    [green]fix:[/] {Markup.Escape(fix)}");
    }
}

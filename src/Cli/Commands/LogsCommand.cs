using System.CommandLine;
using System.Globalization;
using Raywright.Cli.CommandLine;
using Raywright.Cli.Output;
using Raywright.Core.Api;
using Raywright.Core.Api.Client;
using Raywright.Core.Errors;
using Spectre.Console;

namespace Raywright.Cli.Commands;

/// <summary><c>logs</c>: what the replicas of an endpoint wrote and which requests they answered.</summary>
internal static class LogsCommand
{
    internal sealed record Options(string? Model, string Environment, bool Follow);

    public static Command Create(CliHost host, RunCommand<Options>? run = null)
    {
        Argument<string?> model = CommonOptions.Model();
        Option<bool> follow = new("--follow", "-f") { Description = "Go on as new lines come, until Ctrl-C" };
        return new Verb("logs", "Show what an endpoint's replicas wrote and which requests they answered")
        {
            Details = "With --json and --follow there is one JSON document a line.",
            Examples = [("logs iris", "the latest lines"), ("logs iris -f", "and what comes")],
            Options = { CommonOptions.Environment, follow },
            Arguments = { model },
        }.TalksToServer().Runs(host, parse => new Options(parse.GetValue(model), parse.GetValue(CommonOptions.Environment)!, parse.GetValue(follow)), run ?? RunAsync);
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
        if (options.Follow)
            return await FollowAsync(session, client, options.Environment, model.Value, cancellation).ConfigureAwait(false);
        Result<Page<LogLine>> lines = await client.LogsAsync(options.Environment, model.Value, cancellation).ConfigureAwait(false);
        if (!lines.Ok)
            return lines.Problems;
        if (session.Json)
        {
            session.Terminal.WriteJson(lines.Value, ApiJson.Default.PageLogLine);
            return ExitCode.Ok;
        }
        foreach (LogLine line in lines.Value.Items)
            Write(session, line);
        if (lines.Value.Items.IsEmpty && session.Terminal.IsLive)
            session.Terminal.NoteLine($"{model.Value} in {options.Environment} has written nothing and answered nothing yet.");
        return ExitCode.Ok;
    }

    /// <summary>Ctrl-C is how following ends, so it is no failure.</summary>
    private static async Task<Result<ExitCode>> FollowAsync(Session session, RaywrightClient client, string environment, string model, CancellationToken cancellation)
    {
        FollowOptions options = FollowOptions.Default with
        {
            Connected = there => session.Terminal.Note(there ? "[yellow]connected again[/]" : "[yellow]the connection to the server is lost; trying again[/]"),
        };
        try
        {
            await foreach (Result<LogLine> line in client.FollowLogsAsync(environment, model, options, cancellation).ConfigureAwait(false))
            {
                if (!line.Ok)
                    return line.Problems;
                if (session.Json)
                    session.Terminal.WriteJsonLine(line.Value, ApiJson.Default.LogLine);
                else
                    Write(session, line.Value);
                session.Terminal.Flush();
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
        }
        return ExitCode.Ok;
    }

    private static void Write(Session session, LogLine line)
    {
        if (!session.Terminal.IsLive)
        {
            session.Terminal.WriteLine($"{Moments.Rfc3339(line.At)}\t{line.Revision}\t{line.Source}\t{line.RequestId}\t{line.Text}");
            return;
        }
        string time = TimeZoneInfo.ConvertTime(Moments.Instant(line.At), session.Clock.LocalTimeZone).ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);
        string colour = line.Source == "stderr" ? "red" : "blue";
        session.Terminal.WriteMarkup($"[grey]{time}[/] [{colour}]{Markup.Escape(line.Source.PadRight(7))}[/] {Markup.Escape(line.Text)}");
    }
}

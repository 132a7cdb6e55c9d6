using Raywright.Cli.CommandLine;
using Raywright.Cli.Models;
using Raywright.Cli.Output;
using Raywright.Core.Api;
using Raywright.Core.Api.Client;
using Raywright.Core.Errors;

namespace Raywright.Cli.Commands;

/// <summary>What commands that start an operation have in common.</summary>
internal static class Operations
{
    /// <summary>For <c>--no-wait</c>: the operation, and how to see what becomes of it.</summary>
    public static Result<ExitCode> Begun(Session session, Operation operation)
    {
        if (session.Json)
        {
            session.Terminal.WriteJson(operation, ApiJson.Default.Operation);
            return ExitCode.Ok;
        }
        session.Terminal.WriteLine(operation.Id);
        if (session.Terminal.ShowsProgress)
            session.Terminal.NoteLine($"It runs in the server; see it with `raywright status {operation.Id}`.");
        return ExitCode.Ok;
    }

    /// <summary>Follows an operation, then prints it or one line.</summary>
    public static async Task<Result<ExitCode>> FinishAsync(Session session, RaywrightClient client, Operation begun, bool noWait, string done, CancellationToken cancellation)
    {
        if (noWait)
            return Begun(session, begun);
        using StepView view = new(session.Terminal, session.Clock, session.Problems);
        Result<Operation> ended = await DeployFlow.FollowAsync(session, client, begun, view, cancellation).ConfigureAwait(false);
        if (!ended.Ok)
            return ended.Problems;
        if (session.Json)
            session.Terminal.WriteJson(ended.Value, ApiJson.Default.Operation);
        else
            session.Terminal.WriteLine(done);
        return ExitCode.Ok;
    }
}

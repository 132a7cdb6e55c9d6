using System.Collections.Immutable;
using System.CommandLine;
using Raywright.Cli.CommandLine;
using Raywright.Cli.Models;
using Raywright.Cli.Output;
using Raywright.Core.Api;
using Raywright.Core.Api.Client;
using Raywright.Core.Errors;

namespace Raywright.Cli.Commands;

/// <summary><c>test</c>: the tests of a model folder, run where it would be deployed, without giving it traffic.</summary>
internal static class TestCommand
{
    internal sealed record Options(string? Path, string Environment, bool NoWait, bool Trust);

    public static Command Create(CliHost host, RunCommand<Options>? run = null)
    {
        Argument<string?> path = Paths.Argument();
        return new Verb("test", "Run the tests of the model in a folder, without deploying it")
        {
            Details = "Asks the model its cases in a process of its own and measures its quality. Exit status 3 where a test fails.",
            Examples = [("test samples/iris", "its cases and its quality bar")],
            Options = { CommonOptions.Environment, CommonOptions.NoWait, CommonOptions.Trust },
            Arguments = { path },
        }.TalksToServer().Runs(host, parse => new Options(parse.GetValue(path), parse.GetValue(CommonOptions.Environment)!, parse.GetValue(CommonOptions.NoWait), parse.GetValue(CommonOptions.Trust)), run ?? RunAsync);
    }

    private static async Task<Result<ExitCode>> RunAsync(Options options, Session session, CancellationToken cancellation)
    {
        Result<LocalModel> model = Paths.Load(session, options.Path, options.Environment);
        if (!model.Ok)
            return model.Problems;
        Result<RaywrightClient> connected = session.Connect();
        if (!connected.Ok)
            return connected.Problems;
        using RaywrightClient client = connected.Value;
        Result<ImmutableArray<string>> vouched = new FileTrust(session, options.Trust).Of(model.Value, client.Server.IsLoopback);
        if (!vouched.Ok)
            return vouched.Problems;
        Result<Operation> begun;
        using (StepView view = new(session.Terminal, session.Clock, session.Problems))
        {
            Result<long> sent = await DeployFlow.UploadAsync(session, client, model.Value, view, cancellation).ConfigureAwait(false);
            begun = sent.Ok
                ? await client.TestAsync(options.Environment, model.Value.Name, model.Value.Request(null, vouched.Value), cancellation).ConfigureAwait(false)
                : sent.Problems;
        }
        return begun.Ok
            ? await Operations.FinishAsync(session, client, begun.Value, options.NoWait, $"{model.Value.Name} passes its tests", cancellation).ConfigureAwait(false)
            : begun.Problems;
    }
}

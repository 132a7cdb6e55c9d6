using System.Collections.Immutable;
using System.CommandLine;
using Raywright.Cli.CommandLine;
using Raywright.Core.Api;
using Raywright.Core.Api.Client;
using Raywright.Core.Errors;

namespace Raywright.Cli.Commands;

/// <summary><c>compute add</c>: a Ray cluster that runs already, or one that the server starts itself.</summary>
internal static class ComputeAdd
{
    internal sealed record Options(
        string Name, string? Dashboard, string? Serve, string? TokenFile, string? AuthorityFile, ImmutableArray<string> Headers, bool Local, string? Python, bool Install, bool NoWait,
        bool Declare = false, bool ShareList = false);

    public static Verb Create(CliHost host, RunCommand<Options>? run = null)
    {
        Argument<string> name = new("name") { HelpName = "NAME", Description = "What it is to be called: a DNS label of at most 30 characters" };
        Option<string?> dashboard = new("--dashboard") { Description = "Address of Ray's dashboard, e.g. http://ray-head:8265", HelpName = "URL" };
        Option<string?> serve = new("--serve") { Description = "Address of Ray Serve's proxy (default: the dashboard's host and port 8000)", HelpName = "URL" };
        Option<string?> token = new("--token-file") { Description = "File with the token of Ray's token authentication, or - for standard input", HelpName = "FILE" };
        Option<string?> authority = new("--ca") { Description = "PEM file of the certificates to trust instead of the system's", HelpName = "FILE" };
        Option<string[]> header = new("--header") { Description = "Header of each request, 'NAME: VALUE', for what stands in front of the cluster; may be given several times", HelpName = "HEADER" };
        Option<bool> local = new("--local") { Description = "A cluster that the server starts, and stops, on its own machine" };
        Option<string?> python = new("--python") { Description = "With --local: folder of a virtual environment with ray[serve] (default: one that is found)", HelpName = "FOLDER" };
        Option<bool> install = new("--install") { Description = "With --local: install Ray into the home of the server where no environment has it" };
        Option<bool> declare = new("--declare") { Description = "Declare applications even where jobs are allowed, and ask them through Serve's proxy" };
        Option<bool> share = new("--share-list") { Description = "Accept that others declare applications there too: what both do at the same time may be lost" };
        return new Verb("add", "Add a Ray cluster, once everything that it needs was found to work")
        {
            Details = "Nothing is kept of a cluster that cannot be used. The token comes from a file or from standard input, since what stands on a command line is seen by others.",
            Examples =
            [
                ("compute add gpu --dashboard http://ray-head:8265", "a cluster that runs already"),
                ("compute add gpu --dashboard https://ray:8265 --token-file token --ca ca.pem", "one with a token, behind TLS"),
                ("compute add gpu --dashboard http://ray:8265 --share-list", "one that takes no jobs, and where others declare applications"),
                ("compute add ray --local --install", "one on the server's machine"),
            ],
            Options = { dashboard, serve, token, authority, header, local, python, install, declare, share, CommonOptions.NoWait },
            Arguments = { name },
        }.TalksToServer().Runs(
            host,
            parse => new Options(
                parse.GetValue(name)!, parse.GetValue(dashboard), parse.GetValue(serve), parse.GetValue(token), parse.GetValue(authority), [.. parse.GetValue(header) ?? []],
                parse.GetValue(local), parse.GetValue(python), parse.GetValue(install), parse.GetValue(CommonOptions.NoWait), parse.GetValue(declare), parse.GetValue(share)),
            run ?? RunAsync);
    }

    private static async Task<Result<ExitCode>> RunAsync(Options options, Session session, CancellationToken cancellation)
    {
        Result<RaywrightClient> connected = session.Connect();
        if (!connected.Ok)
            return connected.Problems;
        using RaywrightClient client = connected.Value;
        Result<ComputeRequest> request = new ComputeRequestReader(session).Read(options, client.Server.IsLoopback);
        if (!request.Ok)
            return request.Problems;
        Result<Operation> begun = await client.AddComputeAsync(request.Value, cancellation).ConfigureAwait(false);
        if (!begun.Ok)
            return begun.Problems;
        Result<ExitCode> ended = await Operations.FinishAsync(session, client, begun.Value, options.NoWait, $"{options.Name} is added", cancellation).ConfigureAwait(false);
        if (ended.Ok && !options.NoWait && !session.Json && session.Terminal.ShowsProgress)
            session.Terminal.NoteLine($"Use it with `raywright env set ENV --compute {options.Name}`.");
        return ended;
    }
}

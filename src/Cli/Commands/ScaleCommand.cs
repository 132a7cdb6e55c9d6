using System.CommandLine;
using System.Globalization;
using Raywright.Cli.CommandLine;
using Raywright.Cli.Output;
using Raywright.Core.Api;
using Raywright.Core.Api.Client;
using Raywright.Core.Errors;

namespace Raywright.Cli.Commands;

/// <summary><c>scale</c>: how many replicas an endpoint may have.</summary>
internal static class ScaleCommand
{
    private const int Most = 10_000;

    internal sealed record Options(string Model, string Environment, int? Replicas, int? Min, int? Max);

    public static Command Create(CliHost host, RunCommand<Options>? run = null)
    {
        Argument<string> model = new("model") { HelpName = "MODEL", Description = "The model" };
        Argument<int?> replicas = new("replicas") { HelpName = "REPLICAS", Description = "Exactly so many", Arity = ArgumentArity.ZeroOrOne };
        Option<int?> min = CommonOptions.Number("--min", "Fewest; 0 lets the last one go while nobody asks", 0, Most);
        Option<int?> max = CommonOptions.Number("--max", "Most", 1, Most);
        return new Verb("scale", "Say how many replicas a model may have")
        {
            Details = "Takes effect at once; within the bounds the number follows the load. The next deploy sets what its spec says.",
            Examples =
            [
                ("scale iris 3", "three replicas, whatever the load"),
                ("scale iris --min 1 --max 8 -e prod", "as many as the load needs"),
                ("scale iris --min 0", "none while nobody asks; the first request waits for one"),
            ],
            Options = { CommonOptions.Environment, min, max },
            Arguments = { model, replicas },
        }.TalksToServer().Runs(
            host,
            parse => new Options(parse.GetValue(model)!, parse.GetValue(CommonOptions.Environment)!, parse.GetValue(replicas), parse.GetValue(min), parse.GetValue(max)),
            run ?? RunAsync);
    }

    private static async Task<Result<ExitCode>> RunAsync(Options options, Session session, CancellationToken cancellation)
    {
        if (options.Replicas is not null && (options.Min ?? options.Max) is not null)
            return new Problem(Catalogue.CommandLineWrong, "Give a number of replicas, or --min and --max, and not both.");
        if ((options.Replicas ?? options.Min ?? options.Max) is null)
            return new Problem(Catalogue.CommandLineWrong, "Say how many: `raywright scale MODEL REPLICAS`, or --min and --max.");
        if (options.Replicas is < 1)
            return new Problem(Catalogue.CommandLineWrong, $"{options.Replicas} is no number of replicas.", Fix: "Use `--min 0` to let the last replica go while nobody asks.");
        Result<RaywrightClient> connected = session.Connect();
        if (!connected.Ok)
            return connected.Problems;
        using RaywrightClient client = connected.Value;
        EndpointChange change = new(options.Replicas ?? options.Min, options.Replicas ?? options.Max);
        Result<EndpointInfo> scaled = await client.ScaleAsync(options.Environment, options.Model, change, cancellation).ConfigureAwait(false);
        if (!scaled.Ok)
            return scaled.Problems;
        if (session.Json)
            session.Terminal.WriteJson(scaled.Value, ApiJson.Default.EndpointInfo);
        else
            session.Terminal.WriteLine($"{options.Model} may have {Words(scaled.Value)} in {options.Environment}{(scaled.Value is { Compute: "embedded", ReplicasMin: var least, ReplicasMax: var most } && least < most ? $"; on embedded it has {Math.Max(1, least)}" : "")}");
        return ExitCode.Ok;
    }

    private static string Words(EndpointInfo endpoint) => endpoint.ReplicasMin == endpoint.ReplicasMax
        ? string.Create(CultureInfo.InvariantCulture, $"{endpoint.ReplicasMin} replica{(endpoint.ReplicasMin == 1 ? "" : "s")}")
        : string.Create(CultureInfo.InvariantCulture, $"{endpoint.ReplicasMin} to {endpoint.ReplicasMax} replicas");
}

using System.CommandLine;
using Raywright.Cli.CommandLine;
using Raywright.Core.Api;
using Raywright.Core.Api.Client;
using Raywright.Core.Errors;

namespace Raywright.Cli.Commands;

/// <summary><c>delete</c>: takes an endpoint away, or a model with all its versions.</summary>
internal static class DeleteCommand
{
    internal sealed record Options(string Model, string Environment, bool Everywhere, bool Yes, bool NoWait);

    public static Command Create(CliHost host, RunCommand<Options>? run = null)
    {
        Argument<string> model = new("model") { HelpName = "MODEL", Description = "The model" };
        Option<bool> everywhere = new("--everywhere") { Description = "The model itself: every endpoint, every version, every file" };
        return new Verb("delete", "Take a model out of an environment, or away altogether")
        {
            Details = "Asks before it takes something away; without a terminal it wants --yes (exit status 2 without).",
            Examples =
            [
                ("delete iris -e dev", "stop serving it in dev; its versions stay"),
                ("delete iris --everywhere --yes", "the model with all its versions"),
            ],
            Options = { CommonOptions.Environment, everywhere, CommonOptions.Yes, CommonOptions.NoWait },
            Arguments = { model },
        }.TalksToServer().Runs(
            host,
            parse => new Options(parse.GetValue(model)!, parse.GetValue(CommonOptions.Environment)!, parse.GetValue(everywhere), parse.GetValue(CommonOptions.Yes), parse.GetValue(CommonOptions.NoWait)),
            run ?? RunAsync);
    }

    private static async Task<Result<ExitCode>> RunAsync(Options options, Session session, CancellationToken cancellation)
    {
        Result<RaywrightClient> connected = session.Connect();
        if (!connected.Ok)
            return connected.Problems;
        using RaywrightClient client = connected.Value;
        // What is not there need not be confirmed.
        Result<string> question = options.Everywhere
            ? await AboutModelAsync(client, options.Model, cancellation).ConfigureAwait(false)
            : await AboutEndpointAsync(client, options, cancellation).ConfigureAwait(false);
        if (!question.Ok)
            return question.Problems;
        if (!options.Yes && !session.Terminal.CanAsk)
            return new Problem(Catalogue.ConfirmationMissing, $"{question.Value} Nobody is at a terminal to say yes.");
        if (!options.Yes && !session.Terminal.Confirm(question.Value))
            return new Problem(Catalogue.CommandCancelled, "Not confirmed; nothing was taken away.", Fix: "");
        Result<Operation> begun = options.Everywhere
            ? await client.DeleteModelAsync(options.Model, cancellation).ConfigureAwait(false)
            : await client.DeleteEndpointAsync(options.Environment, options.Model, cancellation).ConfigureAwait(false);
        string done = options.Everywhere ? $"{options.Model} is gone" : $"{options.Model} is gone from {options.Environment}";
        return begun.Ok
            ? await Operations.FinishAsync(session, client, begun.Value, options.NoWait, done, cancellation).ConfigureAwait(false)
            : begun.Problems;
    }

    private static async Task<Result<string>> AboutModelAsync(RaywrightClient client, string model, CancellationToken cancellation)
    {
        Result<ModelInfo> found = await client.ModelAsync(model, cancellation).ConfigureAwait(false);
        return found.Ok ? $"Delete {model} with all its {found.Value.LatestVersion} versions, everywhere at {client.Server.Authority}?" : found.Problems;
    }

    private static async Task<Result<string>> AboutEndpointAsync(RaywrightClient client, Options options, CancellationToken cancellation)
    {
        Result<EndpointInfo> found = await client.EndpointAsync(options.Environment, options.Model, cancellation).ConfigureAwait(false);
        if (!found.Ok)
            return found.Problems;
        string traffic = found.Value.Figures.RequestsPerSecond > 0
            ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $", which answers {found.Value.Figures.RequestsPerSecond:0.#} requests a second")
            : "";
        return $"Stop serving {options.Model} in {options.Environment} at {client.Server.Authority}{traffic}?";
    }
}

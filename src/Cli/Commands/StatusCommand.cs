using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Raywright.Cli.CommandLine;
using Raywright.Cli.Output;
using Raywright.Core.Api;
using Raywright.Core.Api.Client;
using Raywright.Core.Contracts;
using Raywright.Core.Errors;
using Raywright.Core.Tensors;
using Spectre.Console;

namespace Raywright.Cli.Commands;

/// <summary><c>status</c>: what runs and how well; of everything, of one model, or of one operation.</summary>
internal static class StatusCommand
{
    private const string OperationPrefix = "op_";

    internal sealed record Options(string? Target);

    public static Command Create(CliHost host, RunCommand<Options>? run = null)
    {
        Argument<string?> target = new("target") { HelpName = "MODEL|OPERATION", Arity = ArgumentArity.ZeroOrOne, Description = "A model, or an operation that --no-wait printed" };
        return new Verb("status", "Show what runs and how well")
        {
            Examples =
            [
                ("status", "every endpoint, with the traffic of the last minute"),
                ("status iris", "all about one model"),
                ("status op_0123…", "how far an operation is; exit status 8 while it runs"),
            ],
            Arguments = { target },
        }.TalksToServer().Runs(host, parse => new Options(parse.GetValue(target)), run ?? RunAsync);
    }

    private static async Task<Result<ExitCode>> RunAsync(Options options, Session session, CancellationToken cancellation)
    {
        Result<RaywrightClient> connected = session.Connect();
        if (!connected.Ok)
            return connected.Problems;
        using RaywrightClient client = connected.Value;
        if (options.Target?.StartsWith(OperationPrefix, StringComparison.Ordinal) == true)
            return await OperationAsync(session, client, options.Target, cancellation).ConfigureAwait(false);
        Task<Result<ServerInfo>> asked = client.ServerInfoAsync(cancellation);
        Result<Page<EndpointInfo>> endpoints = await client.EndpointsAsync(cancellation).ConfigureAwait(false);
        Result<ServerInfo> server = await asked.ConfigureAwait(false);
        if (!endpoints.Ok || !server.Ok)
            return endpoints.Ok ? server.Problems : endpoints.Problems;
        ImmutableArray<EndpointInfo> shown = options.Target is null
            ? endpoints.Value.Items
            : [.. endpoints.Value.Items.Where(endpoint => endpoint.Model == options.Target)];
        if (options.Target is not null && shown.IsEmpty)
            return new Problem(Catalogue.EndpointUnknown, $"There is no model {options.Target} at {client.Address}.");
        if (session.Json)
            session.Terminal.WriteJson(new StatusDocument(server.Value, shown), CliJson.Default.StatusDocument);
        else if (options.Target is null)
            WriteList(session, server.Value, shown);
        else
            WriteDetails(session, shown);
        return ExitCode.Ok;
    }

    private static void WriteList(Session session, ServerInfo server, ImmutableArray<EndpointInfo> endpoints)
    {
        TableView table = new(session.Terminal, session.Clock, "model", "env", "state", "serves", "replicas", "req/s", "errors", "p50", "p99", "changed");
        foreach (EndpointInfo endpoint in endpoints)
        {
            TrafficFigures figures = endpoint.Figures;
            table.Add(
                endpoint.Model, endpoint.Environment, State(endpoint), Serves(endpoint),
                Number(endpoint.Traffic.Sum(share => share.Replicas)),
                Number(figures.RequestsPerSecond), Percent(figures), Milliseconds(figures.P50Ms), Milliseconds(figures.P99Ms),
                table.When(endpoint.UpdatedAt));
        }
        table.Write("Nothing is deployed yet. `raywright up PATH` or `raywright deploy PATH` deploys a model.");
        if (session.Terminal.IsLive)
            session.Terminal.WriteMarkup($"[grey]server {Markup.Escape(server.Url)} · {Markup.Escape(server.Version)} · started {Moments.Age(server.StartedAt, session.Clock.GetUtcNow())}[/]");
        foreach (EndpointInfo unwell in endpoints.Where(endpoint => endpoint.Reason is not null))
            session.Terminal.Note($"[yellow]{Markup.Escape(unwell.Model)} in {Markup.Escape(unwell.Environment)}:[/] {Markup.Escape(unwell.Reason!)}");
    }

    private static void WriteDetails(Session session, ImmutableArray<EndpointInfo> endpoints)
    {
        foreach (EndpointInfo endpoint in endpoints)
        {
            session.Terminal.WriteMarkup($"[bold]{Markup.Escape(endpoint.Model)}[/] in {Markup.Escape(endpoint.Environment)}: {State(endpoint)}");
            TrafficFigures figures = endpoint.Figures;
            FieldsView fields = new FieldsView(session.Terminal)
                .Add("why", endpoint.Reason)
                .Add("address", endpoint.Url)
                .Add("runs on", endpoint.Compute)
                .Add("task", endpoint.Task);
            foreach (TrafficShare share in endpoint.Traffic)
                fields.Add("serves", string.Create(CultureInfo.InvariantCulture, $"{endpoint.Model}:{share.Version}, {share.Weight} % of the traffic, {share.Replicas} {(share.Replicas == 1 ? "replica" : "replicas")}, {share.Health}, revision {share.Revision}"));
            foreach (InputField input in endpoint.Contract?.Inputs ?? [])
                fields.Add("input", $"{input.Name}: {input.Type.Name} [{string.Join(", ", input.Shape)}]{(input.Columns.IsEmpty ? "" : $", {string.Join(", ", input.Columns)}")}");
            foreach (OutputField output in endpoint.Contract?.Outputs ?? [])
                fields.Add("output", $"{output.Name}: {output.Type.Name} [{string.Join(", ", output.Shape)}]{(output.Labels is null ? "" : $", {string.Join(", ", output.Labels.Names)}")}");
            fields
                .Add("last minute", $"{Number(figures.RequestsPerSecond)} requests a second, {Percent(figures)} errors, p50 {Milliseconds(figures.P50Ms)}, p99 {Milliseconds(figures.P99Ms)}")
                .Add("requests", Number(figures.Total))
                .Add("operation", endpoint.Operation)
                .Add("changed", session.Terminal.IsLive ? Moments.Age(endpoint.UpdatedAt, session.Clock.GetUtcNow()) : Moments.Rfc3339(endpoint.UpdatedAt))
                .Write();
        }
    }

    private static async Task<Result<ExitCode>> OperationAsync(Session session, RaywrightClient client, string id, CancellationToken cancellation)
    {
        Result<Operation> found = await client.OperationAsync(id, cancellation).ConfigureAwait(false);
        if (!found.Ok)
            return found.Problems;
        Operation operation = found.Value;
        if (session.Json)
            session.Terminal.WriteJson(operation, ApiJson.Default.Operation);
        else
            WriteOperation(session, operation);
        if (!operation.Ended)
            return ExitCode.InProgress;
        return operation.Problem is { } problem ? ProblemReader.Problem(problem).Definition.Exit : ExitCode.Ok;
    }

    private static void WriteOperation(Session session, Operation operation)
    {
        session.Terminal.WriteMarkup($"{operation.Kind} of [bold]{Markup.Escape(operation.Target)}[/]: {Word(operation.State)}{(operation.Actor is null ? "" : $", asked by {Markup.Escape(operation.Actor)}")}");
        TableView table = new(session.Terminal, session.Clock, "step", "state", "time", "found");
        foreach (OperationStep step in operation.Steps)
            table.Add(step.Name, Word(step.State), step is { StartedAt: { } start, EndedAt: { } end } ? Moments.Duration(Moments.Between(start, end)) : "", step.Progress ?? step.Message ?? "");
        table.Write("No step has begun yet.");
        if (operation.Problem is { } problem)
            session.Problems.Write(ProblemReader.Problems(problem));
    }

    internal static string Word(OperationState state) => state == OperationState.WaitingForPerson ? "waiting for a person" : state.ToString().ToLowerInvariant();

    private static string State(EndpointInfo endpoint) => endpoint.State.ToString().ToLowerInvariant();

    private static string Serves(EndpointInfo endpoint) =>
        string.Join(", ", endpoint.Traffic.Select(share => share.Weight == 100 ? $":{share.Version}" : $":{share.Version} {share.Weight} %"));

    private static string Number(double value) => value.ToString(value is 0 or >= 100 ? "0" : "0.#", CultureInfo.InvariantCulture);

    private static string Percent(TrafficFigures figures) => string.Create(CultureInfo.InvariantCulture, $"{figures.ErrorRate * 100:0.##} %");

    private static string Milliseconds(double? value) => value is { } known ? string.Create(CultureInfo.InvariantCulture, $"{known:0.##} ms") : "–";
}

using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Raywright.Core;
using Raywright.Core.Api;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Core.Spec;
using Raywright.Gateway.Access;
using Raywright.Gateway.Routing;
using Raywright.Server.Hosting;
using Raywright.Server.Ledger;
using Raywright.Server.Operations;
using Raywright.Server.Store;

namespace Raywright.Server.Endpoints;

/// <summary>Endpoints as they are now, and the one write by which traffic moves.</summary>
public sealed class EndpointService(DbStore store, LedgerService ledger, EndpointReconciler reconciler, LiveOperations operations, ServerAddress address, TimeProvider clock)
{
    private const int MostReplicas = 10_000;

    /// <summary>Every endpoint that the key may know of.</summary>
    public async Task<Page<EndpointInfo>> ListAsync(KeyEntry caller)
    {
        List<(EndpointRow, RevisionRow)> rows = await RowsAsync(null, null);
        return new([.. rows.Where(row => caller.Reaches(row.Item1.Environment, row.Item1.Model)).Select(row => Info(row.Item1, row.Item2))]);
    }

    public async Task<Result<EndpointInfo>> FindAsync(string environment, string model) =>
        await RowsAsync(environment, model) is [(EndpointRow endpoint, RevisionRow revision)] ? Info(endpoint, revision) : Unknown(environment, model);

    /// <summary>Newest first.</summary>
    public async Task<Result<Page<RevisionInfo>>> RevisionsAsync(string environment, string model)
    {
        List<(EndpointRow Endpoint, RevisionRow Revision)> now = await RowsAsync(environment, model);
        List<RevisionRow> rows = await store.ReadAsync(db => db.Set<RevisionRow>().Where(row => row.Environment == environment && row.Model == model).OrderByDescending(row => row.Number).ToListAsync());
        if (now.Count == 0 && rows.Count == 0)
            return Unknown(environment, model);
        string? serving = now.Count == 0 ? null : now[0].Endpoint.Serving;
        return new Page<RevisionInfo>([.. rows.Select(row => new RevisionInfo(
            row.Id, row.Model, row.Environment, row.Number, row.Version, row.Digest, row.CreatedAt, row.Id == serving, JsonElement.Parse(row.Config)))]);
    }

    /// <summary>Versions of a model that serve now, with their environments.</summary>
    public async Task<ILookup<int, string>> ServingAsync(string model)
    {
        List<(EndpointRow Endpoint, RevisionRow Revision)> rows = await RowsAsync(null, model);
        return rows.ToLookup(row => row.Revision.Version, row => row.Endpoint.Environment);
    }

    /// <summary>What serves at an endpoint, for comparing; null where nothing does.</summary>
    public async Task<(RevisionConfig Revision, ScalingConfig Scaling)?> CurrentAsync(string environment, string model) =>
        await RowsAsync(environment, model) is [(EndpointRow endpoint, RevisionRow revision)]
            ? (JsonSerializer.Deserialize(revision.Config, ApiJson.Default.RevisionConfig)!, new ScalingConfig(endpoint.ReplicasMin, endpoint.ReplicasMax))
            : null;

    /// <summary>Questions to begin with: the first cases of what serves; empty where it has none.</summary>
    internal async Task<ImmutableArray<ExampleQuestion>> ExamplesAsync(string environment, string model)
    {
        string? examples = await store.ReadAsync(db => db.Set<EndpointRow>().Where(row => row.Environment == environment && row.Model == model).Select(row => row.Examples).FirstOrDefaultAsync());
        return examples is null ? [] : JsonSerializer.Deserialize(examples, ExampleJson.Default.ImmutableArrayExampleQuestion);
    }

    /// <summary>Gives the traffic of an endpoint to a revision, in the write of whoever decides it.</summary>
    /// <param name="db">The write.</param>
    /// <param name="revision">Which has answered.</param>
    /// <param name="config">Settings of the endpoint.</param>
    /// <param name="question">What it was asked; JSON.</param>
    /// <param name="examples">What else it can be asked.</param>
    internal async Task ServeAsync(Db db, RevisionConfig revision, ModelConfig config, string question, ImmutableArray<ExampleQuestion> examples)
    {
        long now = clock.NowMicros();
        if (!await db.Set<RevisionRow>().AnyAsync(row => row.Id == revision.Id))
        {
            int number = await db.Set<RevisionRow>().Where(row => row.Environment == revision.Environment && row.Model == revision.Model).MaxAsync(row => (int?)row.Number) ?? 0;
            db.Add(new RevisionRow
            {
                Id = revision.Id,
                Environment = revision.Environment,
                Model = revision.Model,
                Number = number + 1,
                Version = revision.Version,
                Digest = revision.Digest,
                Config = JsonSerializer.Serialize(revision, ApiJson.Default.RevisionConfig),
                CreatedAt = now,
            });
        }
        EndpointRow? row = await db.Set<EndpointRow>().FirstOrDefaultAsync(row => row.Environment == revision.Environment && row.Model == revision.Model);
        if (row is null)
        {
            row = new EndpointRow { Environment = revision.Environment, Model = revision.Model, Serving = "", ReplicasMin = 0, ReplicasMax = 0, Question = "", CreatedAt = now, UpdatedAt = now };
            db.Add(row);
        }
        (row.Serving, row.ReplicasMin, row.ReplicasMax, row.Task, row.Question, row.UpdatedAt) = (revision.Id, config.Scaling.Min, config.Scaling.Max, config.Task, question, now);
        row.Examples = JsonSerializer.Serialize(examples, ExampleJson.Default.ImmutableArrayExampleQuestion);
    }

    /// <summary>Changes how many replicas an endpoint may have, at once and until the next deploy says otherwise.</summary>
    public async Task<Result<EndpointInfo>> ScaleAsync(string environment, string model, EndpointChange change, string actor)
    {
        Result<bool> written = await store.WriteAsync<Result<bool>>(async db =>
        {
            if (await db.Set<EndpointRow>().FirstOrDefaultAsync(row => row.Environment == environment && row.Model == model) is not { } row)
                return Unknown(environment, model);
            int min = change.Min ?? row.ReplicasMin, max = change.Max ?? Math.Max(min, row.ReplicasMax);
            if (min is < 0 or > MostReplicas || max is < 1 or > MostReplicas || min > max)
                return new Problem(Catalogue.RequestInvalid, $"{min} to {max} is no number of replicas: `min` is 0 or more, `max` is 1 or more and not below `min`, and both are at most {MostReplicas}.", change.Min is null ? "max" : "min");
            if ((min, max) == (row.ReplicasMin, row.ReplicasMax))
                return true;
            ledger.Append(db, actor, "scale", $"{environment}/{model}", $"{min} to {max} replicas, before {row.ReplicasMin} to {row.ReplicasMax}");
            (row.ReplicasMin, row.ReplicasMax, row.UpdatedAt) = (min, max, clock.NowMicros());
            return true;
        });
        if (!written.Ok)
            return written.Problems;
        await reconciler.PublishAsync();
        return await FindAsync(environment, model);
    }

    /// <summary>Takes endpoints of a model away, in the write of whoever decides it: one, or all.</summary>
    /// <returns>Those that were there, as <c>environment/model</c>.</returns>
    internal async Task<ImmutableArray<string>> RemoveAsync(Db db, string? environment, string model, string actor)
    {
        List<EndpointRow> rows = await db.Set<EndpointRow>().Where(row => row.Model == model && (environment == null || row.Environment == environment)).ToListAsync();
        foreach (EndpointRow row in rows)
        {
            db.Remove(row);
            ledger.Append(db, actor, "endpoint.deleted", $"{row.Environment}/{model}", $"{model} serves in {row.Environment} no more", $$"""{"revision":"{{row.Serving}}"}""");
        }
        return [.. rows.Select(row => $"{row.Environment}/{row.Model}")];
    }

    private Task<List<(EndpointRow, RevisionRow)>> RowsAsync(string? environment, string? model) => store.ReadAsync(async db =>
    {
        var rows = await db.Set<EndpointRow>()
            .Where(row => (environment == null || row.Environment == environment) && (model == null || row.Model == model))
            .Join(db.Set<RevisionRow>(), endpoint => endpoint.Serving, revision => revision.Id, (endpoint, revision) => new { endpoint, revision })
            .OrderBy(row => row.endpoint.Model).ThenBy(row => row.endpoint.Environment).ToListAsync();
        return rows.ConvertAll(row => (row.endpoint, row.revision));
    });

    private EndpointInfo Info(EndpointRow endpoint, RevisionRow revision)
    {
        string target = $"{endpoint.Environment}/{endpoint.Model}";
        Operation? operation = operations.On(target);
        RevisionState state = reconciler.StateOf(revision.Id);
        RevisionConfig config = JsonSerializer.Deserialize(revision.Config, ApiJson.Default.RevisionConfig)!;
        RevisionRoute? route = reconciler.RouteOf(revision.Id);
        return new(
            endpoint.Model, endpoint.Environment,
            operation is { Kind: "delete" } ? EndpointState.Deleting : State(state.Health),
            state.Problem is { } problem ? $"{problem.Detail} {problem.Advice}" : state.Note,
            $"{address.Url}/serve/{endpoint.Environment}/predict/{endpoint.Model}",
            [new TrafficShare(revision.Id, revision.Version, 100, state.Health.ToString().ToLowerInvariant(), state.ReadyReplicas, state.Problem?.Detail)],
            Figures(route), operation?.Id, endpoint.UpdatedAt, endpoint.Task, config.Contract, JsonElement.Parse(endpoint.Question), route is { Streams: true }, config.Compute, endpoint.ReplicasMin, endpoint.ReplicasMax);
    }

    private static TrafficFigures Figures(RevisionRoute? route)
    {
        if (route is null)
            return new(0, 0, null, null, 0);
        (double perSecond, double errors, double p50, double p99) = route.Figures.LastMinute();
        return new(perSecond, errors, double.IsNaN(p50) ? null : p50, double.IsNaN(p99) ? null : p99, route.Figures.Total);
    }

    private static EndpointState State(RevisionHealth health) => health switch
    {
        RevisionHealth.Healthy => EndpointState.Healthy,
        RevisionHealth.Unhealthy => EndpointState.Unhealthy,
        _ => EndpointState.Starting,
    };

    private static Problem Unknown(string environment, string model) => new(Catalogue.EndpointUnknown, $"There is no model {model} in {environment}.");
}

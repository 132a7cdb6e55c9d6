using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Raywright.Core.Api;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Gateway.Routing;
using Raywright.Server.Models;
using Raywright.Server.Store;

namespace Raywright.Server.Endpoints;

/// <summary>
/// Makes engine and gateway what the database says (DESIGN 5, A crash). Nothing here is remembered over a restart.
/// <para>
/// What runs is <em>desired</em>: revisions that serve by the database, candidates that a deploy is trying, and revisions that lost
/// their traffic and still answer. What is routed is what serves by the database and runs. So traffic moves in this order: the
/// candidate runs and has answered; the database says that it serves; the new table is published; the old revision answers what it
/// has accepted; the old revision stops. A crash between any two of these leaves a state from which the next start goes on.
/// </para>
/// </summary>
public sealed partial class EndpointReconciler(
    DbStore store, ModelService models, VersionFolders folders, IEngine engine, RouteTableStore routes, TimeProvider clock, ILogger<EndpointReconciler> log) : IHostedService, IDisposable
{
    /// <summary>A server with large models takes requests, and refuses those for models that are still loading, after so long.</summary>
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, RevisionSource> candidates = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, RevisionSource> serving = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<RevisionRoute, RevisionSource> draining = [];
    private readonly ConcurrentDictionary<string, RevisionRoute> routed = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Problem> unready = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ScaledRevision> scaled = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim applying = new(1, 1);
    private readonly SemaphoreSlim publishing = new(1, 1);
    private readonly CancellationTokenSource stopping = new();

    /// <summary>Completes when it is known what serves by the database: before, what an engine runs may not be taken for superfluous.</summary>
    private readonly TaskCompletionSource known = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task start = Task.CompletedTask;
    private long tables;

    /// <summary>Whether everything that served before the last stop has been looked after.</summary>
    public bool IsReady => start.IsCompletedSuccessfully;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        start = RestoreAsync();
        await Task.WhenAny(start, Task.Delay(StartPatience, clock, cancellationToken));
        if (start.IsFaulted)
            await start;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await stopping.CancelAsync();
        await start.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose()
    {
        stopping.Dispose();
        applying.Dispose();
        publishing.Dispose();
    }

    /// <summary>Runs a revision that has no traffic yet, and waits until it is healthy.</summary>
    /// <param name="candidate">What to run.</param>
    /// <param name="tell">Hears what it waits for, a sentence each.</param>
    /// <param name="cancellation">Ends the trial.</param>
    /// <returns>How it is asked.</returns>
    public async Task<Result<RevisionRoute>> TryAsync(RevisionSource candidate, Action<string> tell, CancellationToken cancellation)
    {
        string id = candidate.Revision.Id;
        // What serves by the database and could not be started is started anew: the engine tries each one only once.
        if (engine.Target(id) is null && serving.TryRemove(id, out _))
            await ApplyAsync(cancellation);
        candidates[id] = candidate;
        await ApplyAsync(cancellation);
        RevisionState state = await engine.SettledAsync(id, tell, cancellation);
        if (state.Health == RevisionHealth.Healthy && Route(id, candidate.Revision) is { } route)
            return route;
        return new Problem(Catalogue.NotHealthy, state.Problem is { } reason ? $"{id} did not start: {reason.Detail}" : $"{id} did not start.", Fix: state.Problem?.Advice);
    }

    /// <summary>Ends the trial of a revision: it goes on only where it serves.</summary>
    public async Task EndTrialAsync(string revisionId)
    {
        if (!candidates.TryRemove(revisionId, out _))
            return;
        if (!serving.ContainsKey(revisionId))
            routed.TryRemove(revisionId, out _);
        await ApplyAsync(CancellationToken.None);
    }

    /// <summary>Routes what serves by the database; what has lost its traffic answers what it has accepted and stops.</summary>
    public async Task PublishAsync()
    {
        await publishing.WaitAsync();
        try
        {
            List<(EndpointRow Endpoint, RevisionConfig Revision)> wanted = await WantedAsync();
            HashSet<string> ids = [.. wanted.Select(one => one.Revision.Id)];
            List<EndpointRoute> table = [];
            foreach ((EndpointRow endpoint, RevisionConfig revision) in wanted)
            {
                if (candidates.TryGetValue(revision.Id, out RevisionSource? tried))
                {
                    serving.TryAdd(revision.Id, tried);
                    unready.TryRemove(revision.Id, out _);
                }
                await engine.ScaleAsync(revision.Id, Bound(endpoint, revision), CancellationToken.None);
                RevisionRoute? route = Route(revision.Id, revision);
                table.Add(new EndpointRoute(endpoint.Environment, endpoint.Model, route is null ? [] : [new WeightedRevision(route, 100)]));
            }
            foreach (string id in scaled.Keys.Where(id => !ids.Contains(id)))
                scaled.TryRemove(id, out _);
            routes.Publish(new RouteTable(Interlocked.Increment(ref tables), [.. table]));
            foreach (string id in serving.Keys.Where(id => !ids.Contains(id)))
                Drain(id);
        }
        finally
        {
            publishing.Release();
        }
    }

    /// <summary>Revisions whose number of replicas follows their load.</summary>
    internal IReadOnlyCollection<ScaledRevision> Scaled => [.. scaled.Values];

    /// <summary>Says how many replicas a revision is to have, until its endpoint gets other bounds.</summary>
    internal async Task ScaleAsync(string revisionId, int replicas)
    {
        if (scaled.TryGetValue(revisionId, out ScaledRevision? one) && scaled.TryUpdate(revisionId, one with { Replicas = replicas }, one))
            await engine.ScaleAsync(revisionId, replicas, CancellationToken.None);
    }

    /// <summary>How a revision is, and why.</summary>
    public RevisionState StateOf(string revisionId)
    {
        if (unready.TryGetValue(revisionId, out Problem? problem))
            return new(revisionId, RevisionHealth.Unhealthy, 0, problem);
        return engine.Observe().FirstOrDefault(state => state.RevisionId == revisionId) ?? new(revisionId, RevisionHealth.Starting, 0);
    }

    /// <summary>The route of a revision that runs; null where it does not.</summary>
    public RevisionRoute? RouteOf(string revisionId) => routed.GetValueOrDefault(revisionId);

    private async Task RestoreAsync()
    {
        await PublishAsync();
        try
        {
            await FindServingAsync();
            known.SetResult();
        }
        catch (Exception e)
        {
            known.SetException(e);
            throw;
        }
        await ApplyAsync(stopping.Token);
        await PublishAsync();
        await Task.WhenAll(serving.Keys.Select(async id =>
        {
            await engine.SettledAsync(id, _ => { }, stopping.Token);
            await PublishAsync();
        }));
    }

    private async Task FindServingAsync()
    {
        foreach ((_, RevisionConfig revision) in await WantedAsync())
        {
            stopping.Token.ThrowIfCancellationRequested();
            Result<RevisionSource> source = await SourceAsync(revision);
            if (source.Ok)
            {
                serving[revision.Id] = source.Value;
                continue;
            }
            unready[revision.Id] = source.Problems[0];
            LogUnready(revision.Id, source.Problems[0].Detail);
        }
    }

    /// <summary>A folder that cannot be made is a problem of its revision alone; the others serve.</summary>
    private async Task<Result<RevisionSource>> SourceAsync(RevisionConfig revision)
    {
        try
        {
            ImmutableArray<FileReference> files = await models.FilesAsync(revision.Model, revision.Version);
            Result<string> folder = await folders.EnsureAsync(files, stopping.Token);
            // What runs elsewhere has its files and goes on.
            if (!folder.Ok && revision.Compute != ComputeInfo.Embedded)
                return new RevisionSource(revision, folders.PathOf(files), Files: files);
            return folder.Ok ? new RevisionSource(revision, folder.Value, Files: files) : folder.Problems;
        }
        catch (Exception e) when (StoreFailure.Of(e) is { } problem)
        {
            return problem;
        }
    }

    private async Task ApplyAsync(CancellationToken cancellation)
    {
        await known.Task.WaitAsync(cancellation);
        await applying.WaitAsync(cancellation);
        try
        {
            // In the order in which a revision moves from one to the next, so that one that moves meanwhile is not missed.
            RevisionSource[] desired = [.. candidates.Values.ToArray().Concat(serving.Values.ToArray()).Concat(draining.Values.ToArray()).DistinctBy(source => source.Revision.Id)];
            await engine.ApplyAsync(desired, cancellation);
        }
        finally
        {
            applying.Release();
        }
    }

    /// <summary>
    /// Replicas of a revision now: what its load made of it, within the bounds of its endpoint. On this machine they are as many as
    /// `min` says: they would only take the processors from each other.
    /// </summary>
    private int Bound(EndpointRow endpoint, RevisionConfig revision)
    {
        int max = Math.Max(endpoint.ReplicasMin, endpoint.ReplicasMax);
        if (revision.Compute == ComputeInfo.Embedded || (endpoint.ReplicasMin > 0 && endpoint.ReplicasMin == max))
        {
            scaled.TryRemove(revision.Id, out _);
            return revision.Replicas;
        }
        return scaled.AddOrUpdate(
            revision.Id,
            id => new(id, endpoint.ReplicasMin, max, revision.Replicas),
            (_, known) => known with { Min = endpoint.ReplicasMin, Max = max, Replicas = Math.Clamp(known.Replicas, endpoint.ReplicasMin, max) }).Replicas;
    }

    private RevisionRoute? Route(string id, RevisionConfig revision) => engine.Target(id) is { } target
        ? routed.GetOrAdd(id, static (_, made) => new RevisionRoute(made.revision, made.target, made.clock), (revision, target, clock))
        : null;

    private void Drain(string id)
    {
        if (!serving.TryGetValue(id, out RevisionSource? source))
            return;
        if (routed.TryRemove(id, out RevisionRoute? route))
            draining[route] = source;
        // Not before: somebody else's apply in between would stop it with requests inside.
        serving.TryRemove(id, out _);
        _ = RetireAsync(id, route);
    }

    private async Task RetireAsync(string id, RevisionRoute? route)
    {
        try
        {
            if (route is not null)
            {
                await route.RetireAsync();
                draining.TryRemove(route, out _);
            }
            await ApplyAsync(stopping.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // The server is stopping, and with it the revision.
        }
        catch (Exception e)
        {
            LogNotStopped(e, id);
        }
    }

    private Task<List<(EndpointRow Endpoint, RevisionConfig Revision)>> WantedAsync() => store.ReadAsync(async db =>
    {
        var rows = await db.Set<EndpointRow>()
            .Join(db.Set<RevisionRow>(), endpoint => endpoint.Serving, revision => revision.Id, (endpoint, revision) => new { endpoint, revision.Config })
            .OrderBy(row => row.endpoint.Environment).ThenBy(row => row.endpoint.Model).ToListAsync();
        return rows.ConvertAll(row => (row.endpoint, JsonSerializer.Deserialize(row.Config, ApiJson.Default.RevisionConfig)! with { Replicas = Math.Max(1, row.endpoint.ReplicasMin) }));
    });

    [LoggerMessage(Level = LogLevel.Error, Message = "Revision {Revision} cannot be served: {Reason}")]
    private partial void LogUnready(string revision, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Revision {Revision} was not stopped")]
    private partial void LogNotStopped(Exception exception, string revision);
}

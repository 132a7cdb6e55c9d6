using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Core.Spec;
using Raywright.Ray.Agent;
using Raywright.Ray.Configuration;
using Raywright.Ray.Dashboard;

namespace Raywright.Ray.Engine;

/// <summary>
/// Runs revisions on a Ray cluster (DESIGN 4, Ray): each is a Serve application of its own, which our agent there deploys and
/// removes. Replicas are asked directly. What runs there goes on when this server stops.
/// </summary>
public sealed class RayEngine : IEngine
{
    /// <summary>A node that has to be started first takes minutes.</summary>
    private static readonly TimeSpan SettlePatience = TimeSpan.FromMinutes(15);

    /// <summary>Who waits for a revision on a cluster that does not answer is told so after this.</summary>
    private static readonly TimeSpan TroublePatience = TimeSpan.FromSeconds(60);
    private readonly HttpClient dashboardHttp;
    private readonly HttpClient serveHttp;
    private readonly HttpClient replicaHttp = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = Timeout.InfiniteTimeSpan };
    private readonly ConcurrentDictionary<string, RayRevision> revisions = new(StringComparer.Ordinal);
    private readonly DashboardClient dashboard;
    private readonly AgentClient agent;
    private readonly AgentInstallation installing;
    private readonly ListWriter list;
    private readonly IClusterWriter writer;
    private readonly ClusterReconciler reconciler;
    private readonly Installation installation;
    private readonly ClusterPlace place;
    private readonly RuntimePackage package;
    private readonly TimeProvider clock;

    /// <param name="name">Name of the compute.</param>
    /// <param name="place">How the cluster is reached.</param>
    /// <param name="installation">Who we are there.</param>
    /// <param name="package">What the cluster needs of ours.</param>
    /// <param name="clock">For deadlines and log lines.</param>
    /// <param name="log">The server's own log.</param>
    /// <param name="declares">Whether applications are declared, as where jobs are not allowed; else our agent deploys them.</param>
    /// <param name="sharesList">Whether it is accepted that others declare applications too.</param>
    public RayEngine(string name, ClusterPlace place, Installation installation, RuntimePackage package, TimeProvider clock, ILogger<RayEngine> log, bool declares = false, bool sharesList = false)
    {
        (Name, this.place, this.installation, this.package, this.clock) = (name, place, installation, package, clock);
        dashboardHttp = place.ConnectDashboard();
        serveHttp = place.ConnectServe();
        dashboard = new DashboardClient(dashboardHttp, clock);
        agent = new AgentClient(serveHttp, installation.Application, installation.AgentToken, clock);
        installing = new AgentInstallation(dashboard, agent, installation, place, package, clock);
        list = new ListWriter(name, place, installation, dashboard, sharesList, log);
        writer = declares ? list : new AgentWriter(name, agent, installing);
        reconciler = new ClusterReconciler(name, place, installation, dashboard, agent, writer, revisions, clock, log);
    }

    public string Name { get; }

    /// <summary>Where the cluster is now.</summary>
    public ClusterAddress Address => place.Address;

    /// <summary>The nodes that live.</summary>
    public async Task<Result<ImmutableArray<NodeDetails>>> NodesAsync(CancellationToken cancellation)
    {
        Result<IReadOnlyList<NodeDetails>> nodes = await dashboard.NodesAsync(cancellation).ConfigureAwait(false);
        return nodes.Ok ? nodes.Value.ToImmutableArray() : nodes.Problems;
    }

    /// <summary>Looks whether the cluster can be used.</summary>
    /// <param name="chooses">Whether applications may be declared where jobs turn out not to be allowed (<see cref="ClusterCheck.Declares"/>).</param>
    public ClusterCheck Check(bool chooses = false) => new(dashboard, serveHttp, place, agent, installing, list, installation, clock) { Declares = writer == list, Chooses = chooses };

    /// <summary>Removes everything of ours from the cluster: the agent and all that it has deployed.</summary>
    public async Task<Result<bool>> LeaveAsync(CancellationToken cancellation)
    {
        await ApplyAsync([], cancellation).ConfigureAwait(false);
        return await reconciler.LeaveAsync(cancellation).ConfigureAwait(false);
    }

    public async Task<ImmutableArray<Problem>> PreflightAsync(RevisionSource source, Action<string> tell, CancellationToken cancellation)
    {
        Result<ClusterVersion> version = await dashboard.VersionAsync(cancellation).ConfigureAwait(false);
        if (!version.Ok)
            return version.Problems;
        List<Problem> against = [.. ServeChecks.Of(source.Revision, new ServeSettings { Installation = installation.Application })];
        if (await writer.ReadyAsync(tell, cancellation).ConfigureAwait(false) is { } notReady)
            return [.. against, notReady];
        Result<IReadOnlyList<NodeDetails>> nodes = await dashboard.NodesAsync(cancellation).ConfigureAwait(false);
        against.AddRange(nodes.Problems);
        if (nodes.Ok && Diagnosis.Fits(source.Revision.Resources, nodes.Value) is { } tooLarge)
            against.AddRange(writer == list ? [tooLarge] : await GrowsAsync(source.Revision.Resources, nodes.Value, tell, cancellation).ConfigureAwait(false));
        using RayRevision revision = Make(source);
        return [.. against, .. await writer.PreflightAsync(revision, tell, cancellation).ConfigureAwait(false)];
    }

    public Task ApplyAsync(IReadOnlyCollection<RevisionSource> desired, CancellationToken cancellation)
    {
        HashSet<string> ids = [.. desired.Select(source => source.Revision.Id)];
        foreach (string id in revisions.Keys.Where(id => !ids.Contains(id)))
        {
            if (revisions.TryRemove(id, out RayRevision? gone))
                gone.Dispose();
        }
        foreach (RevisionSource source in desired.Where(source => !revisions.ContainsKey(source.Revision.Id)))
            revisions[source.Revision.Id] = Make(source);
        reconciler.Start();
        return Task.CompletedTask;
    }

    public async Task<RevisionState> SettledAsync(string revisionId, Action<string> tell, CancellationToken cancellation)
    {
        long start = clock.GetTimestamp();
        string? told = null;
        while (revisions.TryGetValue(revisionId, out RayRevision? revision))
        {
            Task changed = revision.Changed;
            RevisionState state = revision.State;
            TimeSpan waited = clock.GetElapsedTime(start);
            if (state.Health != RevisionHealth.Starting || waited > SettlePatience || (waited > TroublePatience && revision.Trouble is { Definition.HttpStatus: 502 }))
                return state with { Health = state.Health == RevisionHealth.Starting ? RevisionHealth.Unhealthy : state.Health };
            if (state.Problem?.Detail is { } words && words != told)
                tell(told = words);
            await Task.WhenAny(changed, Task.Delay(TimeSpan.FromSeconds(1), clock, cancellation)).ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
        }
        return new(revisionId, RevisionHealth.Unhealthy, 0);
    }

    public ImmutableArray<RevisionState> Observe() => [.. revisions.Values.Select(revision => revision.State)];

    public Task ScaleAsync(string revisionId, int replicas, CancellationToken cancellation)
    {
        if (revisions.TryGetValue(revisionId, out RayRevision? revision) && revision.Wanted != replicas)
        {
            revision.Wanted = replicas;
            reconciler.Poke();
        }
        return Task.CompletedTask;
    }

    public async IAsyncEnumerable<ReplicaLogLine> LogsAsync(string revisionId, bool follow, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (!revisions.TryGetValue(revisionId, out RayRevision? revision))
            yield break;
        revision.Add(await revision.Target.LogAsync(cancellation).ConfigureAwait(false));
        foreach (ReplicaLogLine line in revision.Lines())
            yield return line;
    }

    /// <summary>Also before a replica is ready: calls wait for one.</summary>
    public IReplicaTarget? Target(string revisionId) => revisions.TryGetValue(revisionId, out RayRevision? revision) ? revision.Target : null;

    public async ValueTask DisposeAsync()
    {
        await reconciler.DisposeAsync().ConfigureAwait(false);
        foreach (RayRevision revision in revisions.Values)
            revision.Dispose();
        installing.Dispose();
        list.Dispose();
        dashboardHttp.Dispose();
        serveHttp.Dispose();
        replicaHttp.Dispose();
    }

    /// <summary>Why the cluster cannot become large enough; nothing where it can.</summary>
    private async Task<ImmutableArray<Problem>> GrowsAsync(ResourcesConfig resources, IReadOnlyList<NodeDetails> nodes, Action<string> tell, CancellationToken cancellation)
    {
        Result<NodeTypes> types = await agent.NodeTypesAsync(cancellation).ConfigureAwait(false);
        if (!types.Ok)
            return types.Problems;
        if (Diagnosis.Fits(resources, nodes, types.Value) is { } tooLarge)
            return [tooLarge];
        tell("no node is large enough now; the cluster starts one");
        return [];
    }

    private RayRevision Make(RevisionSource source)
    {
        RayRevision revision = new(source, installation, package, replicaHttp, clock);
        revision.Target.Wake = () => reconciler.Wake(revision);
        return revision;
    }
}

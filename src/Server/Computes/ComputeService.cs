using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Raywright.Core;
using Raywright.Core.Api;
using Raywright.Core.Bodies;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Ray;
using Raywright.Ray.Agent;
using Raywright.Ray.Dashboard;
using Raywright.Ray.Engine;
using Raywright.Server.Environments;
using Raywright.Server.Ledger;
using Raywright.Server.Store;

namespace Raywright.Server.Computes;

/// <summary>Which computes there are, and their engines.</summary>
internal sealed class ComputeService(
    DbStore store, ComputeEngines engines, LocalClusters local, EnvironmentService environments, LedgerService ledger, TimeProvider clock, ILoggerFactory logs) : IHostedService, IDisposable
{
    private static readonly TimeSpan LookPatience = TimeSpan.FromSeconds(5);
    private readonly Lazy<RuntimePackage> package = new(() => RuntimePackage.Read(Path.Combine(AppContext.BaseDirectory, "python")));
    private readonly CancellationTokenSource stopping = new();

    /// <summary>Engines of all computes that are known, before anything is to run on them.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (ComputeRow row in await RowsAsync())
            engines.Add(row.Name, ConnectAsync(row));
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await stopping.CancelAsync();
        await local.StopAsync(cancellationToken);
    }

    public void Dispose() => stopping.Dispose();

    public async Task<Page<ComputeInfo>> ListAsync()
    {
        List<ComputeRow> rows = await RowsAsync();
        ComputeInfo[] clusters = await Task.WhenAll(rows.Select(InfoAsync));
        return new([await EmbeddedAsync(), .. clusters]);
    }

    public async Task<Result<ComputeInfo>> FindAsync(string name)
    {
        if (name == ComputeInfo.Embedded)
            return await EmbeddedAsync();
        Result<ComputeRow> row = await RowAsync(name);
        return row.Ok ? await InfoAsync(row.Value) : row.Problems;
    }

    internal async Task<Result<ComputeRow>> RowAsync(string name)
    {
        List<ComputeRow> rows = await RowsAsync();
        return rows.Find(row => row.Name == name) is { } found
            ? found
            : new Problem(Catalogue.ComputeUnknown, $"There is no compute {name}; there are {string.Join(", ", rows.Select(row => row.Name).Prepend(ComputeInfo.Embedded))}.", "compute");
    }

    /// <summary>A row that is not stored, with a name and a secret of its own in the cluster.</summary>
    internal ComputeRow Draft(ComputeRequest request)
    {
        Uri? dashboard = request.Dashboard is null ? null : new Uri(request.Dashboard);
        return new()
        {
            Name = request.Name,
            Local = request.Local,
            Dashboard = dashboard?.ToString(),
            Serve = dashboard is null ? null : request.Serve ?? new UriBuilder(dashboard.Scheme, dashboard.Host, 8000).Uri.ToString(),
            Token = request.Token,
            Headers = request.Headers is { IsEmpty: false } headers ? JsonSerializer.Serialize(headers, ComputeJson.Default.ImmutableSortedDictionaryStringString) : null,
            Authority = request.Authority,
            Python = request.Python,
            Declares = request.Declare,
            SharesList = request.ShareList,
            Installation = $"raywright-{RandomNumberGenerator.GetHexString(8, lowercase: true)}",
            Secret = RandomNumberGenerator.GetHexString(64, lowercase: true),
            CreatedAt = clock.NowMicros(),
        };
    }

    internal RayEngine Connect(ComputeRow row, ClusterPlace place) => new(row.Name, place, row.Us, package.Value, clock, logs.CreateLogger<RayEngine>(), row.Declares, row.SharesList);

    /// <summary>Makes it known, and its engine with it.</summary>
    internal async Task KeepAsync(Db db, ComputeRow row, string actor)
    {
        if (await db.Set<ComputeRow>().AnyAsync(one => one.Name == row.Name))
            return;
        db.Add(row);
        ledger.Append(db, actor, "compute.added", row.Name, row.Local ? "a Ray cluster that this server starts" : $"the Ray cluster at {row.Dashboard}");
    }

    internal void Use(ComputeRow row, RayEngine engine) => engines.Add(row.Name, Task.FromResult<Result<IEngine>>(engine));

    internal async Task<ImmutableArray<string>> UsersAsync(string compute) => [.. (await environments.ListAsync()).Items.Where(one => one.Compute == compute).Select(one => one.Name)];

    internal async Task ForgetAsync(Db db, string name, string actor)
    {
        await db.Set<ComputeRow>().Where(row => row.Name == name).ExecuteDeleteAsync();
        ledger.Append(db, actor, "compute.removed", name, "the cluster itself was left as it is");
    }

    private Task<List<ComputeRow>> RowsAsync() => store.ReadAsync(db => db.Set<ComputeRow>().OrderBy(row => row.Name).ToListAsync());

    private async Task<Result<IEngine>> ConnectAsync(ComputeRow row)
    {
        if (row.Address() is { } address)
            return Connect(row, new ClusterPlace(address));
        Result<ClusterPlace> place = await local.EnsureAsync(row.Python, install: false, _ => { }, stopping.Token);
        return place.Ok ? Connect(row, place.Value) : place.Problems;
    }

    private async Task<ComputeInfo> EmbeddedAsync() => new(
        ComputeInfo.Embedded, ComputeInfo.Embedded, true, null, null, "ready", "in process", null, await UsersAsync(ComputeInfo.Embedded), engines.Find(ComputeInfo.Embedded)!.Observe().Length, []);

    private async Task<ComputeInfo> InfoAsync(ComputeRow row)
    {
        RayEngine? engine = engines.Find(row.Name) as RayEngine;
        using CancellationTokenSource overdue = new(LookPatience, clock);
        Result<ImmutableArray<NodeDetails>> nodes = engine is null ? ImmutableArray<NodeDetails>.Empty : await engine.NodesAsync(overdue.Token);
        Problem? against = engines.Against(row.Name) ?? nodes.Problems.FirstOrDefault();
        return new(
            row.Name, "ray", row.Local, engine?.Address.Dashboard.ToString() ?? row.Dashboard, engine?.Address.Serve.ToString() ?? row.Serve,
            against is not null ? "unreachable" : engine is null ? "starting" : "ready", row.Mode, row.Software, await UsersAsync(row.Name), engine?.Observe().Length ?? 0,
            nodes.Ok ? [.. nodes.Value.Select(Info)] : [],
            against is null ? null : ProblemWriter.Details(against));
    }

    private static NodeInfo Info(NodeDetails node) => new(
        node.NodeId ?? "", node.NodeIp ?? "", node.IsHeadNode == true, node.ResourcesTotal.GetValueOrDefault("CPU"), node.ResourcesTotal.GetValueOrDefault("GPU"), (long)node.ResourcesTotal.GetValueOrDefault("memory"));
}

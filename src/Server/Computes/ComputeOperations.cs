using System.Collections.Immutable;
using System.Text.Json;
using Raywright.Core.Api;
using Raywright.Core.Errors;
using Raywright.Ray;
using Raywright.Ray.Engine;
using Raywright.Server.Operations;
using Raywright.Server.Store;

namespace Raywright.Server.Computes;

/// <summary>The things of <see cref="ClusterCheck.Things"/>, a step each.</summary>
internal static class CheckSteps
{
    /// <summary>What is wrong with the cluster; empty where it can be used.</summary>
    /// <param name="run">Whose steps they are.</param>
    /// <param name="place">Gives the cluster; a step's work where it has to be started.</param>
    /// <param name="chooses">Whether it is still to be found how applications get there.</param>
    /// <param name="cancellation">Ends the check.</param>
    public static async Task<(ClusterCheck? Check, ImmutableArray<Problem> Against)> RunAsync(OperationRun run, Func<Action<string>, Task<Result<RayEngine>>> place, bool chooses, CancellationToken cancellation)
    {
        ClusterCheck? check = null;
        (string Name, Func<Task<Result<string>>> Look)[] steps =
        [
            ("dashboard", async () =>
            {
                Result<RayEngine> connected = await place(text => run.Progress("dashboard", text));
                if (!connected.Ok)
                    return connected.Problems;
                check = connected.Value.Check(chooses);
                return await check.DashboardAsync(cancellation);
            }),
            ("ray", () => check!.RayAsync(cancellation)),
            ("agent", () => check!.AgentAsync(text => run.Progress("agent", text), cancellation)),
            ("nodes", () => check!.NodesAsync(cancellation)),
            ("packages", () => Task.FromResult(check!.InstalledPackages())),
            ("writers", () => check!.WritersAsync(cancellation)),
            ("mode", () => Task.FromResult(check!.Choice())),
        ];
        foreach ((string name, Func<Task<Result<string>>> look) in steps)
        {
            Result<string> said = await run.StepAsync(name, look, words => new(words));
            if (!said.Ok)
                return (check, said.Problems);
        }
        return (check, []);
    }
}

/// <summary>Proves that a cluster can be used, and keeps it only then.</summary>
internal sealed class AddComputeOperation(DbStore store, ComputeService computes, LocalClusters local) : IOperationKind
{
    public string Kind => "compute.add";

    public ImmutableArray<string> Steps => ClusterCheck.Things;

    public async Task<ImmutableArray<Problem>> RunAsync(OperationRun run, CancellationToken cancellation)
    {
        ComputeRequest request = JsonSerializer.Deserialize(run.Request, ComputeJson.Default.ComputeRequest)!;
        ComputeRow row = computes.Draft(request);
        ClusterPlace? place = null;
        RayEngine? engine = null;
        bool kept = false;
        try
        {
            (ClusterCheck? check, ImmutableArray<Problem> against) = await CheckSteps.RunAsync(
                run,
                async tell =>
                {
                    Result<ClusterPlace> found = row.Address() is { } address ? new ClusterPlace(address) : await local.EnsureAsync(request.Python, request.Install, tell, cancellation);
                    return found.Ok ? engine = computes.Connect(row, place = found.Value) : found.Problems;
                },
                chooses: true,
                cancellation);
            if (!against.IsEmpty)
                return against;
            (row.Mode, row.Software) = (check!.Mode, check.Software);
            if (check.Declares != row.Declares)
            {
                row.Declares = check.Declares;
                await engine!.DisposeAsync();
                engine = computes.Connect(row, place!);
            }
            await store.WriteAsync(
                async db =>
                {
                    await computes.KeepAsync(db, row, run.Actor);
                    await run.Succeed(db, new ComputeName(row.Name), ComputeJson.Default.ComputeName);
                    return true;
                },
                cancellation);
            kept = true;
            computes.Use(row, engine!);
            return [];
        }
        finally
        {
            if (!kept && engine is not null)
            {
                // Whoever is not taken leaves nothing behind.
                await engine.LeaveAsync(CancellationToken.None);
                await engine.DisposeAsync();
            }
        }
    }
}

/// <summary>Looks anew whether a cluster can be used.</summary>
internal sealed class CheckComputeOperation(DbStore store, ComputeEngines engines) : IOperationKind
{
    public string Kind => "compute.check";

    public ImmutableArray<string> Steps => ClusterCheck.Things;

    public async Task<ImmutableArray<Problem>> RunAsync(OperationRun run, CancellationToken cancellation)
    {
        ComputeName asked = JsonSerializer.Deserialize(run.Request, ComputeJson.Default.ComputeName)!;
        (ClusterCheck? check, ImmutableArray<Problem> against) = await CheckSteps.RunAsync(
            run,
            _ => Task.FromResult(engines.Find(asked.Name) is RayEngine engine
                ? (Result<RayEngine>)engine
                : engines.Against(asked.Name) ?? new Problem(Catalogue.RayUnreachable, $"{asked.Name} is still being started.")),
            chooses: false,
            cancellation);
        if (!against.IsEmpty)
            return against;
        await store.WriteAsync(
            async db =>
            {
                if (await db.Set<ComputeRow>().FindAsync(asked.Name) is { } row)
                    (row.Mode, row.Software) = (check!.Mode, check.Software);
                await run.Succeed(db, asked, ComputeJson.Default.ComputeName);
                return true;
            },
            cancellation);
        return [];
    }
}

/// <summary>Takes everything of ours out of a cluster and forgets it.</summary>
internal sealed class RemoveComputeOperation(DbStore store, ComputeService computes, ComputeEngines engines, LocalClusters local) : IOperationKind
{
    public string Kind => "compute.remove";

    public ImmutableArray<string> Steps => ["cluster", "forget"];

    public async Task<ImmutableArray<Problem>> RunAsync(OperationRun run, CancellationToken cancellation)
    {
        ComputeName asked = JsonSerializer.Deserialize(run.Request, ComputeJson.Default.ComputeName)!;
        Result<ComputeRow> row = await computes.RowAsync(asked.Name);
        if (!row.Ok)
            return row.Problems;
        Result<string> left = await run.StepAsync("cluster", () => LeaveAsync(row.Value, cancellation), words => new(words));
        if (!left.Ok)
            return left.Problems;
        Result<bool> forgotten = await run.StepAsync(
            "forget",
            async () => (Result<bool>)await store.WriteAsync(
                async db =>
                {
                    await computes.ForgetAsync(db, asked.Name, run.Actor);
                    await run.Succeed(db, asked, ComputeJson.Default.ComputeName);
                    return true;
                },
                cancellation),
            _ => new($"{asked.Name} is no compute any more"));
        return forgotten.Problems;
    }

    private async Task<Result<string>> LeaveAsync(ComputeRow row, CancellationToken cancellation)
    {
        // A cluster that is gone for good must not keep its name for ever.
        Result<bool> left = engines.Find(row.Name) is RayEngine engine ? await engine.LeaveAsync(cancellation) : false;
        await engines.RemoveAsync(row.Name);
        if (row.Local)
            await local.StopAsync(cancellation);
        return row.Local ? "stopped" : left is { Ok: true, Value: true } ? "nothing of ours is left there" : $"what is left there was not removed: {left.Problems.FirstOrDefault()?.Detail ?? "it does not answer"}";
    }
}

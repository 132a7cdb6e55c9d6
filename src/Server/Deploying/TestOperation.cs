using System.Collections.Immutable;
using System.Text.Json;
using Raywright.Core.Errors;
using Raywright.Server.Operations;
using Raywright.Server.Store;

namespace Raywright.Server.Deploying;

/// <summary>The tests of a model folder, without a version and without traffic. Its evidence counts when the same is deployed.</summary>
internal sealed class TestOperation(DbStore store, ModelPreparation preparation, TrustedFiles trusted, ModelTests tests) : IOperationKind
{
    public string Kind => "test";

    public ImmutableArray<string> Steps => ["source", "scan", "contract", "tests"];

    public async Task<ImmutableArray<Problem>> RunAsync(OperationRun run, CancellationToken cancellation)
    {
        DeployOrder order = JsonSerializer.Deserialize(run.Request, DeployJson.Default.DeployOrder)!;
        Result<PreparedModel> prepared = await PreparationSteps.RunAsync(run, order, preparation, trusted, cancellation);
        if (!prepared.Ok)
            return prepared.Problems;
        Result<string> folder = await preparation.VersionFolderAsync(prepared.Value, cancellation);
        if (!folder.Ok)
            return folder.Problems;
        Result<TestOutcome> tested = await PreparationSteps.TestAsync(run, prepared.Value, folder.Value, tests, waits: true, cancellation);
        if (!tested.Ok)
            return tested.Problems;
        await store.WriteAsync(db => run.Succeed(db, new TestResult(order.Model, order.Environment, tested.Value.Evidence), DeployJson.Default.TestResult), cancellation);
        return [];
    }
}

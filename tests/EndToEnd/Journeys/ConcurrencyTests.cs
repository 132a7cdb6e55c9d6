using System.Text.Json;
using Raywright.Core.Api;
using Raywright.EndToEnd.Harness;
using Raywright.TestKit;
using Xunit;

namespace Raywright.EndToEnd.Journeys;

/// <summary>Several commands at once.</summary>
public sealed class ConcurrencyTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TwoDeploysIntoOneEndpoint_BothEnd_AndTheLastOneServes()
    {
        await using Sandbox sandbox = new();
        await sandbox.UpAsync(sandbox.Iris());
        string[] folders = ["one", "two"];
        for (int index = 0; index < folders.Length; index++)
        {
            string folder = sandbox.Model(folders[index], ModelFolders.Adding(index + 1));
            await File.WriteAllTextAsync(Path.Combine(folder, "raywright.yaml"), "model: adding\nsource: model.onnx\n", Cancellation);
        }

        Ended[] deploys = await Task.WhenAll(folders.Select(folder => sandbox.RaywrightAsync("deploy", folder, "--json")));

        Operation[] operations = [.. deploys.Select(deploy => JsonSerializer.Deserialize(deploy.With(0).Output, ApiJson.Default.Operation)!)];
        Assert.All(operations, operation => Assert.Equal(OperationState.Succeeded, operation.State));
        Operation last = operations.MaxBy(operation => operation.EndedAt)!;
        using var owner = sandbox.Owner();
        EndpointInfo endpoint = (await owner.EndpointAsync("dev", "adding", Cancellation)).Value;
        Assert.Equal(last.Result!.Value.GetProperty("revision").GetString(), endpoint.Traffic.Single().Revision);
        Assert.Equal(2, (await owner.VersionsAsync("adding", Cancellation)).Value.Items.Length);
    }

    [Fact]
    public async Task DeploysIntoThreeEnvironments_AreOneVersion()
    {
        await using Sandbox sandbox = new();
        await sandbox.UpAsync(sandbox.Iris());
        sandbox.Model("adding", ModelFolders.Adding(1), ModelFolders.Cases("""{"inputs": {"x": [[1, 2, 3, 4]]}}"""));
        string[] environments = ["dev", "staging", "prod"];

        Ended[] deploys = await Task.WhenAll(environments.Select(environment => sandbox.RaywrightAsync("deploy", "adding", "-e", environment)));

        Assert.All(deploys, deploy => deploy.With(0));
        foreach (string environment in environments)
            (await sandbox.RaywrightAsync("query", "adding", """{"x": [[1, 2, 3, 4]]}""", "-e", environment)).With(0).Saying("[[2,3,4,5]]");
        using var owner = sandbox.Owner();
        VersionInfo version = Assert.Single((await owner.VersionsAsync("adding", Cancellation)).Value.Items);
        Assert.Equal(environments.Order(), version.Endpoints.Order());
        (await sandbox.RaywrightAsync("ledger", "verify")).With(0).Saying("intact");
    }

    [Fact]
    public async Task ADeleteDuringADeploy_EndsInOrder()
    {
        await using Sandbox sandbox = new();
        string folder = sandbox.Model("adding", ModelFolders.Adding(1));
        await sandbox.UpAsync(folder);
        await File.WriteAllBytesAsync(Path.Combine(folder, "model.onnx"), ModelFolders.Adding(2), Cancellation);

        (await sandbox.RaywrightAsync("deploy", "adding", "--no-wait")).With(0).Saying("op_");
        (await sandbox.RaywrightAsync("delete", "adding", "--yes")).With(0).Saying("adding is gone from dev");

        (await sandbox.RaywrightAsync("query", "adding", """{"x": [[1, 2, 3, 4]]}""")).With(5);
        await Eventually.TrueAsync(async () => (await sandbox.RaywrightAsync("version", "list", "adding")).Output.Contains("adding:2", StringComparison.Ordinal), "both versions are kept");
    }
}

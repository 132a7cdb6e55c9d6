using System.Collections.Immutable;
using Raywright.Core.Api;
using Raywright.Core.Errors;
using Raywright.Server.Tests.Hosting;
using Raywright.TestKit;
using Raywright.TestKit.Ray;
using Xunit;

namespace Raywright.Server.Tests.Computes;

/// <summary>Nodes come for the models that need them, and go with them; on a real Ray whose nodes are processes here.</summary>
[Collection(RayHere.OneAtATime)]
public sealed class RayNodeTests(ElasticRay ray) : IClassFixture<ElasticRay>, IAsyncLifetime
{
    private TestServer server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => server = await RayCluster.ServeOnAsync(ray);

    public async ValueTask DisposeAsync()
    {
        if (server is null)
            return;
        await RayCluster.LeaveAsync(server);
        await server.DisposeAsync();
    }

    [Theory]
    [InlineData("cpus: 2", 0)]
    [InlineData("cpus: 0.5, gpus: 1", 1)]
    public async Task ANode_ComesForAModel_AndGoesWithIt(string resources, double gpus)
    {
        using TestModel model = TestModel.Adding(1, more: $"resources: {{ {resources}, memory: 64Mi }}\n");
        Result<Operation> deployed = await server.DeployAsync(model);
        Assert.True(deployed.Value.State == OperationState.Succeeded, TestServer.Words(deployed));
        Assert.Contains('2', await server.AskAsync("adder", "[[1.0]]"));
        NodeInfo more = Assert.Single(await NodesAsync(), node => !node.Head);
        Assert.Equal((2, gpus), (more.Cpus, more.Gpus));
        Result<Operation> gone = await server.Client.DeleteEndpointAsync("dev", "adder", Token);
        Assert.Equal(OperationState.Succeeded, (await server.EndOfAsync(gone.Value.Id)).State);
        await Eventually.TrueAsync(async () => (await NodesAsync()).Length == 1, "the node has gone");
    }

    [Fact]
    public async Task WhatNoNodeCouldHold_IsRefused()
    {
        using TestModel model = TestModel.Adding(1, more: "resources: { gpus: 4 }\n");
        Result<Operation> ended = await server.DeployAsync(model);
        Assert.Equal("RW4146", TestServer.Outcome(ended));
        Assert.Equal("A replica asks for 4 GPUs, the largest node has 0, the largest that could be started 1.", ended.Value.Problem!.Detail);
    }

    private async Task<ImmutableArray<NodeInfo>> NodesAsync() => (await server.Client.ComputeAsync("lab", Token)).Value.Nodes;
}

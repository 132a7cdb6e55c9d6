using Raywright.Core.Api;
using Raywright.Core.Errors;
using Raywright.Server.Tests.Hosting;
using Raywright.TestKit.Ray;
using Xunit;

namespace Raywright.Server.Tests.Computes;

/// <summary>A server whose <c>dev</c> deploys to the real Ray of this run.</summary>
internal static class RayCluster
{
    public static async Task<TestServer> ServeOnAsync(RealRay ray)
    {
        await ray.StartAsync();
        await ray.StartServeAsync();
        TestServer server = await TestServer.StartAsync();
        Operation added = await AddAsync(server, ray);
        Assert.True(added.State == OperationState.Succeeded, TestServer.Words(added));
        Result<EnvironmentInfo> changed = await server.Client.ChangeEnvironmentAsync("dev", new EnvironmentChange("lab"), TestContext.Current.CancellationToken);
        Assert.True(changed.Ok, string.Join("; ", changed.Problems));
        return server;
    }

    public static async Task<Operation> AddAsync(TestServer server, RealRay ray, string? token = null)
    {
        Result<Operation> begun = await server.Client.AddComputeAsync(
            new ComputeRequest("lab", ray.Address.ToString(), $"http://127.0.0.1:{ray.ServePort}", token ?? ray.Token), TestContext.Current.CancellationToken);
        Assert.True(begun.Ok, string.Join("; ", begun.Problems));
        return await server.EndOfAsync(begun.Value.Id);
    }

    /// <summary>Takes everything of this server out of the cluster, which the next test uses.</summary>
    public static async Task LeaveAsync(TestServer server)
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        await server.Client.ChangeEnvironmentAsync("dev", new EnvironmentChange("embedded"), cancellation);
        Result<Operation> removed = await server.Client.RemoveComputeAsync("lab", cancellation);
        Assert.True(removed.Ok, string.Join("; ", removed.Problems));
        Assert.Equal(OperationState.Succeeded, (await server.EndOfAsync(removed.Value.Id)).State);
    }
}

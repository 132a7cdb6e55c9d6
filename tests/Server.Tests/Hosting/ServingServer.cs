using Raywright.Core.Api;
using Xunit;

namespace Raywright.Server.Tests.Hosting;

/// <summary>A server for all tests of a class, on which <c>dev/adder</c> adds 10 and has to go on doing so.</summary>
public sealed class ServingServer : IAsyncLifetime
{
    internal TestModel Model { get; } = TestModel.Adding(10);

    internal TestServer Server { get; private set; } = null!;

    private string revision = "";

    public async ValueTask InitializeAsync()
    {
        Server = await TestServer.StartAsync();
        revision = (await Server.DeployedAsync(Model)).Revision;
    }

    /// <summary>What served before serves still, and the server is well.</summary>
    internal async Task AssertUntouchedAsync()
    {
        EndpointInfo endpoint = (await Server.Client.EndpointAsync("dev", "adder", TestContext.Current.CancellationToken)).Value;
        Assert.Equal((EndpointState.Healthy, revision), (endpoint.State, Assert.Single(endpoint.Traffic).Revision));
        Assert.Equal("""{"outputs":{"y":[[11]]}}""", await Server.AskAsync("adder", """{"x":[[1]]}"""));
        Assert.Equal("ready", await (await Server.Http.ReadAsync("/health/ready")).TextAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Model.Dispose();
    }
}

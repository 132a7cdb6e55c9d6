using Raywright.Cli.Tests.Fakes;
using Raywright.Core.Api;
using Raywright.Core.Api.Client;
using Raywright.Core.Errors;
using Xunit;

namespace Raywright.Cli.Tests.Client;

/// <summary>Following survives what networks and servers do.</summary>
public sealed class EventStreamTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AConnectionThatBreaks_IsResumedAfterTheLastEvent()
    {
        await using FakeControlPlane server = await FakeControlPlane.StartAsync();
        server.Story = Sample.Deploy;
        server.EventBreaks.Enqueue(1);
        server.EventBreaks.Enqueue(0);
        server.EventBreaks.Enqueue(1);
        List<bool> connected = [];
        List<Result<Operation>> seen = await FollowAsync(server, FollowOptions.Default with { Connected = connected.Add });
        Assert.Equal([OperationState.Pending, OperationState.Running, OperationState.Succeeded], seen.Select(item => item.Value.State));
        Assert.Equal(["events from 0", "events from 1", "events from 1", "events from 2"], server.Asked.Where(asked => asked.StartsWith("events", StringComparison.Ordinal)));
        Assert.Equal([false, true, false, true], connected[..4]);
    }

    [Fact]
    public async Task AServerThatIsStartedAgain_IsFoundAgain()
    {
        FakeControlPlane server = await FakeControlPlane.StartAsync();
        Uri url = server.Url;
        server.Story = Sample.Deploy;
        server.EventBreaks.Enqueue(2);
        using RaywrightClient client = new(url, FakeControlPlane.Key, TimeProvider.System);
        List<OperationState> seen = [];
        await foreach (Result<Operation> next in client.FollowOperationAsync(Sample.OperationId, FollowOptions.Default, Cancellation))
        {
            seen.Add(next.Value.State);
            if (seen.Count != 2)
                continue;
            await server.DisposeAsync();
            server = await FakeControlPlane.StartAsync(url.Port);
            server.Story = Sample.Deploy;
        }
        await server.DisposeAsync();
        Assert.Equal([OperationState.Pending, OperationState.Running, OperationState.Succeeded], seen);
    }

    [Fact]
    public async Task AnOperationThatDoesNotExist_IsAProblemAtOnce()
    {
        await using FakeControlPlane server = await FakeControlPlane.StartAsync();
        using RaywrightClient client = new(server.Url, "rwk_wrong", TimeProvider.System);
        List<Result<Operation>> seen = [];
        await foreach (Result<Operation> next in client.FollowOperationAsync("op_x", FollowOptions.Default, Cancellation))
            seen.Add(next);
        Assert.Equal(Catalogue.KeyMissing, Assert.Single(Assert.Single(seen).Problems).Definition);
    }

    [Fact]
    public async Task AServerThatStaysAway_IsAProblemWhenPatienceEnds()
    {
        FakeControlPlane server = await FakeControlPlane.StartAsync();
        Uri url = server.Url;
        await server.DisposeAsync();
        using RaywrightClient client = new(url, FakeControlPlane.Key, TimeProvider.System);
        List<Result<Operation>> seen = [];
        await foreach (Result<Operation> next in client.FollowOperationAsync("op_x", new FollowOptions(TimeSpan.FromMilliseconds(200)), Cancellation))
            seen.Add(next);
        Assert.Equal(Catalogue.ConnectionLost, Assert.Single(Assert.Single(seen).Problems).Definition);
    }

    private static async Task<List<Result<Operation>>> FollowAsync(FakeControlPlane server, FollowOptions options)
    {
        using RaywrightClient client = new(server.Url, FakeControlPlane.Key, TimeProvider.System);
        List<Result<Operation>> seen = [];
        await foreach (Result<Operation> next in client.FollowOperationAsync(Sample.OperationId, options, Cancellation))
            seen.Add(next);
        return seen;
    }
}

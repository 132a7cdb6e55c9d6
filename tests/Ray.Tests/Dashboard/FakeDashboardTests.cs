using Raywright.TestKit.Ray;
using Xunit;

namespace Raywright.Ray.Tests.Dashboard;

/// <summary>The contract on the fake.</summary>
public sealed class FakeDashboardTests : DashboardContract, IAsyncLifetime
{
    private FakeRay? ray;

    public async ValueTask InitializeAsync()
    {
        ray = await FakeRay.StartAsync();
        ray.Token = "token-of-the-fake";
        ray.Jobs.Run = _ => new(0, "hello\n");
    }

    public ValueTask DisposeAsync() => ray!.DisposeAsync();

    protected override Task<Cluster> ClusterAsync() => Task.FromResult(new Cluster(ray!.Address, ray.Token!, 8000));
}

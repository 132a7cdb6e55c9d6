using Raywright.TestKit;
using Raywright.TestKit.Ray;
using Xunit;

namespace Raywright.Ray.Tests.Dashboard;

/// <summary>The contract on a real Ray: what the fake is worth.</summary>
[Collection(RayHere.OneAtATime)]
public sealed class RealDashboardTests(RealRay ray) : DashboardContract
{
    protected override async Task<Cluster> ClusterAsync()
    {
        await ray.StartAsync();
        return new(ray.Address, ray.Token, ray.ServePort);
    }
}

using Raywright.TestKit.Ray;

namespace Raywright.Ray.Tests.Dashboard;

/// <summary>The contract on a real Ray: what the fake is worth.</summary>
[Xunit.Collection("Declared applications of the real Ray")]
public sealed class RealDashboardTests(RealRay ray) : DashboardContract
{
    protected override async Task<Cluster> ClusterAsync()
    {
        await ray.StartAsync();
        return new(ray.Address, ray.Token, ray.ServePort);
    }
}

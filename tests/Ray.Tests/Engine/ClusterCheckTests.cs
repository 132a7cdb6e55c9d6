using Microsoft.Extensions.Logging.Abstractions;
using Raywright.Core.Errors;
using Raywright.Ray.Agent;
using Raywright.Ray.Engine;
using Raywright.TestKit.Ray;
using Xunit;

namespace Raywright.Ray.Tests.Engine;

/// <summary>How it is chosen in which way applications get into a cluster.</summary>
public sealed class ClusterCheckTests : IAsyncLifetime
{
    private FakeRay ray = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => ray = await FakeRay.StartAsync();

    public ValueTask DisposeAsync() => ray.DisposeAsync();

    [Theory]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(405)]
    [InlineData(501)]
    public async Task WhereJobsAreNotAllowed_ApplicationsAreDeclared(int status)
    {
        ray.Faults.Next(FakeFault.Status(status, "no jobs here"), path: "/api/jobs/");
        await using RayEngine engine = Engine();
        ClusterCheck check = engine.Check(chooses: true);
        Assert.Contains("Python 3.11.7", (await check.RayAsync(Token)).Ok ? check.Software : "", StringComparison.Ordinal);
        Result<string> said = await check.AgentAsync(_ => { }, Token);
        Assert.True(said.Ok, string.Join("; ", said.Problems));
        Assert.Equal("jobs are not allowed: applications are declared (PUT)", said.Value);
        Assert.Contains("Serve does not run yet", (await check.NodesAsync(Token)).Value, StringComparison.Ordinal);
        Assert.Equal(("declared", true), (check.Mode, check.Declares));
        Assert.Contains("requests go through Serve's proxy", check.Choice().Value, StringComparison.Ordinal);
    }

    /// <summary>What was chosen once stays: else the same applications would be put there twice, in two ways.</summary>
    [Fact]
    public async Task WhereJobsWereAllowedOnce_NothingIsChosenAnew()
    {
        ray.Faults.Next(FakeFault.Status(403, "no jobs here"), path: "/api/jobs/");
        await using RayEngine engine = Engine();
        ClusterCheck check = engine.Check();
        Assert.Equal("RW4129", Assert.Single((await check.AgentAsync(_ => { }, Token)).Problems).Code);
        Assert.False(check.Declares);
    }

    [Fact]
    public async Task WhereItIsWanted_NoJobIsTried_AndServesProxyHasToAnswer()
    {
        ray.Serve.AddImperative("theirs", routePrefix: "/theirs");
        await using RayEngine engine = Engine(declares: true);
        ClusterCheck check = engine.Check(chooses: true);
        Assert.Equal("none is wanted: applications are declared (PUT)", (await check.AgentAsync(_ => { }, Token)).Value);
        Assert.Empty(ray.Jobs.Ids);
        Assert.Equal("RW4152", Assert.Single((await check.NodesAsync(Token)).Problems).Code);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task WhereOthersDeclare_ItHasToBeAccepted(bool accepted)
    {
        using StringContent list = new("""{"applications":[{"name":"theirs","import_path":"their.app:build"}]}""");
        (await ray.Client().PutAsync("/api/serve/applications/", list, Token)).Dispose();
        await using RayEngine engine = Engine(declares: true, sharesList: accepted);
        Result<string> said = await engine.Check(chooses: true).AgentAsync(_ => { }, Token);
        Assert.Equal(accepted ? null : "RW4127", said.Problems.FirstOrDefault()?.Code);
    }

    /// <summary>Serve's port is one where nobody listens.</summary>
    private RayEngine Engine(bool declares = false, bool sharesList = false) => new(
        "lab", new ClusterPlace(new ClusterAddress(ray.Address, new Uri("http://127.0.0.1:1"))), new Installation("raywright-00000001", "secret"), DeclaredRevision.Runtime,
        TimeProvider.System, NullLogger<RayEngine>.Instance, declares, sharesList);
}

using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Raywright.Core.Errors;
using Raywright.Server.Hosting;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Server.Tests.Hosting;

/// <summary>Starting, stopping, and why a server does not start.</summary>
public sealed class ServerHostTests
{
    [Fact]
    public void TheProbeOfAServer_LiesBesideTheTests()
    {
        Assert.True(File.Exists(Path.Combine(AppContext.BaseDirectory, "raywright-server.dll")));
        Assert.True(File.Exists(Path.Combine(AppContext.BaseDirectory, "raywright-server.runtimeconfig.json")));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Both), MemberType = typeof(TestDatabase))]
    public async Task AModel_IsDeployedAskedAndThereAfterARestart(string kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        using TestModel model = TestModel.Adding(10);
        Assert.Equal(1, (await server.DeployedAsync(model)).Version);
        Assert.Equal("""{"outputs":{"y":[[12]]}}""", await server.AskAsync("adder", """{"x":[[2]]}"""));
        await server.RestartAsync();
        Assert.Equal("""{"outputs":{"y":[[12]]}}""", await server.AskAsync("adder", """{"x":[[2]]}"""));
        Assert.True((await server.Client.VerifyLedgerAsync(TestContext.Current.CancellationToken)).Value.Intact);
    }

    [Fact]
    public async Task ASecondServer_OnTheHomeIsRefusedAndNamesTheFirst()
    {
        await using TestServer server = await TestServer.StartAsync();
        Problem problem = Assert.Single((await server.TryStartAsync()).Problems);
        Assert.Equal("RW5002", problem.Code);
        Assert.Contains(server.Url.Authority, problem.Detail, StringComparison.Ordinal);
        Assert.Equal(200, (await server.Http.ReadAsync("/api/v1/server")).Status);
    }

    [Fact]
    public async Task ATakenPort_IsRefusedWithAFreeOne()
    {
        await using TestServer server = await TestServer.StartAsync();
        using TemporaryFolder other = new();
        Problem problem = Assert.Single((await server.TryStartAsync(server.Url.Port, other.Path)).Problems);
        Assert.Equal("RW5001", problem.Code);
        Assert.Contains("--port ", problem.Advice, StringComparison.Ordinal);
        Assert.DoesNotContain($"--port {server.Url.Port} ", problem.Advice, StringComparison.Ordinal);
        // What did not start holds nothing.
        Result<ServerHost> again = await server.TryStartAsync(0, other.Path);
        Assert.True(again.Ok, string.Join("; ", again.Problems));
        await again.Value.DisposeAsync();
    }

    [Fact]
    public async Task HealthAndMetrics_AnswerOnTheirPortAlone()
    {
        int ops = FreePort();
        await using TestServer server = await TestServer.StartAsync(opsPort: ops);
        using HttpClient watcher = new() { BaseAddress = new Uri($"http://127.0.0.1:{ops}") };
        foreach (string path in new[] { "/health/live", "/health/ready", "/metrics" })
        {
            Assert.Equal(200, (await watcher.ReadAsync(path)).Status);
            Assert.Equal(404, (await server.Http.ReadAsync(path)).Status);
        }
        Assert.Equal(404, (await watcher.ReadAsync("/api/v1/server")).Status);
        Assert.Equal(404, (await watcher.ReadAsync("/api/v1/keys", server.OwnerKey)).Status);
        Assert.Equal(404, (await watcher.ReadAsync("/serve/dev/v2/health/ready", server.OwnerKey)).Status);
    }

    [Fact]
    public async Task TheApp_AnswersOnItsPortAlone()
    {
        int app = FreePort(), ops = FreePort();
        await using TestServer server = await TestServer.StartAsync(opsPort: ops, appPort: app);
        Assert.NotEqual(app, server.Url.Port);
        using HttpClient person = new() { BaseAddress = new Uri($"http://127.0.0.1:{app}") };
        using HttpClient watcher = new() { BaseAddress = new Uri($"http://127.0.0.1:{ops}") };
        foreach (string path in new[] { "/sign-in", "/mark.svg", "/app.css" })
        {
            Assert.Equal(200, (await person.ReadAsync(path)).Status);
            Assert.Equal(404, (await server.Http.ReadAsync(path)).Status);
            Assert.Equal(404, (await watcher.ReadAsync(path)).Status);
        }
        foreach (string path in new[] { "/api/v1/server", "/api/v1/keys", "/serve/dev/v2/health/ready", "/health/live" })
            Assert.Equal(404, (await person.ReadAsync(path, server.OwnerKey)).Status);
        Assert.Equal(200, (await server.Http.ReadAsync("/api/v1/keys", server.OwnerKey)).Status);
        Assert.Equal(200, (await watcher.ReadAsync("/health/live")).Status);
        string link = (await server.Client.AppLinkAsync(TestContext.Current.CancellationToken)).Value.Url;
        Assert.StartsWith($"http://127.0.0.1:{app}/sign-in?token=", link, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HealthAndMetrics_AnswerOnTheOnlyPort()
    {
        await using TestServer server = await TestServer.StartAsync();
        Assert.Equal("ready", await (await server.Http.ReadAsync("/health/ready")).TextAsync());
        Assert.StartsWith("#", await (await server.Http.ReadAsync("/metrics")).TextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheOwnersKey_IsMadeAnewWhereItIsLost()
    {
        await using TestServer server = await TestServer.StartAsync();
        string first = server.OwnerKey, file = Path.Combine(server.Home, "admin.key");
        await server.RestartAsync();
        Assert.Equal(first, server.OwnerKey);
        await server.StopAsync();
        File.Delete(file);
        await server.RestartAsync();
        Assert.NotEqual(first, server.OwnerKey);
        Assert.Equal(200, (await server.Http.ReadAsync("/api/v1/keys", server.OwnerKey)).Status);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public async Task AStoppedServer_WithdrawsItsAnnouncement()
    {
        await using TestServer server = await TestServer.StartAsync();
        Assert.Contains(server.Url.Authority, await File.ReadAllTextAsync(Path.Combine(server.Home, "server.json"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await server.StopAsync();
        Assert.False(File.Exists(Path.Combine(server.Home, "server.json")));
    }

    [Fact]
    public async Task Disposing_StopsTheServicesBeforeTheDatabaseCloses()
    {
        await using TestServer server = await TestServer.StartAsync();
        CancellationToken stopped = server.Services.GetRequiredService<Microsoft.Extensions.Hosting.IHostApplicationLifetime>().ApplicationStopped;
        await server.StopAsync();
        Assert.True(stopped.IsCancellationRequested);
    }

    [Theory]
    [InlineData("--ops-port", "0")]
    [InlineData("--ops-port", "7700")]
    [InlineData("--app-port", "0")]
    [InlineData("--app-port", "7700")]
    [InlineData("--app-port", "70000")]
    [InlineData("--port", "70000")]
    [InlineData("--role", "nobody")]
    [InlineData("--prot", "1")]
    public void AWrongOption_IsAProblem(string option, string value) =>
        Assert.Equal("RW5006", Assert.Single(ServerOptions.Read([option, value]).Problems.DistinctBy(problem => problem.Code)).Code);

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Raywright.Core.Errors;
using Raywright.Ray.Dashboard;
using Raywright.TestKit;
using Raywright.TestKit.Ray;
using Xunit;

namespace Raywright.Ray.Tests.Dashboard;

/// <summary>What can go wrong between the client and a dashboard, and what is said about it.</summary>
public sealed class DashboardProblemTests : IAsyncLifetime
{
    private FakeRay ray = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private DashboardClient Client => new(ray.Client(), TimeProvider.System);

    public async ValueTask InitializeAsync() => ray = await FakeRay.StartAsync();

    public ValueTask DisposeAsync() => ray.DisposeAsync();

    [Fact]
    public async Task NothingListens_IsSaid()
    {
        Uri gone = FreeAddress("http");
        Problem problem = Fails(Catalogue.RayUnreachable, await At(gone).VersionAsync(Cancellation));
        Assert.Equal($"{gone.ToString().TrimEnd('/')} cannot be reached: nothing listens there.", problem.Detail);
    }

    [Fact]
    public async Task AnUnknownName_IsSaid()
    {
        Problem problem = Fails(Catalogue.RayUnreachable, await At(new("http://no-such-host.invalid:8265")).VersionAsync(Cancellation));
        Assert.Contains("its name is unknown", problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PlainHttpBehindHttps_IsATlsFailure()
    {
        Problem problem = Fails(Catalogue.RayUnreachable, await At(new UriBuilder(ray.Address) { Scheme = "https" }.Uri).VersionAsync(Cancellation));
        Assert.Contains("TLS failed", problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AHangingDashboard_IsGivenUpAtTheDeadline()
    {
        ray.Faults.Next(FakeFault.Hang);
        FakeTimeProvider clock = new();
        DashboardClient client = new(ray.Client(), clock);
        Task<Result<ServeDetails>> call = client.ApplicationsAsync(Cancellation);
        await Eventually.TrueAsync(() => ray.Requests.Count == 1, "the request arrives");
        clock.Advance(TimeSpan.FromSeconds(29));
        Assert.False(call.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(2));
        Problem problem = Fails(Catalogue.RayTooSlow, await call);
        Assert.EndsWith("did not answer GET /api/serve/applications/ within 30 s.", problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ASlowAnswer_IsAnAnswer()
    {
        TaskCompletionSource signal = new();
        ray.Faults.Next(FakeFault.Slow(signal.Task));
        Task<Result<ClusterVersion>> call = Client.VersionAsync(Cancellation);
        await Eventually.TrueAsync(() => ray.Requests.Count == 1, "the request arrives");
        Assert.False(call.IsCompleted);
        signal.SetResult();
        Assert.True((await call).Ok);
    }

    [Fact]
    public async Task TheCallersCancellation_IsNoProblemButAnException()
    {
        ray.Faults.Next(FakeFault.Hang);
        using CancellationTokenSource source = new();
        Task<Result<ClusterVersion>> call = Client.VersionAsync(source.Token);
        await Eventually.TrueAsync(() => ray.Requests.Count == 1, "the request arrives");
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    [Fact]
    public async Task ABrokenConnection_IsUnreachable()
    {
        ray.Faults.Next(FakeFault.Reset, requests: 10);
        Problem problem = Fails(Catalogue.RayUnreachable, await Client.ApplicationsAsync(Cancellation));
        Assert.Contains("the connection broke", problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ARefusalThatIsLostWithTheConnection_IsStillTheSizeOfThePackage()
    {
        ray.Faults.Next(FakeFault.Reset, requests: 10);
        Fails(Catalogue.RayPackageTooLarge, await Client.UploadPackageAsync("a.zip", new byte[101 << 20], Cancellation));
        Fails(Catalogue.RayUnreachable, await Client.UploadPackageAsync("a.zip", new byte[1], Cancellation));
    }

    [Fact]
    public async Task OfATrace_OnlyTheLastLineIsShown()
    {
        ray.Faults.Next(FakeFault.Error("RuntimeError: the disk is full"));
        Problem problem = Fails(Catalogue.RayFailed, await Client.PutApplicationsAsync("{}"u8.ToArray(), Cancellation));
        Assert.EndsWith("failed: RuntimeError: the disk is full", problem.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain("Traceback", problem.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(301, "", "RW4115")]
    [InlineData(404, "nginx", "RW4115")]
    [InlineData(405, "'PUT' method not allowed for browser traffic.", "RW4114")]
    [InlineData(413, "too large", "RW4120")]
    [InlineData(418, "teapot", "RW4125")]
    [InlineData(501, "Serve is not installed", "RW4126")]
    [InlineData(502, "Bad Gateway", "RW4110")]
    [InlineData(503, "Failed to get a response from the controller.", "RW4121")]
    [InlineData(504, "Gateway Timeout", "RW4110")]
    [InlineData(200, "<html>Sign in</html>", "RW4115")]
    [InlineData(200, "null", "RW4115")]
    [InlineData(200, "", "RW4115")]
    [InlineData(200, "{\"applications\": 5}", "RW4115")]
    public async Task AnOddAnswer_IsNamed(int status, string body, string code)
    {
        ray.Faults.Next(FakeFault.Status(status, body));
        Result<ServeDetails> result = await Client.ApplicationsAsync(Cancellation);
        Assert.Equal(code, Assert.Single(result.Problems).Code);
    }

    [Fact]
    public async Task WhatDoesNotSpeakHttp_IsNoRay()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        Task answer = Task.Run(async () =>
        {
            using TcpClient connection = await listener.AcceptTcpClientAsync(Cancellation);
            await connection.GetStream().WriteAsync("SSH-2.0-OpenSSH_9.9\r\n"u8.ToArray(), Cancellation);
            // Until the client lets go: an end of the connection would be another fault.
            await connection.GetStream().CopyToAsync(Stream.Null, Cancellation);
        }, Cancellation);
        Fails(Catalogue.RayNotRay, await At(new($"http://{listener.LocalEndpoint}")).VersionAsync(Cancellation));
        await answer;
    }

    [Theory]
    [InlineData("2.54.0", true)]
    [InlineData("2.60.0", true)]
    [InlineData("3.0.0.dev0", true)]
    [InlineData("our-own-build", true)]
    [InlineData("2.53.9", false)]
    [InlineData("2.9.3", false)]
    [InlineData("1.13.0", false)]
    public async Task ARayThatIsTooOld_IsRefused(string version, bool accepted)
    {
        ray.RayVersion = version;
        Result<ClusterVersion> result = await Client.VersionAsync(Cancellation);
        if (accepted)
            Assert.Equal(version, result.Value.RayVersion);
        else
            Assert.Contains(version, Fails(Catalogue.RayTooOld, result).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnotherJsonApi_IsNoRay()
    {
        ray.Faults.Next(FakeFault.Status(200, "{\"version\": \"7\"}", "application/json"));
        Fails(Catalogue.RayNotRay, await Client.VersionAsync(Cancellation));
        ray.Faults.Next(FakeFault.Status(200, "{}", "application/json"), requests: 3);
        Fails(Catalogue.RayNotRay, await Client.AuthenticationModeAsync(Cancellation));
        Fails(Catalogue.RayNotRay, await Client.NodesAsync(Cancellation));
        Fails(Catalogue.RayNotRay, await Client.SubmitJobAsync(new("true"), Cancellation));
    }

    [Fact]
    public async Task EachFaultOfAConfiguration_IsAProblem_WithoutItsValues()
    {
        const string Refusal = """
            2 validation errors for ServeDeploySchema
            applications.1.deployments.0.max_ongoing_requests
              Input should be greater than 0 [type=greater_than, input_value=0, input_type=int]
                For further information visit https://errors.pydantic.dev/2.14/v/greater_than
              Value error, Host "0.0.0.0" is set in the config for application `a`. [type=value_error, input_value={'env_vars': {'KEY': 'sesame'}}, input_type=dict]
                For further information visit https://errors.pydantic.dev/2.14/v/value_error
            """;
        ray.Faults.Next(FakeFault.Status(400, Refusal));
        byte[] sent = Encoding.UTF8.GetBytes("""{"applications": [{"name": "a"}, {"name": "iris-prod-3", "deployments": [{"name": "Model"}]}]}""");
        Result<bool> result = await Client.PutApplicationsAsync(sent, Cancellation);
        Assert.All(result.Problems, problem => Assert.Equal(Catalogue.RayConfigRefused, problem.Definition));
        Assert.Equal(
            [
                "Ray refused the configuration and changed nothing: application iris-prod-3, deployment Model, max_ongoing_requests: Input should be greater than 0",
                "Ray refused the configuration and changed nothing: the whole: Host \"0.0.0.0\" is set in the config for application `a`.",
            ],
            result.Problems.Select(problem => problem.Detail));
        Assert.Equal(["applications.1.deployments.0.max_ongoing_requests", null], result.Problems.Select(problem => problem.Field));
    }

    [Theory]
    [InlineData("\u001b[36mray::ServeController.apply_config()\u001b[39m (pid=1)\n  File \"x.py\", line 1\nValueError: no archive\n", "ValueError: no archive")]
    [InlineData("nobody knows this", "nobody knows this")]
    [InlineData("", "without a word")]
    public async Task ARefusalThatDoesNotBeginWithADigit_MayHaveChangedSomething(string body, string last)
    {
        ray.Faults.Next(FakeFault.Status(400, body));
        Problem problem = Fails(Catalogue.RayConfigHalfApplied, await Client.PutApplicationsAsync("{\"applications\": []}"u8.ToArray(), Cancellation));
        Assert.EndsWith($"applying: {last}", problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ScalingWithoutServe_AndOfAnApplicationThatDoesNotAllowIt_AreTold()
    {
        Fails(Catalogue.RayControllerUnavailable, await Client.ScaleAsync("a", "Model", 1, Cancellation));
        ray.Serve.AddImperative("a", externalScaler: false);
        Problem problem = Fails(Catalogue.RayScalingRefused, await Client.ScaleAsync("a", "Model", 1, Cancellation));
        Assert.Contains("external_scaler_enabled", problem.Detail, StringComparison.Ordinal);
    }

    private static DashboardClient At(Uri address) => new(new HttpClient { BaseAddress = address }, TimeProvider.System);

    private static Uri FreeAddress(string scheme)
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return new($"{scheme}://{listener.LocalEndpoint}");
    }

    private static Problem Fails<T>(ErrorDefinition expected, Result<T> result)
    {
        Assert.False(result.Ok);
        Assert.Equal(expected.Code, result.Problems[0].Code);
        return result.Problems[0];
    }
}

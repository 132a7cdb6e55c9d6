using Raywright.Ray.Dashboard;
using Raywright.TestKit.Ray;
using Xunit;

namespace Raywright.Ray.Tests.Dashboard;

/// <summary>How the client asks and how it reads.</summary>
public sealed class DashboardReadingTests : IAsyncLifetime
{
    private FakeRay ray = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private DashboardClient Client => new(ray.Client(), TimeProvider.System);

    public async ValueTask InitializeAsync() => ray = await FakeRay.StartAsync();

    public ValueTask DisposeAsync() => ray.DisposeAsync();

    [Fact]
    public async Task WhereServeNeverRan_EverythingIsEmpty()
    {
        ServeDetails details = (await Client.ApplicationsAsync(Cancellation)).Value;
        Assert.False(details.Started);
        Assert.Empty(details.Applications);
        Assert.Empty(details.Proxies);
        Assert.Empty(details.TargetGroups);
    }

    [Fact]
    public async Task WhatLaterVersionsAdd_IsNoFault()
    {
        ray.Serve.AddImperative("a");
        ray.Serve.Settle();
        ray.Faults.Next(FakeFault.UnknownFields);
        ApplicationDetails application = (await Client.ApplicationsAsync(Cancellation)).Value.Applications["a"];
        Assert.Equal((ApplicationStatus.Running, ReplicaState.Running), (application.Status, application.Deployments["Model"].Replicas[0].State));
        ray.Faults.Next(FakeFault.UnknownFields);
        Assert.Equal(ray.SessionName, (await Client.VersionAsync(Cancellation)).Value.SessionName);
    }

    [Fact]
    public async Task AStatusThatNobodyKnows_IsUnknown()
    {
        ray.Serve.AddImperative("a");
        ray.Serve.Settle();
        ray.Faults.Next(FakeFault.UnknownStatuses, requests: 2);
        ServeDetails details = (await Client.ApplicationsAsync(Cancellation)).Value;
        ApplicationDetails application = details.Applications["a"];
        DeploymentDetails deployment = application.Deployments["Model"];
        Assert.Equal(
            (ApplicationStatus.Unknown, ApplicationSource.Unknown, DeploymentStatus.Unknown, StatusTrigger.Unknown, ReplicaState.Unknown, ProxyStatus.Unknown),
            (application.Status, application.Source, deployment.Status, deployment.StatusTrigger, deployment.Replicas[0].State, details.Proxies.Values.Single().Status));
        // A node of which nobody knows whether it lives is not counted on.
        Assert.Empty((await Client.NodesAsync(Cancellation)).Value);
    }

    [Theory]
    [InlineData("{\"applications\": null, \"proxies\": null, \"target_groups\": null, \"controller_info\": null}")]
    [InlineData("{}")]
    [InlineData("{\"applications\": {\"a\": {}}}")]
    [InlineData("{\"applications\": {\"a\": {\"status\": null, \"deployments\": {\"M\": {\"replicas\": null, \"status\": 5, \"target_num_replicas\": null}}}}}")]
    public async Task WhatIsAbsentOrNull_IsEmpty(string body)
    {
        ray.Faults.Next(FakeFault.Status(200, body, "application/json"));
        ServeDetails details = (await Client.ApplicationsAsync(Cancellation)).Value;
        Assert.False(details.Started);
        Assert.Empty(details.TargetGroups);
        Assert.All(details.Applications.Values, application =>
        {
            Assert.Equal(ApplicationStatus.Unknown, application.Status);
            Assert.All(application.Deployments.Values, deployment => Assert.Empty(deployment.Replicas));
        });
    }

    [Fact]
    public async Task EveryWord_IsRead()
    {
        // The words are those of the contract, section 4; each enumeration knows all of its own.
        string[] applications = ["NOT_STARTED", "DEPLOYING", "DEPLOY_FAILED", "RUNNING", "UNHEALTHY", "DELETING"];
        string body = $"{{\"applications\": {{{string.Join(", ", applications.Select(word => $"\"{word}\": {{\"status\": \"{word}\", \"source\": \"imperative\"}}"))}}}}}";
        ray.Faults.Next(FakeFault.Status(200, body, "application/json"));
        ServeDetails details = (await Client.ApplicationsAsync(Cancellation)).Value;
        Assert.Equal(Enum.GetValues<ApplicationStatus>().Except([ApplicationStatus.Unknown]), applications.Select(word => details.Applications[word].Status));
        Assert.All(details.Applications.Values, application => Assert.Equal(ApplicationSource.Imperative, application.Source));
    }

    [Fact]
    public async Task OnlyImperativeApplications_CanBeAskedFor()
    {
        ray.Serve.AddImperative("ours");
        Assert.True((await Client.PutApplicationsAsync("{\"applications\": [{\"name\": \"theirs\", \"import_path\": \"a:b\"}]}"u8.ToArray(), Cancellation)).Ok);
        Assert.Equal(["ours", "theirs"], (await Client.ApplicationsAsync(Cancellation)).Value.Applications.Keys.Order(StringComparer.Ordinal));
        ServeDetails details = (await Client.ApplicationsAsync(imperativeOnly: true, Cancellation)).Value;
        Assert.Equal(ApplicationSource.Imperative, Assert.Single(details.Applications).Value.Source);
        Assert.Null(details.Applications["ours"].DeployedAppConfig);
    }

    [Fact]
    public async Task DeadNodes_AreLeftOut()
    {
        string gone = ray.Nodes.Add(cpus: 8, gpus: 1);
        Assert.Equal(2, (await Client.NodesAsync(Cancellation)).Value.Count);
        ray.Nodes.Kill(gone);
        Assert.Equal(ray.Nodes.Head, Assert.Single((await Client.NodesAsync(Cancellation)).Value).NodeId);
        NodeDetails dead = (await Client.NodesAsync(includingDead: true, Cancellation)).Value.Single(node => node.State == NodeState.Dead);
        Assert.Equal((gone, 1.0), (dead.NodeId, dead.ResourcesTotal["GPU"]));
        Assert.Contains("limit=10000", ray.Requests[^1].Path, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ALogFile_IsAskedForByThePathThatRayGives()
    {
        ray.Serve.AddImperative("a");
        ray.Serve.Settle();
        ReplicaDetails replica = (await Client.ApplicationsAsync(Cancellation)).Value.Applications["a"].Deployments["Model"].Replicas[0];
        ray.Nodes.WriteLog(replica.NodeId!, replica.LogFilePath![1..], "one\ntwo\nthree\n");
        Assert.Equal("two\nthree\n", (await Client.LogFileAsync(replica.NodeId!, replica.LogFilePath, 2, Cancellation)).Value);
    }

    [Fact]
    public async Task TheClient_IsNeverABrowser()
    {
        HttpClient http = ray.Client();
        http.DefaultRequestHeaders.Add("User-Agent", "Mozilla/5.0 (X11)");
        Assert.True((await new DashboardClient(http, TimeProvider.System).UploadPackageAsync("a.zip", new byte[] { 1 }, Cancellation)).Ok);
        Assert.Equal("raywright", ray.Requests[^1].UserAgent);
    }

    [Fact]
    public async Task ADashboardBelowAPath_IsAskedThere()
    {
        using HttpClient http = new() { BaseAddress = new(ray.Address, "/ray/prod") };
        DashboardClient client = new(http, TimeProvider.System);
        Assert.False((await client.VersionAsync(Cancellation)).Ok);
        Assert.Equal("/ray/prod/api/version", ray.Requests[^1].Path);
        Assert.Equal($"{ray.Address}ray/prod", client.Address);
    }

    [Fact]
    public void TheAddress_IsShownWithoutASecret()
    {
        using HttpClient http = new() { BaseAddress = new("https://user:sesame@ray.example.com:8265/") };
        Assert.Equal("https://ray.example.com:8265", new DashboardClient(http, TimeProvider.System).Address);
    }

    [Fact]
    public async Task ANameWithASlash_StaysOneSegment()
    {
        await Client.JobAsync("a/../../version?x=1", Cancellation);
        Assert.StartsWith("/api/jobs/", ray.Requests[^1].Path, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AJob_IsSentWithWhatIsSetOnly()
    {
        // Ray refuses keys that it does not know, and so does the fake.
        Assert.Equal("j", (await Client.SubmitJobAsync("true", "j", null, Cancellation)).Value);
        Assert.Equal("{\"entrypoint\":\"true\",\"submission_id\":\"j\"}", ray.Requests[^1].Body);
        JobRequest all = new("true", "k", new Dictionary<string, string> { ["a"] = "b" }, System.Text.Json.JsonDocument.Parse("{\"env_vars\": {}}").RootElement, 0.5);
        Assert.Equal("k", (await Client.SubmitJobAsync(all, Cancellation)).Value);
        Assert.Equal("{\"entrypoint\":\"true\",\"submission_id\":\"k\",\"metadata\":{\"a\":\"b\"},\"runtime_env\":{\"env_vars\":{}},\"entrypoint_num_cpus\":0.5}", ray.Requests[^1].Body);
    }
}

using System.Text;
using System.Text.Json.Nodes;
using Raywright.Core.Errors;
using Raywright.Ray.Dashboard;
using Raywright.TestKit.Ray;
using Xunit;

namespace Raywright.Ray.Tests.Dashboard;

/// <summary>The fake lives as the contract says that Ray does, one step a reading.</summary>
public sealed class FakeServeTests : IAsyncLifetime
{
    private FakeRay ray = null!;
    private DashboardClient client = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        ray = await FakeRay.StartAsync();
        client = new(ray.Client(), TimeProvider.System);
    }

    public ValueTask DisposeAsync() => ray.DisposeAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ANewApplication_MovesOneStepAReading(bool imperative)
    {
        if (imperative)
            ray.Serve.AddImperative("a");
        else
            await PutAsync(App("a"));
        Assert.Equal(
            [
                "Deploying",
                "Deploying Updating/ConfigUpdateStarted 1 []",
                "Deploying Updating/ConfigUpdateStarted 1 [Starting]",
                "Running Healthy/ConfigUpdateCompleted 1 [Running]",
            ],
            await ReadingsAsync("a", 4));
    }

    [Fact]
    public async Task AConstructorThatRaises_IsTriedThreeTimes()
    {
        ray.Serve.Behave("a", FakeBehaviour.ConstructorRaises("ValueError: no weights"));
        await PutAsync(App("a"));
        string[] readings = await ReadingsAsync("a", 10);
        Assert.Equal(3, readings.Count(reading => reading.Contains("Starting", StringComparison.Ordinal)));
        Assert.StartsWith("DeployFailed DeployFailed/ReplicaStartupFailed", readings[^1], StringComparison.Ordinal);
        ApplicationDetails application = await ReadAsync("a");
        Assert.Equal("Failed to update the deployments ['Model'].", application.Message);
        Assert.EndsWith("ValueError: no weights", application.Deployments["Model"].Message, StringComparison.Ordinal);
        ray.Serve.Behave("a", FakeBehaviour.Good);
        await PutAsync(App("a", args: "{\"better\": 1}"));
        ray.Serve.Settle();
        Assert.Equal("RUNNING", ray.Serve.StatusOf("a"));
    }

    [Fact]
    public async Task AnImportThatFails_LeavesNoDeployment()
    {
        ray.Serve.Behave("a", FakeBehaviour.ImportFails("ModuleNotFoundError: No module named 'torch'"));
        await PutAsync(App("a"));
        ray.Serve.Settle();
        ApplicationDetails application = await ReadAsync("a");
        Assert.Equal(ApplicationStatus.DeployFailed, application.Status);
        Assert.Empty(application.Deployments);
        Assert.Contains("No module named 'torch'", application.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatFitsNoNode_WaitsUntilOneComes()
    {
        await PutAsync(App("a", settings: "\"ray_actor_options\": {\"num_cpus\": 1, \"num_gpus\": 1}"));
        string[] readings = await ReadingsAsync("a", 6);
        Assert.Equal("Deploying Updating/ConfigUpdateStarted 1 [Starting]", readings[^1]);
        Assert.Contains("more than 30s to be scheduled", (await ReadAsync("a")).Deployments["Model"].Message, StringComparison.Ordinal);
        string node = ray.Nodes.Add(cpus: 4, gpus: 1);
        ray.Serve.Settle();
        Assert.Equal(node, (await ReadAsync("a")).Deployments["Model"].Replicas[0].NodeId);
    }

    [Theory]
    [InlineData("", new[] { "[Running Running]", "[Stopping Running]", "[Running Starting]", "[Stopping Running]", "[Running Starting]", "[Running Running]" })]
    [InlineData("\"max_surge_percent\": 100", new[] { "[Running Running]", "[Running Running Starting Starting]", "[Stopping Stopping Running Running]", "[Running Running]" })]
    public async Task OtherCode_ReplacesTheReplicas(string settings, string[] expected)
    {
        settings = $"\"num_replicas\": 2{(settings.Length > 0 ? ", " + settings : "")}";
        await PutAsync(App("a", settings: settings));
        ray.Serve.Settle();
        string[] before = [.. ray.Serve.Replicas("a").Select(replica => replica.Id)];
        await PutAsync(App("a", settings: settings, args: "{\"other\": 1}"));
        Assert.Equal("Deploying", (await ReadingsAsync("a", 1))[0]);
        string[] readings = [.. (await ReadingsAsync("a", 12)).Select(reading => reading[reading.IndexOf('[', StringComparison.Ordinal)..])];
        Assert.Equal(expected, readings.Where((reading, index) => index == 0 || reading != readings[index - 1]));
        Assert.Equal("RUNNING", ray.Serve.StatusOf("a"));
        Assert.Empty(before.Intersect(ray.Serve.Replicas("a").Select(replica => replica.Id)));
    }

    [Fact]
    public async Task AScaledCount_IsKeptByAPutThatChangesNothing_AndForgottenByOneThatDoes()
    {
        await PutAsync(App("a"));
        Assert.Equal(Catalogue.RayDeploymentUnknown.Code, (await client.ScaleAsync("a", "Model", 3, Cancellation)).Problems[0].Code);
        ray.Serve.Settle();
        Assert.True((await client.ScaleAsync("a", "Model", 3, Cancellation)).Ok);
        // The deployment stays healthy under its old trigger: only the numbers move.
        Assert.Equal(
            [
                "Running Healthy/ConfigUpdateCompleted 3 [Running]",
                "Running Healthy/ConfigUpdateCompleted 3 [Running Starting Starting]",
                "Running Healthy/ConfigUpdateCompleted 3 [Running Running Running]",
            ],
            await ReadingsAsync("a", 3));
        string[] before = [.. ray.Serve.Replicas("a").Select(replica => replica.Id)];
        await PutAsync(App("a"), App("b"));
        ray.Serve.Settle();
        Assert.Equal(before, ray.Serve.Replicas("a").Select(replica => replica.Id));
        await PutAsync(App("a", settings: "\"max_ongoing_requests\": 9"));
        ray.Serve.Settle();
        Assert.Equal(before[0], Assert.Single(ray.Serve.Replicas("a")).Id);
    }

    [Fact]
    public async Task APut_ReplacesWhatWasPut_AndLeavesWhatRunsFromCode()
    {
        ray.Serve.AddImperative("ours");
        await PutAsync(App("theirs"));
        await PutAsync();
        Assert.Equal("DELETING", ray.Serve.StatusOf("theirs"));
        ray.Serve.Settle();
        Assert.Equal(["ours"], ray.Serve.Applications);
        await PutAsync(App("ours"));
        Assert.Equal(ApplicationSource.Declarative, (await ReadAsync("ours")).Source);
    }

    [Fact]
    public void TheSameVersionAgain_KeepsTheReplicas_AndWithoutOneTheyAreReplaced()
    {
        string Id() => Assert.Single(ray.Serve.Replicas("a")).Id;
        ray.Serve.AddImperative("a", version: "7");
        ray.Serve.Settle();
        string first = Id();
        ray.Serve.AddImperative("a", new JsonObject { ["name"] = "Model", ["user_config"] = new JsonObject { ["a"] = 1 } }, version: "7");
        ray.Serve.Settle();
        Assert.Equal(first, Id());
        ray.Serve.AddImperative("a");
        ray.Serve.Settle();
        Assert.NotEqual(first, Id());
    }

    [Fact]
    public async Task AtNoReplica_ThePackageGoesWithItsPin_AndAFreshNodeCannotWakeIt()
    {
        Assert.True((await client.UploadPackageAsync("a.zip", new byte[] { 1 }, Cancellation)).Ok);
        ray.Packages.ExpirePins();
        Assert.True((await client.HasPackageAsync("a.zip", Cancellation)).Value);
        ray.Serve.AddImperative("a", folder: "gcs://a.zip");
        ray.Serve.Settle();
        ray.Packages.ExpirePins();
        Assert.True(ray.Packages.Has("a.zip"));
        Assert.True((await client.ScaleAsync("a", "Model", 0, Cancellation)).Ok);
        ray.Serve.Settle();
        Assert.False(ray.Packages.Has("a.zip"));

        Assert.True((await client.ScaleAsync("a", "Model", 1, Cancellation)).Ok);
        ray.Packages.NodesKeepCopies = false;
        string[] readings = await ReadingsAsync("a", 5);
        Assert.Equal("Running Healthy/ConfigUpdateCompleted 1 [Starting]", readings[^1]);
        ray.Packages.NodesKeepCopies = true;
        ray.Serve.Settle();
        Assert.Equal("RUNNING", Assert.Single(ray.Serve.Replicas("a")).State);
    }

    [Fact]
    public async Task AFailingHealthCheck_ShowsAndHeals_AndAKilledReplicaIsReplacedSilently()
    {
        ray.Serve.AddImperative("a");
        ray.Serve.Settle();
        ray.Serve.FailHealthChecks("a");
        Assert.Equal(["Unhealthy Unhealthy/HealthCheckFailed 1 [Stopping Starting]", "Running Healthy/Unspecified 1 [Running]"], await ReadingsAsync("a", 2));
        string before = ray.Serve.Replicas("a")[0].Id;
        ray.Serve.KillReplica("a");
        ray.Serve.Settle();
        Assert.Equal("Running Healthy/Unspecified 1 [Running]", (await ReadingsAsync("a", 1))[0]);
        Assert.NotEqual(before, ray.Serve.Replicas("a")[0].Id);
    }

    [Fact]
    public async Task AHalfAppliedPut_AppliesWhatStandsBeforeAndNothingBehind()
    {
        await PutAsync(App("old"), App("changed"));
        ray.Serve.Settle();
        ray.Faults.Next(FakeFault.HalfApplied(at: 1), path: "/api/serve");
        Result<bool> put = await client.PutApplicationsAsync(Config(App("new"), App("changed"), App("behind")), Cancellation);
        Assert.Equal(Catalogue.RayConfigHalfApplied.Code, put.Problems[0].Code);
        ray.Serve.Settle();
        Assert.Equal("RUNNING", ray.Serve.StatusOf("new"));
        Assert.Equal("DEPLOYING", ray.Serve.StatusOf("changed"));
        Assert.Equal("RUNNING", ray.Serve.StatusOf("old"));
        Assert.Null(ray.Serve.StatusOf("behind"));
        await PutAsync(App("new"), App("changed"), App("behind"));
        ray.Serve.Settle();
        Assert.Equal(["behind", "changed", "new"], ray.Serve.Applications.Order(StringComparer.Ordinal));
        Assert.Equal("RUNNING", ray.Serve.StatusOf("changed"));
    }

    [Fact]
    public async Task AStaleAnswer_IsTheOneBeforeTheLastChange()
    {
        ray.Serve.AddImperative("a");
        ray.Serve.Settle();
        ray.Serve.AddImperative("b");
        ray.Faults.Next(FakeFault.Stale);
        Assert.Equal(["a"], (await client.ApplicationsAsync(Cancellation)).Value.Applications.Keys);
        Assert.Equal(2, (await client.ApplicationsAsync(Cancellation)).Value.Applications.Count);
    }

    [Fact]
    public async Task ARestart_IsAnotherSession_AndEmpty()
    {
        string before = (await client.VersionAsync(Cancellation)).Value.SessionName!;
        ray.Serve.AddImperative("a");
        ray.Packages.Add("a.zip");
        Assert.True((await client.SubmitJobAsync(new("true", "job"), Cancellation)).Ok);
        ray.Restart();
        Assert.NotEqual(before, (await client.VersionAsync(Cancellation)).Value.SessionName);
        Assert.False((await client.ApplicationsAsync(Cancellation)).Value.Started);
        Assert.False((await client.HasPackageAsync("a.zip", Cancellation)).Value);
        Assert.Equal(Catalogue.RayJobUnknown.Code, (await client.JobAsync("job", Cancellation)).Problems[0].Code);
    }

    [Fact]
    public async Task AJob_DoesWhatItDoesInTheCluster_WhenItStarts()
    {
        ray.Jobs.Run = entrypoint =>
        {
            ray.Serve.AddImperative(entrypoint);
            return new(0, "installed\n");
        };
        await client.SubmitJobAsync(new("agent", "install"), Cancellation);
        List<JobStatus> seen = [];
        for (int i = 0; i < 3; i++)
            seen.Add((await client.JobAsync("install", Cancellation)).Value.Status);
        Assert.Equal([JobStatus.Pending, JobStatus.Running, JobStatus.Succeeded], seen);
        Assert.Equal(["agent"], ray.Serve.Applications);
    }

    [Fact]
    public async Task AFault_IsForItsPathAndItsNumber()
    {
        ray.Faults.Next(FakeFault.Error(), requests: 2, path: "/api/serve");
        Assert.True((await client.VersionAsync(Cancellation)).Ok);
        Assert.False((await client.ApplicationsAsync(Cancellation)).Ok);
        Assert.False((await client.ApplicationsAsync(Cancellation)).Ok);
        Assert.True((await client.ApplicationsAsync(Cancellation)).Ok);
    }

    private static string App(string name, string settings = "", string args = "{}") => $$"""
        {"name": "{{name}}", "route_prefix": "/{{name}}", "import_path": "app:build", "external_scaler_enabled": true, "args": {{args}},
         "deployments": [{"name": "Model"{{(settings.Length > 0 ? ", " + settings : "")}}}]}
        """;

    private static byte[] Config(params string[] applications) => Encoding.UTF8.GetBytes($"{{\"applications\": [{string.Join(',', applications)}]}}");

    private async Task PutAsync(params string[] applications)
    {
        Result<bool> put = await client.PutApplicationsAsync(Config(applications), Cancellation);
        Assert.True(put.Ok, put.Ok ? "" : put.Problems[0].ToString());
    }

    private async Task<ApplicationDetails> ReadAsync(string name) => (await client.ApplicationsAsync(Cancellation)).Value.Applications[name];

    /// <summary>What so many readings say, e.g. <c>Running Healthy/ConfigUpdateCompleted 1 [Running]</c>.</summary>
    private async Task<string[]> ReadingsAsync(string name, int count)
    {
        string[] readings = new string[count];
        for (int i = 0; i < count; i++)
        {
            ApplicationDetails application = await ReadAsync(name);
            readings[i] = string.Join(' ', [
                application.Status.ToString(),
                .. application.Deployments.Values.Select(one => $"{one.Status}/{one.StatusTrigger} {one.TargetNumReplicas} [{string.Join(' ', one.Replicas.Select(replica => replica.State))}]"),
            ]);
        }
        return readings;
    }
}

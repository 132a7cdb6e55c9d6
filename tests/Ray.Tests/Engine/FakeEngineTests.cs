using System.Text.Json.Nodes;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.TestKit;
using Raywright.TestKit.Ray;
using Xunit;

namespace Raywright.Ray.Tests.Engine;

/// <summary>The contract on the fake, and what only a cluster that fails on purpose can show.</summary>
public sealed class FakeEngineTests : EngineContract
{
    private const string Token = "token-of-the-fake";
    private FakeRay ray = null!;

    [Fact]
    public async Task AReplicaThatDies_IsAskedNoMore_AndReplaced()
    {
        RevisionSource one = await RunningAsync();
        string[] before = await ReplicasAsync(one);
        ray.Serve.KillReplica(one.Revision.Id, "model");
        await AnswersAsync(one, 2);
        await RunsAsync(one, 1);
        Assert.NotEqual(before, await ReplicasAsync(one));
    }

    [Fact]
    public async Task AnAgentThatDies_CostsNoAnswer_AndHearsAgainWhoRuns()
    {
        RevisionSource one = await RunningAsync();
        string[] before = await ReplicasAsync(one);
        ray.Serve.KillReplica(Cluster.Installation.Application, "agent");
        await AnswersAsync(one, 2);
        RevisionSource two = Adders.Adding(2);
        await ApplyAsync(one, two);
        await RunsAsync(two, 1);
        await RunsAsync(one, 1);
        Assert.Equal(before, await ReplicasAsync(one));
    }

    [Fact]
    public async Task ReplicasThatCannotBeReached_AreAskedThroughTheProxy_AndDirectlyAgain()
    {
        ray.Agents.Unreachable = true;
        RevisionSource one = Adders.Adding(1);
        await ApplyAsync(one);
        await Eventually.TrueAsync(() => State(one).Note?.StartsWith("Asked through Serve's proxy", StringComparison.Ordinal) == true, "the way through the proxy is open");
        await AnswersAsync(one, 2);
        ray.Agents.Unreachable = false;
        await Eventually.TrueAsync(() => State(one) is { Note: null, ReadyReplicas: 1 }, "the replica is asked directly");
        await AnswersAsync(one, 2);
    }

    /// <summary>What the proxy says itself is no answer of the model: the request waits, or may be sent again.</summary>
    [Fact]
    public async Task AnApplicationThatHasGone_IsNoErrorOfTheModel_WhereTheProxyIsAsked()
    {
        ray.Agents.Unreachable = true;
        RevisionSource one = Adders.Adding(1);
        await ApplyAsync(one);
        await Eventually.TrueAsync(() => State(one).Note?.StartsWith("Asked through Serve's proxy", StringComparison.Ordinal) == true, "the way through the proxy is open");
        await Cluster.DeleteAsync(one.Revision.Id);
        await Eventually.TrueAsync(
            async () =>
            {
                Result<float> answer = await Adders.TryAskAsync(Engine, one, TimeSpan.FromMinutes(10), Cancellation);
                Assert.True(answer.Ok || answer.Problems[0].Definition.Retryable, string.Join("; ", answer.Problems));
                return answer.Ok && answer.Value.Equals(2);
            },
            "it answers again");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WhatIsHalfApplied_IsAppliedAgain(bool comes)
    {
        ray.Agents.HalfApply(comes);
        RevisionSource one = Adders.Adding(1);
        await ApplyAsync(one);
        await RunsAsync(one, 1);
        await AnswersAsync(one, 2);
    }

    [Fact]
    public async Task StatusesOfALaterRay_StopNothing()
    {
        ray.Faults.Next(FakeFault.UnknownStatuses, requests: 100000);
        ray.ServeFaults.Next(FakeFault.UnknownFields, requests: 100000);
        RevisionSource one = await RunningAsync(looks: false);
        await Engine.ScaleAsync(one.Revision.Id, 3, Cancellation);
        await Eventually.TrueAsync(() => State(one).ReadyReplicas == 3, "three replicas");
        ray.Faults.Clear();
        await RunsAsync(one, 3);
    }

    [Fact]
    public async Task ADashboardThatHangsAndBreaks_IsWaitedFor()
    {
        ray.Faults.Next(FakeFault.Hang, requests: 1, path: "/api/serve");
        ray.Faults.Next(FakeFault.Reset, requests: 2);
        ray.Faults.Next(FakeFault.Error(), requests: 2);
        // Not asked here: it would be us who waits.
        RevisionSource one = await RunningAsync(looks: false);
        await AnswersAsync(one, 2);
    }

    [Fact]
    public async Task AnAgentThatCannotBePutThere_SaysTheLastWordsOfItsJob()
    {
        ray.Agents.InstallError = "Traceback\nImportError: no module named ray";
        RevisionSource one = Adders.Adding(1);
        await ApplyAsync(one);
        await Eventually.TrueAsync(() => State(one).Problem is { } problem && problem.Definition == Catalogue.AgentNotInstalled && problem.Detail.EndsWith("ImportError: no module named ray", StringComparison.Ordinal), "it says why");
        ray.Agents.InstallError = null;
        await RunsAsync(one, 1);
    }

    [Fact]
    public async Task AnAgentThatHasLostItsFiles_GetsThemAgain()
    {
        RevisionSource one = await RunningAsync();
        ray.Agents.LoseFiles();
        ray.Serve.KillReplica(one.Revision.Id, "model");
        await RunsAsync(one, 1);
        await AnswersAsync(one, 2);
    }

    /// <summary>Ray does nothing more by itself once it has given up, also where some of the replicas run.</summary>
    [Fact]
    public async Task ReplicasThatRayGaveUpOn_AreTriedAgain_WhileTheOthersAnswer()
    {
        RevisionSource one = await RunningAsync();
        string[] before = await ReplicasAsync(one);
        ray.ServeFaults.Next(FakeFault.Status(503, "no"), requests: 100000, path: $"/{Cluster.Installation.Application}/files");
        ray.Agents.LoseFiles();
        await Engine.ScaleAsync(one.Revision.Id, 3, Cancellation);
        await Eventually.TrueAsync(() => ray.Serve.StatusOf(one.Revision.Id) == "DEPLOY_FAILED", "Ray gives up");
        await AnswersAsync(one, 2);
        ray.ServeFaults.Clear();
        await RunsAsync(one, 3);
        Assert.Subset((await ReplicasAsync(one)).ToHashSet(), before.ToHashSet());
    }

    [Fact]
    public async Task AHeadThatIsAnother_WhileSomethingIsSent_GetsItAll()
    {
        RevisionSource one = await RunningAsync();
        TaskCompletionSource goOn = new();
        int met = ray.ServeFaults.Met;
        ray.ServeFaults.Next(FakeFault.Slow(goOn.Task), path: $"/{Cluster.Installation.Application}/files");
        RevisionSource two = Adders.Adding(2);
        await ApplyAsync(one, two);
        await Eventually.TrueAsync(() => ray.ServeFaults.Met > met, "a file is being sent");
        ray.Restart();
        goOn.SetResult();
        await RunsAsync(one, 1);
        await RunsAsync(two, 1);
    }

    [Fact]
    public async Task WhoLeaves_LeavesNothingThatWasStillBeingDeployed()
    {
        RevisionSource one = await RunningAsync();
        TaskCompletionSource goOn = new();
        int met = ray.ServeFaults.Met;
        ray.ServeFaults.Next(FakeFault.Slow(goOn.Task), path: $"/{Cluster.Installation.Application}/applications");
        await ApplyAsync(one, Adders.Adding(2));
        await Eventually.TrueAsync(() => ray.ServeFaults.Met > met, "it is being deployed");
        Task<Result<bool>> leaving = Engine.LeaveAsync(Cancellation);
        goOn.SetResult();
        Assert.True((await leaving).Ok);
        ray.Serve.Settle();
        Assert.Empty(ray.Serve.Applications);
    }

    [Fact]
    public async Task SettingsThatSomebodyChanges_AreToldAndPutRight_WithoutAStart()
    {
        RevisionSource one = await RunningAsync();
        string id = one.Revision.Id;
        string[] before = await ReplicasAsync(one);
        JsonObject changed = new()
        {
            ["name"] = "model",
            ["max_ongoing_requests"] = 7,
            ["user_config"] = new JsonObject { ["raywright"] = new JsonObject { ["installation"] = Cluster.Installation.Application, ["revision"] = id } },
        };
        ray.ServeFaults.Next(FakeFault.Status(503, "no"), requests: 100000, path: $"/{Cluster.Installation.Application}/applications");
        ray.Serve.AddImperative(id, changed, "/elsewhere", version: id);
        await Eventually.TrueAsync(() => State(one).Note?.Contains($"route_prefix is /elsewhere instead of /{id}", StringComparison.Ordinal) == true, "what was changed is told");
        Assert.Contains("max_ongoing_requests is 7 instead of 64", State(one).Note, StringComparison.Ordinal);
        ray.ServeFaults.Clear();
        await Eventually.TrueAsync(() => State(one).Note is null, "it is as it was");
        await RunsAsync(one, 1);
        Assert.Equal($"/{id}", (await ApplicationsAsync())[id].RoutePrefix);
        Assert.Equal(before.Length, (await ReplicasAsync(one)).Length);
    }

    protected override async Task<EngineCluster> ClusterAsync()
    {
        HurriedClock clock = new(20);
        ray = await FakeRay.StartAsync(clock);
        ray.Token = Token;
        ray.Nodes.FillUp = true;
        return new FakeCluster(ray, clock);
    }

    protected override async Task EndAsync() => await ray.DisposeAsync();

    private async Task<RevisionSource> RunningAsync(bool looks = true)
    {
        RevisionSource one = Adders.Adding(1);
        await ApplyAsync(one);
        if (looks)
            await RunsAsync(one, 1);
        else
            await Eventually.TrueAsync(() => State(one) is { Health: RevisionHealth.Healthy, ReadyReplicas: 1 }, "it runs");
        return one;
    }

    private sealed class FakeCluster(FakeRay ray, TimeProvider clock) : EngineCluster
    {
        public override ClusterPlace Place { get; } = new(new ClusterAddress(ray.Address, ray.ServeAddress, ray.Token));

        public override TimeProvider Clock => clock;

        public override HttpClient Http { get; } = ray.Client();

        public override Task RestartAsync()
        {
            ray.Restart();
            return Task.CompletedTask;
        }

        public override Task RunTheirsAsync(string application)
        {
            ray.Serve.AddImperative(application, routePrefix: $"/{application}");
            ray.Serve.Settle(application);
            return Task.CompletedTask;
        }

        public override Task DeleteAsync(string application)
        {
            ray.Serve.Delete(application);
            return Task.CompletedTask;
        }
    }
}

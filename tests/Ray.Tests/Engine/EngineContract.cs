using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Ray.Agent;
using Raywright.Ray.Dashboard;
using Raywright.Ray.Engine;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Ray.Tests.Engine;

/// <summary>What holds for the engine on every cluster: run on the fake and, where there is one, on a real Ray.</summary>
public abstract class EngineContract : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected Adders Adders { get; } = new();

    protected EngineCluster Cluster { get; private set; } = null!;

    protected RayEngine Engine { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Cluster = await ClusterAsync();
        Engine = Cluster.Engine();
    }

    /// <summary>The next test finds nothing of this one.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Engine is not null)
        {
            await ApplyAsync();
            await Eventually.TrueAsync(async () => (await LivingAsync()).All(name => !name.StartsWith("adder-", StringComparison.Ordinal)), "nothing of this test is left");
            await Engine.DisposeAsync();
        }
        Adders.Dispose();
        await EndAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task ARevision_IsDeployed_AndAnswers()
    {
        RevisionSource one = Adders.Adding(1);
        Assert.Empty(await Engine.PreflightAsync(one, _ => { }, Cancellation));
        await ApplyAsync(one);
        Assert.Equal(RevisionHealth.Healthy, (await Engine.SettledAsync(one.Revision.Id, _ => { }, Cancellation)).Health);
        await RunsAsync(one, 1);
        await AnswersAsync(one, 2);
        // What came back is what was sent.
        await LooksAsync();
        Assert.Null(State(one).Note);
    }

    [Fact]
    public async Task ARevision_ThatTakesThePlaceOfAnother_LeavesItUntilItIsNotDesired()
    {
        (RevisionSource one, RevisionSource two) = (Adders.Adding(1), Adders.Adding(2));
        await ApplyAsync(one);
        await RunsAsync(one, 1);
        await ApplyAsync(one, two);
        await RunsAsync(two, 1);
        await AnswersAsync(one, 2);
        string[] before = await ReplicasAsync(two);
        await ApplyAsync(two);
        await GoneAsync(one);
        await AnswersAsync(two, 3);
        Assert.Equal(before, await ReplicasAsync(two));
        Assert.Null(Engine.Target(one.Revision.Id));
    }

    [Fact]
    public async Task WhatIsNotOurs_StaysAsItIs()
    {
        RevisionSource one = Adders.Adding(1);
        await ApplyAsync(one);
        await RunsAsync(one, 1);
        await Cluster.RunTheirsAsync("theirs-run");
        JsonNode config = JsonNode.Parse("""{"applications":[{"name":"theirs-put","route_prefix":"/theirs-put","import_path":"ray.serve._private.test_utils:check_ray_stopped"}]}""")!;
        using HttpResponseMessage put = await Cluster.Http.PutAsJsonAsync("/api/serve/applications/", config, Cancellation);
        Assert.True(put.IsSuccessStatusCode);
        await Eventually.TrueAsync(async () => (await ApplicationsAsync()).TryGetValue("theirs-run", out ApplicationDetails? run) && run.Status == ApplicationStatus.Running, "theirs runs");
        string?[] before = [.. (await ApplicationsAsync())["theirs-run"].Deployments.Values.SelectMany(deployment => deployment.Replicas).Select(replica => replica.ReplicaId)];
        await ApplyAsync(Adders.Adding(2));
        await GoneAsync(one);
        Assert.True((await Engine.LeaveAsync(Cancellation)).Ok);
        await Eventually.TrueAsync(async () => !(await LivingAsync()).Except(["theirs-run", "theirs-put"]).Any(), "nothing of ours is left");
        IReadOnlyDictionary<string, ApplicationDetails> after = await ApplicationsAsync();
        Assert.Equal(before, after["theirs-run"].Deployments.Values.SelectMany(deployment => deployment.Replicas).Select(replica => replica.ReplicaId));
        Assert.Contains("theirs-put", after.Keys);
        await Cluster.DeleteAsync("theirs-run");
        using HttpResponseMessage gone = await Cluster.Http.PutAsJsonAsync("/api/serve/applications/", new JsonObject { ["applications"] = new JsonArray() }, Cancellation);
    }

    [Fact]
    public async Task Replicas_AreAsManyAsAreWanted_AndTheFirstComesBackForWhoAsks()
    {
        RevisionSource one = Adders.Adding(1, replicas: 2);
        await ApplyAsync(one);
        await RunsAsync(one, 2);
        await Engine.ScaleAsync(one.Revision.Id, 0, Cancellation);
        await Eventually.TrueAsync(() => State(one) is { ReadyReplicas: 0, Health: RevisionHealth.Healthy }, () => $"it sleeps, and is well: {State(one)}");
        await Eventually.TrueAsync(async () => (await ReplicasAsync(one)).Length == 0, "no replica is left");
        await AnswersAsync(one, 2);
        await RunsAsync(one, 1);
    }

    [Fact]
    public async Task AModelThatCannotBeLoaded_SaysWhy_AndHarmsNobody()
    {
        (RevisionSource one, RevisionSource broken) = (Adders.Adding(1), Adders.Broken());
        await ApplyAsync(one, broken);
        await RunsAsync(one, 1);
        await Eventually.TrueAsync(() => State(broken).Health == RevisionHealth.Unhealthy, "it has failed");
        Assert.Equal(Catalogue.ReplicaNotLoaded, State(broken).Problem!.Definition);
        Assert.Equal("RuntimeError: the table is not here (model.py:3)", State(broken).Problem!.Detail);
        await AnswersAsync(one, 2);
    }

    [Fact]
    public async Task ReplicasThatDoNotAllFit_RunAsFarAsTheyDo_AndFewerCanBeWanted()
    {
        RevisionSource one = Adders.Adding(1, replicas: 3, cpus: 1.5);
        await ApplyAsync(one);
        await Eventually.TrueAsync(() => State(one).ReadyReplicas == 2, "two of the three fit");
        await AnswersAsync(one, 2);
        await Engine.ScaleAsync(one.Revision.Id, 2, Cancellation);
        await Eventually.TrueAsync(async () => await WantedAsync(one) == 2, "two are all that is wanted");
        await RunsAsync(one, 2);
    }

    [Fact]
    public async Task AReplicaThatFitsNowhere_IsToldBefore_AndWaitsAfter()
    {
        RevisionSource one = Adders.Adding(1, cpus: 40);
        Problem refused = Assert.Single(await Engine.PreflightAsync(one, _ => { }, Cancellation));
        Assert.Equal((Catalogue.ClusterResources, "A replica asks for 40 CPUs, the largest node has 4."), (refused.Definition, refused.Detail));
        await ApplyAsync(one);
        await Eventually.TrueAsync(() => State(one).Problem is { } problem && problem.Definition == Catalogue.ClusterPending && problem.Detail.Contains("40 free CPUs", StringComparison.Ordinal), "it says what it waits for");
        // A replica that never ran has nothing to end: the same revision can be wanted again.
        await ApplyAsync();
        string left = "";
        await Eventually.TrueAsync(
            async () => (left = System.Text.Json.JsonSerializer.Serialize((await ApplicationsAsync()).GetValueOrDefault(one.Revision.Id))) == "null",
            () => $"it has gone, and is {left}");
    }

    [Fact]
    public async Task AHeadThatIsAnother_GetsEverythingAgain()
    {
        RevisionSource one = Adders.Adding(1);
        await ApplyAsync(one);
        await RunsAsync(one, 1);
        await Cluster.RestartAsync();
        await AnswersAsync(one, 2);
        await RunsAsync(one, 1);
    }

    [Fact]
    public async Task WhatSomebodyDeletesOrScales_IsPutRight()
    {
        RevisionSource one = Adders.Adding(1);
        await ApplyAsync(one);
        await RunsAsync(one, 1);
        Result<bool> scaled = await Cluster.Dashboard.ScaleAsync(one.Revision.Id, "model", 3, Cancellation);
        Assert.True(scaled.Ok, scaled.Ok ? null : scaled.Problems[0].ToString());
        await RunsAsync(one, 1);
        await Cluster.DeleteAsync(one.Revision.Id);
        await Cluster.DeleteAsync(Cluster.Installation.Application);
        await Eventually.TrueAsync(async () => (await ApplicationsAsync()).TryGetValue(Cluster.Installation.Application, out ApplicationDetails? agent) && agent.Status == ApplicationStatus.Running, "the agent is there again");
        await RunsAsync(one, 1);
        await AnswersAsync(one, 2);
    }

    [Fact]
    public async Task AServerThatStartsAgain_FindsWhatRuns()
    {
        RevisionSource one = Adders.Adding(1, replicas: 2);
        await ApplyAsync(one);
        await RunsAsync(one, 2);
        string[] before = await ReplicasAsync(one);
        await Engine.DisposeAsync();
        Engine = Cluster.Engine();
        await ApplyAsync(one);
        await RunsAsync(one, 2);
        await AnswersAsync(one, 2);
        Assert.Equal(before, await ReplicasAsync(one));
    }

    [Fact]
    public async Task AWrongTokenOfTheDashboard_AndOneOfTheAgent_AreTold()
    {
        RevisionSource one = Adders.Adding(1);
        await ApplyAsync(one);
        await RunsAsync(one, 1);
        await using RayEngine stranger = Cluster.Engine(place: new(Cluster.Place.Address with { Token = "wrong" }));
        await stranger.ApplyAsync([Adders.Adding(2)], Cancellation);
        await Eventually.TrueAsync(() => stranger.Observe().Single().Problem?.Definition == Catalogue.RayTokenWrong, "the dashboard does not take the token");
        await using RayEngine impostor = Cluster.Engine(Cluster.Installation with { Secret = "another" });
        await impostor.ApplyAsync([Adders.Adding(2)], Cancellation);
        await Eventually.TrueAsync(() => impostor.Observe().Single().Problem?.Definition == Catalogue.AgentRefused, "the agent does not take the token");
        await AnswersAsync(one, 2);
    }

    [Fact]
    public async Task ANameThatSomebodyElseHas_IsLeftToThem_UntilTheyGiveItBack()
    {
        (RevisionSource first, RevisionSource taken) = (Adders.Adding(1), Adders.Adding(2));
        await ApplyAsync(first);
        await RunsAsync(first, 1);
        await Cluster.RunTheirsAsync(taken.Revision.Id);
        await ApplyAsync(first, taken);
        await Eventually.TrueAsync(() => State(taken).Problem?.Definition == Catalogue.ClusterNameTaken, "the name is taken");
        await Cluster.DeleteAsync(taken.Revision.Id);
        await RunsAsync(taken, 1);
        await AnswersAsync(taken, 3);
    }

    protected abstract Task<EngineCluster> ClusterAsync();

    protected abstract Task EndAsync();

    protected Task ApplyAsync(params RevisionSource[] sources) => Engine.ApplyAsync(sources, Cancellation);

    protected RevisionState State(RevisionSource source) => Engine.Observe().Single(state => state.RevisionId == source.Revision.Id);

    /// <summary>As many replicas as are wanted, by the engine and by Serve.</summary>
    protected async Task RunsAsync(RevisionSource source, int replicas)
    {
        string[] there = [];
        await Eventually.TrueAsync(
            async () =>
            {
                there = await ReplicasAsync(source);
                return State(source) is { Health: RevisionHealth.Healthy } state && state.ReadyReplicas == replicas && there.Length == replicas;
            },
            () => $"{replicas} replicas of {source.Revision.Id}: {State(source)} with {there.Length} in Serve");
    }

    protected Task AnswersAsync(RevisionSource source, float sum) =>
        Eventually.TrueAsync(async () => (await Adders.AskAsync(Engine, source, Patience, Cancellation)).Equals(sum), $"{source.Revision.Id} answers {sum}");

    protected async Task<IReadOnlyDictionary<string, ApplicationDetails>> ApplicationsAsync() => (await Cluster.Dashboard.ApplicationsAsync(Cancellation)).Value.Applications;

    /// <summary>Names of the applications that nobody deletes: Ray takes its time over that.</summary>
    private async Task<string[]> LivingAsync() => [.. (await ApplicationsAsync()).Where(pair => pair.Value.Status != ApplicationStatus.Deleting).Select(pair => pair.Key)];

    /// <summary>IDs of the replicas that Serve runs.</summary>
    protected async Task<string[]> ReplicasAsync(RevisionSource source) =>
        (await ApplicationsAsync()).GetValueOrDefault(source.Revision.Id)?.Deployments.GetValueOrDefault("model") is not { } deployment
            ? []
            : [.. deployment.Replicas.Where(replica => replica.State == ReplicaState.Running).Select(replica => replica.ReplicaId!).Order()];

    /// <summary>How many replicas Serve is told to run; null where it has no such deployment.</summary>
    private async Task<int?> WantedAsync(RevisionSource source) =>
        (await ApplicationsAsync()).GetValueOrDefault(source.Revision.Id)?.Deployments.GetValueOrDefault("model")?.TargetNumReplicas;

    private Task GoneAsync(RevisionSource source) => Eventually.TrueAsync(async () => !(await LivingAsync()).Contains(source.Revision.Id), $"{source.Revision.Id} has gone");

    /// <summary>The engine has looked at the cluster again: whatever it would find is found.</summary>
    private async Task LooksAsync()
    {
        RevisionSource two = Adders.Adding(2);
        await Engine.ApplyAsync([.. Engine.Observe().Select(state => Adders.Adding(1)), two], Cancellation);
        await RunsAsync(two, 1);
    }
}

using System.Collections.Immutable;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Raywright.Core.Api;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Server.Tests.Hosting;
using Raywright.TestKit;
using Raywright.TestKit.Ray;
using Xunit;

namespace Raywright.Server.Tests.Computes;

/// <summary>Revisions live, are replaced and die on a real Ray, while callers ask without a pause.</summary>
[Collection(RayHere.OneAtATime)]
public sealed class RayLifeTests(RealRay ray) : IAsyncLifetime
{
    private static readonly bool Proves = Environment.GetEnvironmentVariable("RAYWRIGHT_PROVE") == "1";
    private TestServer server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => server = await RayCluster.ServeOnAsync(ray);

    public async ValueTask DisposeAsync()
    {
        await RayCluster.LeaveAsync(server);
        await server.DisposeAsync();
    }

    [Fact]
    public async Task Replacing_UnderLoad_LosesNothing()
    {
        using TestModel first = TestModel.Adding(0);
        await server.DeployedAsync(first);
        int times = Proves ? 50 : 5;
        await using RayLoad load = new(server, value => value >= 1 && value <= times + 1);
        for (int number = 1; number <= times; number++)
        {
            using TestModel next = TestModel.Adding(number);
            await server.DeployedAsync(next);
            Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"{number + 1}"), await server.AskAsync("adder", "[[1.0]]"), StringComparison.Ordinal);
        }
        await load.StopAsync();
        Report(load);
        Assert.Empty(load.Wrong);
    }

    /// <summary>Another replica takes over what was in flight: a graph only computes, so that it may be asked twice.</summary>
    [Fact]
    public async Task AReplicaThatIsKilled_CostsNoAnswer()
    {
        using TestModel model = TestModel.Adding(1, more: "scaling: { min: 2 }\nresources: { cpus: 0.2, memory: 64Mi }\n");
        DeployResult deployed = await server.DeployedAsync(model);
        await ReplicasAsync(deployed.Revision, 2);
        await using RayLoad load = new(server, value => value == 2);
        IEngine engine = server.Services.GetRequiredService<IEngine>();
        List<double> left = [];
        for (int time = 0; time < (Proves ? 20 : 2); time++)
        {
            int[] alive = await ReplicasAsync(deployed.Revision, 2);
            await Eventually.TrueAsync(() => Ready() == 2, "both get requests");
            long before = load.Answers;
            long killed = ray.Kill(alive[0]);
            // As it happens: a pause would be longer than what is measured.
            Assert.True(SpinWait.SpinUntil(() => Ready() < 2, TimeSpan.FromMinutes(1)), "the killed replica gets no more requests");
            left.Add(TimeProvider.System.GetElapsedTime(killed).TotalMilliseconds);
            await Eventually.TrueAsync(async () => load.Answers > before + 50 && (await ReplicasAsync(deployed.Revision, 2)).Except(alive).Any(), "a new replica in the place of the killed one");
        }
        await load.StopAsync();
        Report(load);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"requests left it after {string.Join(", ", left.Order().Select(one => one.ToString("0.0", CultureInfo.InvariantCulture)))} ms"));
        Assert.Empty(load.Wrong);

        int Ready() => engine.Observe().Single(state => state.RevisionId == deployed.Revision).ReadyReplicas;
    }

    /// <summary>Serve's own processes are not on the way of a request.</summary>
    [Theory]
    [InlineData("ray::ProxyActor")]
    [InlineData("ray::ServeController")]
    [InlineData(":agent")]
    public async Task AProcessOfServe_ThatIsKilled_CostsNoAnswer(string title)
    {
        using TestModel model = TestModel.Adding(1);
        await server.DeployedAsync(model);
        await using RayLoad load = new(server, value => value == 2);
        int[] before = ray.Processes(title);
        Assert.NotEmpty(before);
        Array.ForEach(before, process => ray.Kill(process));
        await Eventually.TrueAsync(() => ray.Processes(title).Except(before).Any(), $"{title} is there again");
        using TestModel next = TestModel.Adding(1, more: "resources: { cpus: 0.3 }\n");
        await server.DeployedAsync(next);
        await load.StopAsync();
        Report(load);
        Assert.Empty(load.Wrong);
    }

    /// <summary>A version whose folder cannot be made on this machine is not loaded on it either: it goes on in its cluster.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AServerThatStartsAgain_FindsWhatRuns(bool withoutFiles)
    {
        using TestModel model = TestModel.Adding(1);
        DeployResult deployed = await server.DeployedAsync(model);
        int[] before = await ReplicasAsync(deployed.Revision, 1);
        await server.StopAsync();
        if (withoutFiles)
        {
            Directory.Delete(Path.Combine(server.Home, "versions"), recursive: true);
            Directory.Delete(Path.Combine(server.Home, "blobs"), recursive: true);
        }
        await server.RestartAsync();
        await Eventually.TrueAsync(async () => (await server.AskAsync("adder", "[[1.0]]")).Contains('2', StringComparison.Ordinal), "the revision answers again");
        Assert.Equal(before, await ReplicasAsync(deployed.Revision, 1));
    }

    /// <summary>What a node has lost comes from the agent, and what the agent has lost comes from here.</summary>
    [Fact]
    public async Task FilesThatAreLost_AreSentAgain()
    {
        using TestModel model = TestModel.Adding(1);
        DeployResult deployed = await server.DeployedAsync(model);
        int[] before = await ReplicasAsync(deployed.Revision, 1);
        foreach (string kept in Directory.EnumerateFileSystemEntries(Path.Combine(ray.SessionFolder, "raywright")).ToArray())
        {
            if (Directory.Exists(kept))
                Directory.Delete(kept, recursive: true);
            else
                File.Delete(kept);
        }
        Directory.CreateDirectory(Path.Combine(ray.SessionFolder, "raywright", "files"));
        ray.Kill(before[0]);
        await Eventually.TrueAsync(async () => (await server.AskAsync("adder", "[[1.0]]")).Contains('2', StringComparison.Ordinal), "another replica answers");
        Assert.DoesNotContain(before[0], await ReplicasAsync(deployed.Revision, 1));
    }

    [Fact]
    public async Task Replicas_FollowTheLoad_WithinTheBoundsOfTheEndpoint()
    {
        using TestModel model = new("sleeper");
        await File.WriteAllTextAsync(model.File("model.py"), "import time\nclass Model:\n    def predict(self, inputs):\n        time.sleep(0.2)\n        return inputs\n", Token);
        model.Spec("contract: none\nruntime: { code: model.py }\nresources: { cpus: 0.2, memory: 64Mi }\n", source: "model.py");
        DeployResult deployed = await server.DeployedAsync(model);
        Result<EndpointInfo> scaled = await server.Client.ScaleAsync("dev", "sleeper", new EndpointChange(1, 3), Token);
        Assert.Equal((1, 3, "lab"), (scaled.Value.ReplicasMin, scaled.Value.ReplicasMax, scaled.Value.Compute));
        using CancellationTokenSource enough = new();
        Task[] callers = [.. Enumerable.Range(0, 6).Select(_ => Task.Run(async () =>
        {
            while (!enough.IsCancellationRequested)
                Assert.Equal("""{"outputs":1}""", await server.AskAsync("sleeper", "1"));
        }))];
        await ReplicasAsync(deployed.Revision, 3);
        await enough.CancelAsync();
        await Task.WhenAll(callers);
        Assert.True((await server.Client.ScaleAsync("dev", "sleeper", new EndpointChange(1, 1), Token)).Ok);
        await ReplicasAsync(deployed.Revision, 1);
    }

    /// <summary>Uploaded, scanned, tested, started in a process that is there already, and asked.</summary>
    [Fact]
    public async Task ANewRevision_StartsInAProcessThatIsReady()
    {
        using TestModel first = TestModel.Adding(0);
        await server.DeployedAsync(first);
        List<double> took = [];
        for (int number = 1; number <= (Proves ? 10 : 2); number++)
        {
            using TestModel next = TestModel.Adding(number);
            await ray.SpareAsync();
            int[] ready = ray.Processes("ray::IDLE");
            long start = TimeProvider.System.GetTimestamp();
            DeployResult deployed = await server.DeployedAsync(next);
            Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"{number + 1}"), await server.AskAsync("adder", "[[1.0]]"), StringComparison.Ordinal);
            took.Add(TimeProvider.System.GetElapsedTime(start).TotalSeconds);
            Assert.Single(ray.Processes($"ray::ServeReplica:{deployed.Revision}:"), ready.Contains);
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"from the upload to the first answer in {Seconds(took)}");
    }

    /// <summary>The gateway holds a request until the replica that it wakes has come, in a process that is there already.</summary>
    [Fact]
    public async Task ARevisionWithoutReplicas_WakesWhenItIsAsked()
    {
        using TestModel model = TestModel.Adding(1);
        DeployResult deployed = await server.DeployedAsync(model);
        IEngine engine = server.Services.GetRequiredService<IEngine>();
        List<double> waits = [];
        for (int time = 0; time < (Proves ? 10 : 2); time++)
        {
            await engine.ScaleAsync(deployed.Revision, 0, Token);
            RevisionState State() => engine.Observe().Single(state => state.RevisionId == deployed.Revision);
            await Eventually.TrueAsync(() => State().ReadyReplicas == 0, "the last replica has gone");
            await ReplicasAsync(deployed.Revision, 0);
            Assert.Equal(RevisionHealth.Healthy, State().Health);
            await ray.SpareAsync();
            long start = TimeProvider.System.GetTimestamp();
            Assert.Contains('2', await server.AskAsync("adder", "[[1.0]]"));
            waits.Add(TimeProvider.System.GetElapsedTime(start).TotalSeconds);
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"woken in {Seconds(waits)}");
    }

    [Fact]
    public async Task WhatOthersRun_IsNeverTouched()
    {
        await File.WriteAllTextAsync(Path.Combine(ray.Modules, "their_app.py"), """
            from ray import serve
            @serve.deployment(name="model", ray_actor_options={"num_cpus": 0.1})
            class Theirs:
                def reconfigure(self, config): self.turn = config["turn"]
                async def __call__(self, request): return f"theirs {self.turn}"
            def build(args): return Theirs.bind()
            """, Token);
        HttpClient http = ray.Client();
        // All that others declare: one application that stays and whose settings change each time, one that comes and goes.
        Task<HttpResponseMessage> PutAsync(int turn) => http.PutAsJsonAsync("/api/serve/applications/", new { applications = new[] { Theirs("theirs", turn), Theirs("passing", 0) }.Take(turn / 10 % 2 == 0 ? 1 : 2) }, Token);
        (await PutAsync(0)).Dispose();
        int[] theirs = await ReplicasAsync("theirs", 1);
        using TestModel model = TestModel.Adding(1), visitor = TestModel.Adding(5, "visitor");
        await server.DeployedAsync(model);
        int turns = Proves ? 1000 : 20;
        await using RayLoad load = new(server, value => value is 2 or 3);
        for (int turn = 1; turn <= turns; turn++)
        {
            using HttpResponseMessage put = await PutAsync(turn);
            Assert.True(put.IsSuccessStatusCode);
            if (turn % 20 == 5)
            {
                using TestModel next = TestModel.Adding(turn % 40 == 5 ? 2 : 1);
                await server.DeployedAsync(next);
            }
            if (turn % 40 == 10)
                await server.DeployedAsync(visitor);
            if (turn % 40 == 15)
                Assert.Equal(OperationState.Succeeded, (await server.EndOfAsync((await server.Client.DeleteEndpointAsync("dev", "visitor", Token)).Value.Id)).State);
        }
        await load.StopAsync();
        Report(load);
        Assert.Empty(load.Wrong);
        Assert.Equal(theirs, await ReplicasAsync("theirs", 1));
        Assert.Equal($"theirs {turns}", await http.GetStringAsync(new Uri($"http://127.0.0.1:{ray.ServePort}/theirs"), Token));
        Assert.Equal(OperationState.Succeeded, (await server.EndOfAsync((await server.Client.DeleteEndpointAsync("dev", "adder", Token)).Value.Id)).State);
        Assert.Equal(theirs, await ReplicasAsync("theirs", 1));
        using HttpResponseMessage gone = await http.PutAsJsonAsync("/api/serve/applications/", new { applications = Array.Empty<object>() }, Token);
    }

    private static object Theirs(string name, int turn) =>
        new { name, route_prefix = $"/{name}", import_path = "their_app:build", deployments = new[] { new { name = "model", user_config = new { turn } } } };

    [Fact]
    public async Task AModelThatCannotBeLoadedThere_SaysWhy_AndWhatServedStays()
    {
        using TestModel good = TestModel.Adding(1);
        await server.DeployedAsync(good);
        using TestModel bad = new("adder");
        await File.WriteAllTextAsync(bad.File("model.py"), "import sys\nclass Model:\n    def load(self, folder):\n        if \'ray\' in sys.modules:\n            raise RuntimeError(\'the table is not here\')\n    def predict(self, inputs):\n        return inputs\n", Token);
        bad.Spec("contract: none\nruntime: { code: model.py }\n", source: "model.py");
        Result<Operation> ended = await server.DeployAsync(bad);
        Assert.Equal("RW3008", TestServer.Outcome(ended));
        Assert.Contains("the table is not here", ended.Value.Problem!.Detail, StringComparison.Ordinal);
        Assert.Contains("model.py:5", ended.Value.Problem.Detail, StringComparison.Ordinal);
        Assert.Contains('2', await server.AskAsync("adder", "[[1.0]]"));
    }

    [Fact]
    public async Task AReplicaThatFitsOnNoNode_IsRefusedBeforeItIsTried()
    {
        using TestModel model = TestModel.Adding(1, more: "resources: { gpus: 4 }\n");
        Result<Operation> ended = await server.DeployAsync(model);
        Assert.Equal("RW4146", TestServer.Outcome(ended));
        Assert.Equal("A replica asks for 4 GPUs, the largest node has 0.", ended.Value.Problem!.Detail);
    }

    [Fact]
    public async Task AClusterWithAnotherToken_IsNotAdded()
    {
        await using TestServer other = await TestServer.StartAsync();
        Operation added = await RayCluster.AddAsync(other, ray, token: "wrong");
        Assert.Equal("RW4113", added.Problem!.Code);
        Assert.DoesNotContain((await other.Client.ComputesAsync(Token)).Value.Items, one => one.Name == "lab");
    }

    [Fact]
    public async Task Lines_OfAReplica_ComeWithTheRequestsThatWroteThem()
    {
        using TestModel model = new("teller");
        await File.WriteAllTextAsync(model.File("model.py"), "class Model:\n    def load(self, folder):\n        print('loaded')\n    def predict(self, inputs):\n        print('asked for', inputs)\n        return inputs\n", Token);
        model.Spec("contract: none\nruntime: { code: model.py }\n", source: "model.py");
        await server.DeployedAsync(model);
        Assert.Equal("""{"outputs":"hello"}""", await server.AskAsync("teller", "\"hello\""));
        ImmutableArray<LogLine> lines = (await server.Client.LogsAsync("dev", "teller", Token)).Value.Items;
        LogLine said = Assert.Single(lines, line => line.Text == "asked for hello");
        Assert.Contains(lines, line => line.Source == "request" && line.RequestId == said.RequestId);
        Assert.Contains(lines, line => line is { Source: "stdout", Text: "loaded" });
    }

    /// <summary>Process IDs of the replicas that Serve counts as running, once there are so many.</summary>
    private async Task<int[]> ReplicasAsync(string revision, int count)
    {
        int[] found = [];
        await Eventually.TrueAsync(
            async () =>
            {
                JsonElement applications = (await ray.Client().GetFromJsonAsync<JsonElement>("/api/serve/applications/", Token)).GetProperty("applications");
                found = !applications.TryGetProperty(revision, out JsonElement one) || !one.GetProperty("deployments").TryGetProperty("model", out JsonElement deployment)
                    ? []
                    : [.. deployment.GetProperty("replicas").EnumerateArray().Where(replica => replica.GetProperty("state").GetString() == "RUNNING").Select(replica => replica.GetProperty("pid").GetInt32()).Order()];
                return found.Length == count;
            },
            $"{count} replicas of {revision}");
        return found;
    }

    private static string Seconds(IEnumerable<double> times) => $"{string.Join(", ", times.Order().Select(time => time.ToString("0.00", CultureInfo.InvariantCulture)))} s";

    private static void Report(RayLoad load) => TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{load.Answers} answers, {load.Wrong.Count} wrong"));
}

using System.Text.Json;
using Raywright.Core.Api;
using Raywright.Core.Api.Client;
using Raywright.Core.Errors;
using Raywright.Core.Planning;
using Raywright.Server.Tests.Hosting;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Server.Tests.Deploying;

/// <summary>What a deploy does, step by step and after one another.</summary>
public sealed class DeployTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TheSample_IsTestedAskedAndServed()
    {
        await using TestServer server = await TestServer.StartAsync();
        using TestModel iris = TestModel.Iris();
        Operation deployed = (await server.DeployAsync(iris)).Value;
        Assert.Equal(["source", "scan", "contract", "tests", "gates", "render", "preflight", "apply", "question", "traffic"], deployed.Steps.Select(step => step.Name));
        Assert.All(deployed.Steps, step => Assert.True(step is { State: OperationState.Succeeded, StartedAt: > 0, EndedAt: > 0, Message.Length: > 0 }, step.ToString()));
        Assert.True(deployed.Steps.Single(step => step.Name == "tests").Figures!["accuracy"] >= 0.85);
        DeployResult result = deployed.Result!.Value.Deserialize(ClientJson.Lenient.DeployResult)!;
        Assert.True(result.Question!.Answer is not null && result.Version == 1 && !result.Unchanged);
        string asked = result.Question.Request.GetProperty("inputs").GetRawText();
        Assert.Equal(result.Question.Answer!.Value.GetRawText(), await server.AskAsync("iris", asked));
        VersionInfo version = Assert.Single((await server.Client.VersionsAsync("iris", Token)).Value.Items);
        Assert.Equal(["cases", "quality"], version.Evidence.Select(evidence => evidence.Kind).Order(StringComparer.Ordinal));
        Assert.Equal(["dev"], version.Endpoints);
        Assert.DoesNotContain(version.Files, file => file.Path.StartsWith("tests/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task APlan_AgreesWithTheDeployThatFollows()
    {
        await using TestServer server = await TestServer.StartAsync();
        using TestModel model = TestModel.Adding(1);
        byte[] one = TestModel.Adder(1), two = TestModel.Adder(2);
        (byte[] Graph, string Case, string Spec, PlanAction Action, bool New)[] steps =
        [
            (one, TestModel.Case(1, 2), "", PlanAction.Create, true),
            (one, TestModel.Case(1, 2), "", PlanAction.None, false),
            (one, TestModel.Case(1, 2), "scaling: { min: 2, max: 2 }\n", PlanAction.InPlace, false),
            (one, TestModel.Case(2, 3), "scaling: { min: 2, max: 2 }\n", PlanAction.None, false),
            (one, TestModel.Case(2, 3), "batching: { max_size: 8 }\n", PlanAction.Replace, false),
            (two, TestModel.Case(1, 3), "", PlanAction.Replace, true),
            (one, TestModel.Case(1, 2), "", PlanAction.Replace, false),
        ];
        foreach ((byte[] graph, string line, string spec, PlanAction action, bool fresh) in steps)
        {
            model.Graph(graph).Cases(line).Spec(TestModel.Tested + spec);
            DeployRequest request = await server.UploadAsync(model.Folder);
            EndpointPlan plan = await PlanAsync(server, "adder", request);
            Assert.Equal((action, fresh), (plan.Action, plan.NewVersion));
            DeployResult done = await server.DeployedAsync(model);
            Assert.Equal((plan.Revision, plan.Version, plan.Action is PlanAction.None or PlanAction.InPlace), (done.Revision, done.Version, done.Unchanged));
            Assert.Equal(plan.Action == PlanAction.Create, plan.CurrentRevision is null);
            EndpointInfo now = (await server.Client.EndpointAsync("dev", "adder", Token)).Value;
            Assert.Equal((done.Revision, spec.StartsWith("scaling", StringComparison.Ordinal) ? 2 : 1), (now.Traffic[0].Revision, now.Traffic[0].Replicas));
        }
        Assert.Equal([2, 1], (await server.Client.VersionsAsync("adder", Token)).Value.Items.Select(version => version.Number));
        Assert.Equal("""{"outputs":{"y":[[6]]}}""", await server.AskAsync("adder", """{"x":[[5]]}"""));
    }

    [Fact]
    public async Task AnOldVersion_ComesBackUnderItsNumberAndRevision()
    {
        await using TestServer server = await TestServer.StartAsync();
        using TestModel one = TestModel.Adding(1), two = TestModel.Adding(2);
        DeployResult first = await server.DeployedAsync(one), second = await server.DeployedAsync(two), back = await server.DeployedAsync(one);
        Assert.Equal((1, 2, 1), (first.Version, second.Version, back.Version));
        Assert.Equal(first.Revision, back.Revision);
        RevisionInfo[] revisions = [.. (await server.Client.RevisionsAsync("dev", "adder", Token)).Value.Items];
        Assert.Equal([(second.Revision, false), (first.Revision, true)], revisions.Select(revision => (revision.Id, revision.Serving)));
    }

    [Fact]
    public async Task Environments_ServeSideBySide()
    {
        await using TestServer server = await TestServer.StartAsync();
        using TestModel one = TestModel.Adding(1), two = TestModel.Adding(2);
        await server.DeployedAsync(one, "prod");
        await server.DeployedAsync(two);
        Assert.Equal("""{"outputs":{"y":[[2]]}}""", await server.AskAsync("adder", """{"x":[[1]]}""", "prod"));
        Assert.Equal("""{"outputs":{"y":[[3]]}}""", await server.AskAsync("adder", """{"x":[[1]]}"""));
        Assert.Equal(["dev", "prod"], (await server.Client.EndpointsAsync(Token)).Value.Items.Select(endpoint => endpoint.Environment));
    }

    [Fact]
    public async Task ADeletedEndpoint_AnswersNoMore_AndItsVersionsStay()
    {
        await using TestServer server = await TestServer.StartAsync();
        using TestModel model = TestModel.Adding(1);
        await server.DeployedAsync(model);
        await server.DeployedAsync(model, "staging");
        Operation deleted = await server.EndOfAsync((await server.Client.DeleteEndpointAsync("dev", "adder", Token)).Value.Id);
        Assert.Equal(OperationState.Succeeded, deleted.State);
        Assert.Equal("RW2201", await server.AskAsync("adder", """{"x":[[1]]}"""));
        Assert.Equal("RW2201", (await server.Client.EndpointAsync("dev", "adder", Token)).Problems[0].Code);
        Assert.Equal("""{"outputs":{"y":[[2]]}}""", await server.AskAsync("adder", """{"x":[[1]]}""", "staging"));
        Assert.Equal(["staging"], Assert.Single((await server.Client.VersionsAsync("adder", Token)).Value.Items).Endpoints);
        Assert.False((await server.Client.DeleteEndpointAsync("dev", "adder", Token)).Ok);
        Assert.Equal(1, (await server.DeployedAsync(model)).Version);
    }

    [Fact]
    public async Task ADeletedModel_IsGone_AndItsNumbersAreNotUsedAgain()
    {
        await using TestServer server = await TestServer.StartAsync();
        using TestModel model = TestModel.Adding(1);
        await server.DeployedAsync(model);
        await server.DeployedAsync(model, "staging");
        await server.EndOfAsync((await server.Client.DeleteModelAsync("adder", Token)).Value.Id);
        Assert.False((await server.Client.ModelAsync("adder", Token)).Ok);
        Assert.False((await server.Client.VersionsAsync("adder", Token)).Ok);
        Assert.Empty((await server.Client.EndpointsAsync(Token)).Value.Items);
        Assert.Equal("RW2201", await server.AskAsync("adder", """{"x":[[1]]}""", "staging"));
        Assert.Equal(2, (await server.DeployedAsync(model)).Version);
    }

    [Fact]
    public async Task ARepeatedDeploy_IsOneOperation()
    {
        await using TestServer server = await TestServer.StartAsync();
        using TestModel model = TestModel.Adding(1);
        string body = JsonSerializer.Serialize(await server.UploadAsync(model.Folder), ApiJson.Default.DeployRequest);
        const string path = "/api/v1/endpoints/dev/adder/revisions";
        HttpResponseMessage[] answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => server.Http.PostAsync(path, body, server.OwnerKey, ("Idempotency-Key", "k"))));
        Assert.All(answers, answer => Assert.Equal(202, answer.Status));
        string id = Assert.Single((await Task.WhenAll(answers.Select(async answer => (await answer.JsonAsync()).GetProperty("id").GetString()!))).Distinct());
        Assert.All(answers, answer => Assert.Equal($"/api/v1/operations/{id}", answer.Headers.Location!.OriginalString));
        Assert.Equal("422 RW5203", await (await server.Http.PostAsync(path, body.Replace("}]", "}],\"note\":\"n\"", StringComparison.Ordinal), server.OwnerKey, ("Idempotency-Key", "k"))).OutcomeAsync());
        Assert.Equal("422 RW5203", await (await server.Http.PostAsync("/api/v1/endpoints/dev/adder/test", body, server.OwnerKey, ("Idempotency-Key", "k"))).OutcomeAsync());
        Assert.Equal("400 RW5202", await (await server.Http.PostAsync(path, body, server.OwnerKey, ("Idempotency-Key", new string('k', 201)))).OutcomeAsync());
        Assert.Equal(OperationState.Succeeded, (await server.EndOfAsync(id)).State);
    }

    [Fact]
    public async Task ATest_RunsTheCasesAndServesNothing_AndItsEvidenceCountsLater()
    {
        await using TestServer server = await TestServer.StartAsync();
        using TestModel model = TestModel.Adding(1);
        Operation tested = await server.EndOfAsync((await server.Client.TestAsync("dev", "adder", await server.UploadAsync(model.Folder), Token)).Value.Id);
        Assert.Equal(OperationState.Succeeded, tested.State);
        Assert.Equal(["source", "scan", "contract", "tests"], tested.Steps.Select(step => step.Name));
        Assert.Empty((await server.Client.EndpointsAsync(Token)).Value.Items);
        Assert.Empty((await server.Client.ModelsAsync(Token)).Value.Items);
        Operation deployed = (await server.DeployAsync(model)).Value;
        Assert.Contains("tested before", deployed.Steps.Single(step => step.Name == "tests").Message, StringComparison.Ordinal);
        model.Cases(TestModel.Case(1, 7));
        Assert.Equal("RW3003", TestServer.Outcome(await server.DeployAsync(model)));
    }

    [Fact]
    public async Task Replacing_LosesNoRequest()
    {
        bool prove = Environment.GetEnvironmentVariable("RAYWRIGHT_PROVE") == "1";
        await using TestServer server = await TestServer.StartAsync();
        using TestModel one = TestModel.Adding(1), two = TestModel.Adding(2);
        await server.DeployedAsync(one);
        using CancellationTokenSource over = new();
        Task<int>[] clients = [.. Enumerable.Range(0, 8).Select(_ => Task.Run(() => AskUntilAsync(server, over.Token), Token))];
        for (int replaced = 0; replaced < (prove ? 200 : 10); replaced++)
            Assert.False((await server.DeployedAsync(replaced % 2 == 0 ? two : one)).Unchanged);
        await over.CancelAsync();
        int[] asked = await Task.WhenAll(clients);
        Assert.All(asked, count => Assert.True(count > 10, $"A client was answered {count} times."));
        await Eventually.TrueAsync(async () => Assert.Single((await server.Client.EndpointsAsync(Token)).Value.Items).Traffic.Length == 1, "one revision is left");
    }

    private static async Task<int> AskUntilAsync(TestServer server, CancellationToken over)
    {
        int answered = 0;
        while (!over.IsCancellationRequested)
        {
            string answer = await server.AskAsync("adder", """{"x":[[1]]}""");
            Assert.True(answer is """{"outputs":{"y":[[2]]}}""" or """{"outputs":{"y":[[3]]}}""", answer);
            answered++;
        }
        return answered;
    }

    private static async Task<EndpointPlan> PlanAsync(TestServer server, string model, DeployRequest request)
    {
        string body = JsonSerializer.Serialize(new PlanRequest(request.Spec, request.SpecFile, request.Files), ApiJson.Default.PlanRequest);
        using HttpResponseMessage answer = await server.Http.PostAsync($"/api/v1/endpoints/dev/{model}/plan", body, server.OwnerKey);
        Assert.True(answer.Status == 200, await answer.TextAsync());
        return JsonSerializer.Deserialize(await answer.TextAsync(), ClientJson.Lenient.EndpointPlan)!;
    }
}

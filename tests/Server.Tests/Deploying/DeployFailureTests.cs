using System.Collections.Immutable;
using Raywright.Core.Api;
using Raywright.Core.Errors;
using Raywright.Server.Tests.Hosting;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Server.Tests.Deploying;

/// <summary>Whatever goes wrong with a deploy is said with its code, and what served before serves on.</summary>
public sealed class DeployFailureTests(ServingServer serving) : IClassFixture<ServingServer>, IAsyncDisposable
{
    private readonly TestModel good = serving.Model;
    private readonly TestServer server = serving.Server;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync() => await serving.AssertUntouchedAsync();

    [Fact]
    public async Task CasesThatFail_AreNamedWithTheirLine()
    {
        using TestModel model = TestModel.Adding(1).Cases(TestModel.Case(1, 2), TestModel.Case(1, 5));
        Operation failed = (await server.DeployAsync(model)).Value;
        Assert.Equal("RW3003", failed.Problem!.Code);
        Assert.Equal("tests/cases.jsonl:2:1", failed.Problem.Location);
        Assert.Equal(OperationState.Failed, failed.Steps.Single(step => step.Name == "tests").State);
        Assert.All(failed.Steps.SkipWhile(step => step.Name != "tests").Skip(1), step => Assert.Equal(OperationState.Pending, step.State));
        Assert.Contains((await server.Client.HistoryAsync("dev", "adder", Token)).Value.Items, row => row.Action == "deploy.failed");
    }

    [Fact]
    public async Task AMissedBar_IsSaid()
    {
        using TestModel model = TestModel.Adding(1).Cases("""{"inputs":{"x":[[1]]},"label":5}""").Spec("tests: { cases: tests/cases.jsonl, quality: { metric: mae, at_most: 0.5 } }\n");
        Assert.Equal("RW3004", await server.OutcomeAsync(model));
    }

    [Theory]
    [InlineData("", "tests: { cases: tests/cases.jsonl }", "RW3005")]
    [InlineData("{\"inputs\":{\"x\":[[1]]}}", "tests: { cases: tests/cases.jsonl, quality: { metric: mae, at_most: 1 } }", "RW3005")]
    [InlineData("{\"inputs\":{\"x\":[[1]]}}", "tests: { cases: tests/others.jsonl }", "RW3010")]
    [InlineData("nonsense", "tests: { cases: tests/cases.jsonl }", "RW2001")]
    [InlineData("{\"inputs\":{\"z\":[[1]]}}", "tests: { cases: tests/cases.jsonl }", "RW1204")]
    public async Task TestsThatProveNothing_AreRefused(string cases, string spec, string code)
    {
        using TestModel model = TestModel.Adding(1).Cases(cases).Spec(spec + "\n");
        Result<Operation> failed = await server.DeployAsync(model);
        Assert.True(TestServer.Outcome(failed) == code, TestServer.Words(failed));
    }

    [Fact]
    public async Task AnAnswerThatIsNotFinite_IsRefused()
    {
        using TestModel model = new("adder");
        model.Graph(new OnnxBuilder().Input("x", OnnxBuilder.Float, -1, 1).Output("y", OnnxBuilder.Float, -1, 1).Node("Log", ["x"], ["y"]).Build())
            .Cases("""{"inputs":{"x":[[-1]]}}""").Spec(TestModel.Tested);
        Assert.Equal(Catalogue.OutputNotFinite.Code, await server.OutcomeAsync(model));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AnAnswerOfAnotherShape_IsRefused(bool tested)
    {
        using TestModel model = new("adder");
        model.Graph(new OnnxBuilder().Input("x", OnnxBuilder.Float, -1, 1).Output("y", OnnxBuilder.Float, -1, 1)
                .Node("Concat", ["x", "x"], ["y"], attributes: node => node.Message(5, axis => axis.Text(1, "axis").Number(20, 2).Number(3, 0))).Build())
            .Cases("""{"inputs":{"x":[[1]]}}""").Spec(tested ? TestModel.Tested : "");
        Result<Operation> failed = await server.DeployAsync(model);
        Assert.True(TestServer.Outcome(failed) == Catalogue.OutputShape.Code, TestServer.Words(failed));
    }

    [Fact]
    public async Task ABrokenModelFile_HasACodeOfItsOwn()
    {
        byte[] whole = TestModel.Adder(1);
        byte[] external = new OnnxBuilder().Input("x", OnnxBuilder.Float, -1, 1).Output("y", OnnxBuilder.Float, -1, 1).External("c", "weights.bin", 1).Node("Add", ["x", "c"], ["y"]).Build();
        foreach ((byte[] bytes, string code) in new[] { (whole[..(whole.Length / 2)], "RW1105"), ([], "RW1102"), ("<html>sign in</html>"u8.ToArray(), "RW1107"), (external, "RW1109") })
        {
            using TestModel model = TestModel.Adding(1).Graph(bytes);
            Assert.Equal(code, await server.OutcomeAsync(model));
        }
        using TestModel missing = TestModel.Adding(1).Spec("", source: "other.onnx");
        Assert.Equal("RW1101", await server.OutcomeAsync(missing));
    }

    [Fact]
    public async Task SpecErrors_ComeAllAtOnceWithTheirPlaces()
    {
        using TestModel model = TestModel.Adding(1).Spec("scalling: { min: 1 }\nresources: { cpus: -1 }\nbatching: { max_wait: 5 minutes }\n");
        Result<Operation> refused = await server.DeployAsync(model.Name, await server.UploadAsync(model.Folder));
        Assert.False(refused.Ok);
        Assert.True(refused.Problems.Length >= 3, TestServer.Words(refused));
        Assert.Equal([3, 4, 5], refused.Problems.Select(problem => problem.Location!.Value.Line));
        Assert.All(refused.Problems, problem => Assert.Equal("raywright.yaml", problem.Location!.Value.File));
    }

    [Fact]
    public async Task AContractThatTheModelDoesNotKeep_IsRefused()
    {
        using TestModel model = TestModel.Adding(1).Spec("inputs: [{ name: z, type: float32, shape: [-1, 1] }]\n");
        Assert.Equal("RW1010", await server.OutcomeAsync(model));
    }

    [Fact]
    public async Task WhatTheAddressNames_HasToFit()
    {
        DeployRequest request = await server.UploadAsync(good.Folder);
        Assert.Equal("RW3002", TestServer.Outcome(await server.DeployAsync("other", request)));
        Assert.Equal("RW3001", TestServer.Outcome(await server.DeployAsync("adder", request, "nowhere")));
        Assert.Equal("404 RW3001", await (await server.Http.PostAsync("/api/v1/endpoints/nowhere/adder/plan", "{\"spec\":\"\",\"specFile\":\"\",\"files\":[]}", server.OwnerKey)).OutcomeAsync());
    }

    [Fact]
    public async Task FilesThatMayNotBe_AreRefusedBeforeAnythingRuns()
    {
        DeployRequest request = await server.UploadAsync(good.Folder);
        FileReference file = request.Files[0];
        string half = new('ä', 150);
        foreach ((ImmutableArray<FileReference> files, string code) in new (ImmutableArray<FileReference>, string)[]
        {
            ([.. request.Files, file with { Path = "../escape" }], "RW1122"),
            ([.. request.Files, file with { Path = "/etc/passwd" }], "RW1122"),
            ([.. request.Files, file with { Path = "a" }, file with { Path = "a/b" }], "RW1122"),
            ([.. request.Files, file with { Path = "MODEL.onnx" }], "RW1122"),
            ([.. request.Files, file with { Path = half }], "RW1122"),
            ([file with { Sha256 = new string('0', 64) }], "RW5101"),
            ([file with { Sha256 = "abc" }], "RW5202"),
            ([file with { Size = 1 }], "RW5202"),
            ([.. Enumerable.Range(0, 1001).Select(number => file with { Path = $"f{number}" })], "RW5202"),
        })
        {
            Result<Operation> refused = await server.Client.DeployAsync("dev", "adder", request with { Files = files }, Token);
            Assert.Equal(code, TestServer.Outcome(refused));
        }
    }

    [Fact]
    public async Task ABlobThatIsGone_IsMissed()
    {
        using TestModel model = TestModel.Adding(77);
        DeployRequest request = await server.UploadAsync(model.Folder);
        string sha = request.Files.Single(file => file.Path == "model.onnx").Sha256;
        File.Delete(Path.Combine(server.Home, "blobs", sha[..2], sha));
        Result<Operation> refused = await server.Client.DeployAsync("dev", "adder", request, Token);
        Assert.Equal("RW5101", Assert.Single(refused.Problems).Code);
        Assert.Equal("succeeded", await server.OutcomeAsync(model));
        Assert.Equal("succeeded", await server.OutcomeAsync(good));
    }

    [Fact]
    public async Task ABlobChangedOnDisk_IsNotServed()
    {
        using TestModel model = TestModel.Adding(78);
        DeployRequest request = await server.UploadAsync(model.Folder);
        FileReference file = request.Files.Single(file => file.Path == "model.onnx");
        await File.WriteAllBytesAsync(Path.Combine(server.Home, "blobs", file.Sha256[..2], file.Sha256), new byte[file.Size], Token);
        Assert.Equal("RW5102", TestServer.Outcome(await server.DeployAsync("adder", request)));
    }

    [Fact]
    public async Task ANote_HasItsLimits()
    {
        DeployRequest request = await server.UploadAsync(good.Folder);
        foreach (string note in new[] { "a\0b", new string('n', 2001) })
            Assert.Equal("RW5202", TestServer.Outcome(await server.Client.DeployAsync("dev", "adder", request with { Note = note }, Token)));
        Assert.Equal("succeeded", TestServer.Outcome(await server.DeployAsync("adder", request with { Note = "because" })));
        Assert.Contains((await server.Client.HistoryAsync("dev", "adder", Token)).Value.Items, row => row is { Action: "deploy.asked", Summary: "because" });
    }
}

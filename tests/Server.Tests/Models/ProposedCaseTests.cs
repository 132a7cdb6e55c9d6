using System.Text.Json;
using Raywright.Core.Api;
using Raywright.Core.Cases;
using Raywright.Server.Endpoints;
using Raywright.Server.Tests.Hosting;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Server.Tests.Models;

/// <summary>Cases that people propose, and those that a deploy leaves as examples.</summary>
public sealed class ProposedCaseTests
{
    private const string Path = "/api/v1/models/adder/cases";

    [Theory]
    [MemberData(nameof(TestDatabase.Both), MemberType = typeof(TestDatabase))]
    public async Task AProposal_IsKept_WithWhoAndWhen_AndComesOutAsACase(string kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        using TestModel model = TestModel.Adding(10);
        await server.DeployedAsync(model);
        string query = (await server.KeyAsync(["query"], "dev/adder")).Key;
        using HttpResponseMessage first = await server.Http.PostAsync(Path, """{"inputs":{"x":1},"label":12,"version":1,"name":"too low"}""", query);
        Assert.Equal((201, """{"inputs":{"x":1},"label":12,"name":"too low"}""", 1), (first.Status, (await first.JsonAsync()).GetProperty("line").GetString(), (await first.JsonAsync()).GetProperty("proposed").GetInt32()));
        using HttpResponseMessage same = await server.Http.PostAsync(Path, """{"inputs":{"x":1},"label":12,"version":1,"name":"too low"}""", query);
        Assert.Equal(1, (await same.JsonAsync()).GetProperty("proposed").GetInt32());
        Assert.Equal("201", await (await server.Http.PostAsync(Path, """{"inputs":{"x":[[2]]},"expected":{"y":[[12]]}}""", server.OwnerKey)).OutcomeAsync());

        await server.RestartAsync();
        byte[] lines = (await server.Client.ProposedCasesAsync("adder", TestContext.Current.CancellationToken)).Value;
        using TemporaryFolder folder = new();
        File.WriteAllBytes(folder.Combine("cases.jsonl"), lines);
        IReadOnlyList<Case> cases = CaseReader.Read(folder.Combine("cases.jsonl"), "cases.jsonl").Value;
        Assert.Equal(["too low", null], cases.Select(one => one.Name));
        Assert.Equal(12, cases[0].Label!.Value.GetInt32());
        LedgerRow row = (await server.Client.LedgerAsync(null, TestContext.Current.CancellationToken)).Value.Items.First(one => one.Action == "case.proposed" && one.Actor == "test");
        Assert.Equal(("adder", "a case is proposed for adder: the answer of adder:1 should be 12"), (row.Target, row.Summary));
    }

    [Theory]
    [InlineData("""{"inputs":{"x":1}}""")]
    [InlineData("""{"inputs":1,"label":1}""")]
    [InlineData("""{"inputs":{"x":1},"expected":1}""")]
    [InlineData("""{"inputs":{"x":1},"label":1,"parameters":[]}""")]
    [InlineData("""{"inputs":{"x":1},"label":1,"name":"a\nb"}""")]
    [InlineData("""{"inputs":{"x":1},"label":1,"more":1}""")]
    public async Task WhatIsNoCase_IsRefused(string body)
    {
        await using TestServer server = await TestServer.StartAsync();
        using TestModel model = TestModel.Adding(10);
        await server.DeployedAsync(model);
        Assert.StartsWith("400", await (await server.Http.PostAsync(Path, body, server.OwnerKey)).OutcomeAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rights_AreThoseOfTheModel()
    {
        await using TestServer server = await TestServer.StartAsync();
        using TestModel model = TestModel.Adding(10);
        await server.DeployedAsync(model);
        string query = (await server.KeyAsync(["query"])).Key, elsewhere = (await server.KeyAsync(["query"], "dev/other")).Key;
        Assert.StartsWith("403", await (await server.Http.ReadAsync(Path, query)).OutcomeAsync(), StringComparison.Ordinal);
        Assert.StartsWith("404", await (await server.Http.PostAsync(Path, """{"inputs":{"x":1},"label":1}""", elsewhere)).OutcomeAsync(), StringComparison.Ordinal);
        Assert.StartsWith("404", await (await server.Http.ReadAsync("/api/v1/models/nothing/cases", server.OwnerKey)).OutcomeAsync(), StringComparison.Ordinal);
        using HttpResponseMessage none = await server.Http.ReadAsync(Path, server.OwnerKey);
        Assert.Equal((200, "", "application/x-ndjson"), (none.Status, await none.TextAsync(), none.Content.Headers.ContentType!.MediaType));
    }

    [Fact]
    public async Task ADeploy_LeavesItsFirstCasesAsExamples()
    {
        await using TestServer server = await TestServer.StartAsync();
        using TestModel model = TestModel.Adding(10).Cases([
            """{"inputs":{"x":[[1]]},"label":11,"name":"one"}""",
            .. Enumerable.Range(2, 30).Select(x => $$$"""{"inputs":{"x":[[{{{x}}}]]}}""")]);
        await server.DeployedAsync(model);
        EndpointService endpoints = (EndpointService)server.Services.GetService(typeof(EndpointService))!;
        ExampleQuestion[] examples = [.. await endpoints.ExamplesAsync("dev", "adder")];
        Assert.Equal(20, examples.Length);
        Assert.Equal(("""{"inputs":{"x":[[1]]}}""", "one", 11), (JsonSerializer.Serialize(examples[0].Body), examples[0].Name, examples[0].Label!.Value.GetInt32()));
        Assert.Empty(await endpoints.ExamplesAsync("dev", "nothing"));
    }
}

using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Raywright.Core;
using Raywright.Core.Api;
using Raywright.Core.Errors;
using Raywright.Gateway.Access;
using Raywright.Server.Access;
using Raywright.Server.Ledger;
using Raywright.Server.Store;
using Raywright.Server.Tests.Hosting;
using Raywright.Server.Tests.Store;
using Xunit;

namespace Raywright.Server.Tests.Access;

/// <summary>Keys from their making to their end.</summary>
public sealed class KeyTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AKey_IsNowhereButInItsAnswer()
    {
        await using TestServer server = await TestServer.StartAsync();
        KeyCreated made = await server.KeyAsync(["query"]);
        Assert.StartsWith("rwk_", made.Key, StringComparison.Ordinal);
        string secret = made.Key[^20..];
        await server.StopAsync();
        Assert.All(Directory.EnumerateFiles(server.Home, "*", SearchOption.AllDirectories), file =>
            Assert.DoesNotContain(secret, File.ReadAllText(file), StringComparison.Ordinal));
    }

    [Fact]
    public async Task ALimitedKey_ReachesItsEndpointsAlone()
    {
        await using TestServer server = await TestServer.StartAsync();
        using TestModel one = TestModel.Adding(1, "one"), two = TestModel.Adding(2, "two");
        await server.DeployedAsync(one);
        await server.DeployedAsync(two);
        string key = (await server.KeyAsync(["query", "deploy"], "dev/one")).Key, admin = (await server.KeyAsync(["admin"], "dev/one")).Key;
        Assert.Equal(200, await AskAsync(server, "one", key));
        Assert.Equal(404, await AskAsync(server, "two", key));
        Assert.Equal(401, await AskAsync(server, "one", null));
        Assert.Equal(200, (await server.Http.ReadAsync("/api/v1/endpoints/dev/one", key)).Status);
        Assert.Equal("404 RW2201", await (await server.Http.ReadAsync("/api/v1/endpoints/dev/two", key)).OutcomeAsync());
        Assert.Equal("one", Assert.Single((await (await server.Http.ReadAsync("/api/v1/endpoints", key)).JsonAsync()).GetProperty("items").EnumerateArray().Select(item => item.GetProperty("model").GetString())));
        string[] targets = [.. (await (await server.Http.ReadAsync("/api/v1/operations", key)).JsonAsync()).GetProperty("items").EnumerateArray().Select(item => item.GetProperty("target").GetString()!)];
        Assert.Equal(["dev/one"], targets);
        string foreign = (await server.Client.OperationsAsync(Token)).Value.Items.First(operation => operation.Target == "dev/two").Id;
        Assert.Equal("404 RW5201", await (await server.Http.ReadAsync($"/api/v1/operations/{foreign}", key)).OutcomeAsync());
        Assert.Equal("404 RW5201", await (await server.Http.ReadAsync($"/api/v1/operations/{foreign}/events", key)).OutcomeAsync());
        Assert.Equal("404 RW5201", await (await server.Http.PostAsync($"/api/v1/operations/{foreign}/cancel", "", key)).OutcomeAsync());
        Assert.Equal("403 RW4002", await (await server.Http.PostAsync("/api/v1/keys", """{"name":"all","scopes":["admin"]}""", admin)).OutcomeAsync());
        Assert.Equal("403 RW4002", await (await server.Http.CallAsync("DELETE", "/api/v1/models/two", key: admin)).OutcomeAsync());
    }

    [Fact]
    public async Task ARevokedKey_IsRefusedAtOnceAndForEver()
    {
        await using TestServer server = await TestServer.StartAsync();
        using TestModel model = TestModel.Adding(1);
        await server.DeployedAsync(model);
        KeyCreated made = await server.KeyAsync(["query"]);
        Assert.Equal(200, await AskAsync(server, "adder", made.Key));
        Assert.True((await server.Client.RevokeKeyAsync(made.Info.Id, Token)).Ok);
        Assert.Equal(401, await AskAsync(server, "adder", made.Key));
        Assert.Equal(401, (await server.Http.ReadAsync("/api/v1/endpoints", made.Key)).Status);
        Assert.True((await server.Client.RevokeKeyAsync(made.Info.Id, Token)).Ok);
        Assert.Equal("404 RW5201", await (await server.Http.CallAsync("DELETE", "/api/v1/keys/nothing", key: server.OwnerKey)).OutcomeAsync());
        KeyInfo info = (await server.Client.KeysAsync(Token)).Value.Items.Single(key => key.Id == made.Info.Id);
        Assert.True(info is { Revoked: true, LastUsedAt: > 0 });
        Assert.Single((await server.Client.LedgerAsync(null, Token)).Value.Items, row => row.Action == "key.revoked");
        await server.RestartAsync();
        Assert.Equal(401, await AskAsync(server, "adder", made.Key));
    }

    [Fact]
    public async Task RevokingAmongManyPublications_IsNeverUndone()
    {
        await using TestDatabase database = await TestDatabase.CreateAsync(TestDatabase.Sqlite);
        await using DbStore store = await DbStoreTests.OpenedAsync(database);
        KeyDirectoryStore directory = new();
        using KeyService keys = new(store, new LedgerService(store, TimeProvider.System), directory, TimeProvider.System);
        for (int round = 0; round < 25; round++)
        {
            KeyCreated made = (await keys.CreateAsync(new KeyRequest("k", ["query"]), "me")).Value;
            await Task.WhenAll([.. Enumerable.Range(0, 8).Select(_ => Task.Run(keys.PublishAsync, Token)), Task.Run(() => keys.RevokeAsync(made.Info.Id, "me"), Token)]);
            Assert.Null(directory.Current.Find(made.Key, TimeProvider.System.NowMicros()));
        }
    }

    [Fact]
    public async Task AKey_ExpiresOnTime()
    {
        await using TestDatabase database = await TestDatabase.CreateAsync(TestDatabase.Sqlite);
        await using DbStore store = await DbStoreTests.OpenedAsync(database);
        Microsoft.Extensions.Time.Testing.FakeTimeProvider clock = new();
        KeyDirectoryStore directory = new();
        using KeyService keys = new(store, new LedgerService(store, clock), directory, clock);
        KeyCreated made = (await keys.CreateAsync(new KeyRequest("k", ["query"], [], clock.NowMicros() + 60_000_000), "me")).Value;
        Assert.True(keys.IsValid(made.Key));
        clock.Advance(TimeSpan.FromSeconds(59));
        Assert.True(keys.IsValid(made.Key));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.False(keys.IsValid(made.Key));
        Assert.False((await keys.CreateAsync(new KeyRequest("k", ["query"], [], clock.NowMicros()), "me")).Ok);
    }

    [Fact]
    public async Task LastUses_SurviveTheStop()
    {
        await using TestServer server = await TestServer.StartAsync();
        KeyCreated made = await server.KeyAsync(["query"]);
        Assert.Equal(200, (await server.Http.ReadAsync("/api/v1/endpoints", made.Key)).Status);
        await server.StopAsync();
        Assert.NotEqual(DBNull.Value, await server.Database.ExecuteAsync($"SELECT LastUsedAt FROM keys WHERE Id = '{made.Info.Id}'"));
        await server.RestartAsync();
        Assert.True((await server.Client.KeysAsync(Token)).Value.Items.Single(key => key.Id == made.Info.Id).LastUsedAt > 0);
    }

    [Fact]
    public async Task EverythingWrongWithARequest_IsSaidAtOnce()
    {
        await using TestServer server = await TestServer.StartAsync();
        using HttpResponseMessage answer = await server.Http.PostAsync("/api/v1/keys", """{"name":"","scopes":["root"],"endpoints":["dev","Dev/x",null,"dev/x\n"],"expiresAt":5}""", server.OwnerKey);
        JsonElement problem = await answer.JsonAsync();
        Assert.Equal(400, answer.Status);
        Assert.Equal(["name", "scopes", "endpoints", "endpoints", "endpoints", "endpoints", "expiresAt"], problem.GetProperty("errors").EnumerateArray().Select(error => error.GetProperty("field").GetString()));
        foreach (string body in new[] { "", "null", "[]", "{", """{"name":"x"}""", """{"name":"x","scopes":null}""", """{"name":"x","scopes":[],"more":1}""", """{"name":"x","name":"y","scopes":["query"]}""", """{"name":"a\u0000b","scopes":["query"]}""", """{"name":5,"scopes":["query"]}""" })
            Assert.Equal((body, "400 RW5202"), (body, await (await server.Http.PostAsync("/api/v1/keys", body, server.OwnerKey)).OutcomeAsync()));
    }

    [Fact]
    public async Task ARepeatedCall_MakesOneKey()
    {
        await using TestServer server = await TestServer.StartAsync();
        const string body = """{"name":"ci","scopes":["deploy"]}""";
        HttpResponseMessage[] answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => server.Http.PostAsync("/api/v1/keys", body, server.OwnerKey, ("Idempotency-Key", "once"))));
        Assert.All(answers, answer => Assert.Equal(201, answer.Status));
        Assert.Single((await Task.WhenAll(answers.Select(answer => answer.TextAsync()))).Distinct());
        Assert.Single((await server.Client.KeysAsync(Token)).Value.Items, key => key.Name == "ci");
        Assert.Equal("422 RW5203", await (await server.Http.PostAsync("/api/v1/keys", """{"name":"ci2","scopes":["deploy"]}""", server.OwnerKey, ("Idempotency-Key", "once"))).OutcomeAsync());
        Assert.Equal("400 RW5202", await (await server.Http.PostAsync("/api/v1/keys", body, server.OwnerKey, ("Idempotency-Key", new string('k', 201)))).OutcomeAsync());
        // What made nothing is not remembered.
        Assert.Equal(400, (await server.Http.PostAsync("/api/v1/keys", """{"name":"","scopes":["deploy"]}""", server.OwnerKey, ("Idempotency-Key", "again"))).Status);
        Assert.Equal(201, (await server.Http.PostAsync("/api/v1/keys", body, server.OwnerKey, ("Idempotency-Key", "again"))).Status);
    }

    [Fact]
    public async Task ALinkToTheApp_WorksOnceAndForFiveMinutes()
    {
        Microsoft.Extensions.Time.Testing.FakeTimeProvider clock = new();
        AppLinks links = new(new Raywright.Server.Hosting.ServerAddress(), clock);
        KeyEntry owner = new("id", "me", "", ["admin"], [], null);
        string Made() => links.Create(owner).Url.Split("token=")[1];
        string once = Made(), late = Made();
        Assert.Same(owner, links.Redeem(once));
        Assert.Null(links.Redeem(once));
        clock.Advance(TimeSpan.FromMinutes(5) + TimeSpan.FromSeconds(1));
        Assert.Null(links.Redeem(late));
        Assert.Null(links.Redeem("nothing"));
        await Task.CompletedTask;
    }

    private static async Task<int> AskAsync(TestServer server, string model, string? key) =>
        (await server.Http.PostAsync($"/serve/dev/predict/{model}", """{"inputs":{"x":[[1]]}}""", key)).Status;
}

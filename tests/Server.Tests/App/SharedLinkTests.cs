using System.Net;
using Microsoft.Extensions.Time.Testing;
using Raywright.Core.Api;
using Raywright.Server.App.Playground;
using Raywright.Server.Tests.Hosting;
using Xunit;

namespace Raywright.Server.Tests.App;

/// <summary>A link to one playground: what it opens, what it does not, and when it ends.</summary>
public sealed class SharedLinkTests
{
    [Fact]
    public async Task ALink_OpensOnePlayground_AnyNumberOfTimes_AndNothingElse()
    {
        await using TestServer server = await TestServer.StartAsync();
        using TestModel one = TestModel.Adding(1), other = TestModel.Adding(2, "second");
        await server.DeployedAsync(one);
        await server.DeployedAsync(other);
        SharedLink link = await ShareAsync(server, 3600);
        Assert.StartsWith($"{server.Url.GetLeftPart(UriPartial.Authority)}/shared/", link.Url, StringComparison.Ordinal);
        for (int times = 0; times < 2; times++)
        {
            using AppServer.Browser guest = new(server.Url);
            using HttpResponseMessage opened = await guest.GetAsync(new Uri(link.Url));
            Assert.Equal((HttpStatusCode.Redirect, "/app/dev/adder"), (opened.StatusCode, opened.Headers.Location!.OriginalString));
            string page = await guest.TextAsync("/app/dev/adder");
            // Until the page is live nothing can be written into it that would be lost.
            Assert.Contains("<form inert", page, StringComparison.Ordinal);
            Assert.Contains("Shared with you until", page, StringComparison.Ordinal);
            Assert.DoesNotContain("href=\"/endpoints", page, StringComparison.Ordinal);
            Assert.DoesNotContain("Make a link", page, StringComparison.Ordinal);
            foreach (string room in new[] { "/", "/endpoints/dev/adder", "/app/dev/second", "/models", "/keys", "/app/dev/adder/cases.jsonl" })
            {
                using HttpResponseMessage elsewhere = await guest.GetAsync(room);
                Assert.Equal((HttpStatusCode.Redirect, "/app/dev/adder"), (elsewhere.StatusCode, elsewhere.Headers.Location?.OriginalString));
            }
        }
        // A restart ends no link.
        await server.RestartAsync();
        using AppServer.Browser later = new(server.Url);
        using HttpResponseMessage again = await later.GetAsync(new Uri(link.Url));
        Assert.Equal(HttpStatusCode.Redirect, again.StatusCode);
    }

    [Fact]
    public async Task TheKeyBehindALink_MayAskOneEndpoint_AndRevokingItEndsTheLink()
    {
        await using TestServer server = await TestServer.StartAsync();
        using TestModel model = TestModel.Adding(1);
        await server.DeployedAsync(model);
        SharedLink link = await ShareAsync(server, null);
        KeyInfo key = (await server.Client.KeysAsync(TestContext.Current.CancellationToken)).Value.Items.Single(one => one.Id == link.Key);
        Assert.Equal(("query", "dev/adder", "link to adder in dev", link.ExpiresAt), (string.Join(' ', key.Scopes), string.Join(' ', key.Endpoints), key.Name, key.ExpiresAt));
        using AppServer.Browser guest = new(server.Url);
        using HttpResponseMessage opened = await guest.GetAsync(new Uri(link.Url));
        await server.Client.RevokeKeyAsync(link.Key, TestContext.Current.CancellationToken);
        using HttpResponseMessage shut = await guest.GetAsync("/app/dev/adder");
        Assert.StartsWith("/sign-in", shut.Headers.Location!.OriginalString, StringComparison.Ordinal);
        await AssertOverAsync(server, link.Url, "This link has expired");
    }

    [Fact]
    public async Task ALink_EndsWithItsTime()
    {
        FakeTimeProvider clock = new(TimeProvider.System.GetUtcNow());
        await using TestServer server = await TestServer.StartAsync(clock: clock);
        using TestModel model = TestModel.Adding(1);
        await server.DeployedAsync(model);
        SharedLink link = await ShareAsync(server, 60);
        using AppServer.Browser guest = new(server.Url);
        using HttpResponseMessage opened = await guest.GetAsync(new Uri(link.Url));
        Assert.Equal(HttpStatusCode.Redirect, opened.StatusCode);
        clock.Advance(TimeSpan.FromSeconds(61));
        await AssertOverAsync(server, link.Url, "This link has expired");
        using HttpResponseMessage shut = await guest.GetAsync("/app/dev/adder");
        Assert.StartsWith("/sign-in", shut.Headers.Location!.OriginalString, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatIsNoLink_OpensNothing()
    {
        await using TestServer server = await TestServer.StartAsync();
        await AssertOverAsync(server, $"{server.Url}shared/CfDJ8nothing", "This link does not work");
    }

    [Fact]
    public async Task WhoIsSignedInAnyway_StaysWhoTheyAre()
    {
        await using TestServer server = await TestServer.StartAsync();
        using TestModel model = TestModel.Adding(1);
        await server.DeployedAsync(model);
        SharedLink link = await ShareAsync(server, null);
        using AppServer.Browser owner = new(server.Url);
        await owner.SignInAsync(server.OwnerKey);
        using HttpResponseMessage opened = await owner.GetAsync(new Uri(link.Url));
        Assert.Equal("/app/dev/adder", opened.Headers.Location!.OriginalString);
        Assert.Contains("href=\"/endpoints/dev/adder\"", await owner.TextAsync("/app/dev/adder"), StringComparison.Ordinal);
        using HttpResponseMessage home = await owner.GetAsync("/");
        Assert.Equal(HttpStatusCode.OK, home.StatusCode);
    }

    [Fact]
    public async Task Sharing_WantsARightAndAnEndpoint()
    {
        await using TestServer server = await TestServer.StartAsync();
        using TestModel model = TestModel.Adding(1);
        await server.DeployedAsync(model);
        string query = (await server.KeyAsync(["query"])).Key, narrow = (await server.KeyAsync(["deploy"], "prod/*")).Key;
        const string Path = "/api/v1/endpoints/dev/adder/links";
        Assert.Equal("403 RW4002", await (await server.Http.PostAsync(Path, "{}", query)).OutcomeAsync());
        Assert.Equal("404 RW2201", await (await server.Http.PostAsync(Path, "{}", narrow)).OutcomeAsync());
        Assert.StartsWith("404", await (await server.Http.PostAsync("/api/v1/endpoints/dev/nothing/links", "{}", server.OwnerKey)).OutcomeAsync(), StringComparison.Ordinal);
        foreach (string seconds in new[] { "0", "-1", "31622400" })
            Assert.StartsWith("400", await (await server.Http.PostAsync(Path, $$"""{"seconds":{{seconds}}}""", server.OwnerKey)).OutcomeAsync(), StringComparison.Ordinal);
        Assert.Equal("201", await (await server.Http.PostAsync(Path, "{}", server.OwnerKey)).OutcomeAsync());
    }

    private static async Task<SharedLink> ShareAsync(TestServer server, long? seconds)
    {
        Core.Errors.Result<SharedLink> link = await server.Client.ShareAsync("dev", "adder", new SharedLinkRequest(seconds), TestContext.Current.CancellationToken);
        Assert.True(link.Ok, string.Join("; ", link.Problems));
        return link.Value;
    }

    private static async Task AssertOverAsync(TestServer server, string url, string said)
    {
        using AppServer.Browser guest = new(server.Url);
        using HttpResponseMessage answer = await guest.GetAsync(new Uri(url));
        Assert.Equal(HttpStatusCode.Gone, answer.StatusCode);
        string text = await answer.TextAsync();
        Assert.Contains(said, text, StringComparison.Ordinal);
        Assert.Contains("RW5204", text, StringComparison.Ordinal);
        Assert.DoesNotContain("name=\"key\"", text, StringComparison.Ordinal);
    }
}

using System.Net;
using System.Text.RegularExpressions;
using Raywright.Core.Api;
using Xunit;

namespace Raywright.Server.Tests.App;

/// <summary>What goes with every page: headers, files, names of the server.</summary>
public sealed partial class PageTests(AppServer server) : IClassFixture<AppServer>
{
    [Theory]
    [InlineData("/")]
    [InlineData("/sign-in")]
    [InlineData("/nothing-here")]
    [InlineData("/mark.svg")]
    public async Task EveryAnswer_HasTheHeadersOfSecurity(string path)
    {
        using AppServer.Browser browser = server.Open();
        using HttpResponseMessage answer = await browser.GetAsync(path);
        string policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("no-referrer", Assert.Single(answer.Headers.GetValues("Referrer-Policy")));
    }

    [Fact]
    public async Task APage_IsNotKeptByTheBrowser_AndHasNoCodeInIt()
    {
        using AppServer.Browser browser = server.Open();
        await browser.SignInAsync(server.OwnerKey);
        using HttpResponseMessage answer = await browser.GetAsync("/");
        Assert.True(answer.Headers.CacheControl!.NoStore);
        string html = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.DoesNotMatch(InlineCode(), html);
    }

    [Fact]
    public async Task EveryFileOfAPage_IsThere()
    {
        using AppServer.Browser browser = server.Open();
        await browser.SignInAsync(server.OwnerKey);
        string[] files = [.. File().Matches(await browser.TextAsync("/")).Select(match => match.Groups[1].Value)];
        Assert.Contains(files, file => file.Contains("blazor.web", StringComparison.Ordinal));
        Assert.Contains(files, file => file.StartsWith("app", StringComparison.Ordinal) && file.EndsWith(".css", StringComparison.Ordinal));
        foreach (string file in files)
        {
            using HttpResponseMessage answer = await browser.GetAsync("/" + file.TrimStart('/'));
            Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{file}: {answer.StatusCode}");
            Assert.NotEmpty(await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        }
    }

    [Theory]
    [InlineData("localhost", HttpStatusCode.OK)]
    [InlineData("127.0.0.1:7700", HttpStatusCode.OK)]
    [InlineData("[::1]:7700", HttpStatusCode.OK)]
    [InlineData("models.example", HttpStatusCode.OK)]
    [InlineData("elsewhere.example", HttpStatusCode.MisdirectedRequest)]
    [InlineData("127.0.0.1.elsewhere.example", HttpStatusCode.MisdirectedRequest)]
    public async Task TheApp_AnswersOnlyToItsNames(string host, HttpStatusCode status)
    {
        using AppServer.Browser browser = server.Open();
        using HttpRequestMessage request = new(HttpMethod.Get, "/sign-in");
        request.Headers.Host = host;
        using HttpResponseMessage answer = await browser.SendAsync(request);
        Assert.Equal(status, answer.StatusCode);
        if (status != HttpStatusCode.OK)
            Assert.Contains("RW5205", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, null, HttpStatusCode.Unauthorized)]
    [InlineData(true, null, HttpStatusCode.OK)]
    [InlineData(true, "https://models.example", HttpStatusCode.OK)]
    [InlineData(true, "http://127.0.0.1:1", HttpStatusCode.Forbidden)]
    [InlineData(true, "https://elsewhere.example", HttpStatusCode.Forbidden)]
    [InlineData(true, "null", HttpStatusCode.Forbidden)]
    public async Task ACircuit_NeedsASession_AndAPageOfOurs(bool signedIn, string? origin, HttpStatusCode status)
    {
        using AppServer.Browser browser = server.Open();
        if (signedIn)
            await browser.SignInAsync(server.OwnerKey);
        using HttpRequestMessage request = new(HttpMethod.Post, "/_blazor/negotiate?negotiateVersion=1");
        if (origin is not null)
            request.Headers.Add("Origin", origin);
        using HttpResponseMessage answer = await browser.SendAsync(request);
        Assert.Equal(status, answer.StatusCode);
    }

    [Fact]
    public async Task WithoutEndpoints_TheNextStepIsSaid()
    {
        using AppServer.Browser browser = server.Open();
        await browser.SignInAsync(server.OwnerKey);
        Assert.Contains("raywright up PATH", await browser.TextAsync("/"), StringComparison.Ordinal);
        KeyCreated narrow = (await server.Keys.CreateAsync(new KeyRequest("narrow", ["query"], ["dev/iris"]), "test")).Value;
        using AppServer.Browser guest = server.Open();
        await guest.SignInAsync(narrow.Key);
        Assert.Contains("Nothing here that your key reaches", await guest.TextAsync("/"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnUnknownEndpoint_IsNotFound()
    {
        using AppServer.Browser browser = server.Open();
        await browser.SignInAsync(server.OwnerKey);
        using HttpResponseMessage answer = await browser.GetAsync("/app/dev/nothing");
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains("There is no model nothing in dev", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [GeneratedRegex("<script(?![^>]* src=)[^>]*>|<style| style=| on[a-z]+=", RegexOptions.IgnoreCase)]
    private static partial Regex InlineCode();

    [GeneratedRegex("(?:src|href)=\"([^\"]+\\.(?:js|css|svg))\"")]
    private static partial Regex File();
}

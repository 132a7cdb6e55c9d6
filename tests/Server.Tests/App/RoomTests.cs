using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Raywright.Core.Api;
using Xunit;

namespace Raywright.Server.Tests.App;

/// <summary>The rooms of the app: what they show, and to whom.</summary>
public sealed partial class RoomTests(RoomsServer rooms) : IClassFixture<RoomsServer>
{
    private static readonly string[] Paths = ["/models", "/models/adder", "/models/adder/1", "/operations", "/clusters", "/keys"];

    [Theory]
    [InlineData("/models", "adder", "raywright model list")]
    [InlineData("/models/adder", "adder:2", "adder:1", "cases", "raywright version list adder")]
    [InlineData("/models/adder/2", "model.onnx", "0 to 5", "1 case passed", "raywright version show adder:2", "/endpoints/dev/adder")]
    [InlineData("/models/adder/2?with=1", "adder:2 compared with adder:1", "input x, values", "model.onnx")]
    [InlineData("/operations", "deploy dev/adder", "failed", "succeeded")]
    [InlineData("/clusters", "embedded", "adder:2", "dev", "raywright compute add")]
    [InlineData("/keys", "owner", "this session's", "raywright key list", "raywright key create NAME --days 90")]
    public async Task ARoom_ShowsWhatThereIs(string path, params string[] words)
    {
        using AppServer.Browser browser = await rooms.OwnerAsync();
        using HttpResponseMessage answer = await browser.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        string text = Text(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.All(words, word => Assert.Contains(word, text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task AnOperation_SaysWhatFailed_AndHowToCureIt()
    {
        using AppServer.Browser browser = await rooms.OwnerAsync();
        Operation failed = (await rooms.Server.Client.OperationAsync(rooms.Failed, TestContext.Current.CancellationToken)).Value;
        string text = Text(await browser.TextAsync($"/operations/{rooms.Failed}"));
        Assert.Contains(failed.Problem!.Code, text, StringComparison.Ordinal);
        Assert.Contains(failed.Problem.Title, text, StringComparison.Ordinal);
        Assert.Contains("skipped", text, StringComparison.Ordinal);
        Assert.Contains("by owner", Text(await browser.TextAsync("/models/adder")), StringComparison.Ordinal);
        // Nothing is left to be cancelled.
        Assert.DoesNotContain(">Cancel<", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnOperationThatSucceeded_LeadsToItsVersion_AndSaysWhy()
    {
        using AppServer.Browser browser = await rooms.OwnerAsync();
        string text = Text(await browser.TextAsync($"/operations/{rooms.Second}"));
        Assert.Contains("href=\"/models/adder/2\"", text, StringComparison.Ordinal);
        Assert.Contains("twenty is better", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("?state=failed", 1)]
    [InlineData("?state=succeeded", 2)]
    [InlineData("?state=running", 0)]
    [InlineData("?target=dev%2Fadder", 3)]
    [InlineData("?target=other", 0)]
    [InlineData("?state=failed&target=adder", 1)]
    public async Task Operations_AreFiltered(string query, int count)
    {
        using AppServer.Browser browser = await rooms.OwnerAsync();
        Assert.Equal(count, OperationLink().Count(await browser.TextAsync($"/operations{query}")));
    }

    [Fact]
    public async Task Operations_GoOnBeforeAnother()
    {
        using AppServer.Browser browser = await rooms.OwnerAsync();
        string text = await browser.TextAsync($"/operations?before={rooms.Second}");
        Assert.Equal(1, OperationLink().Count(text));
        Assert.DoesNotContain(rooms.Second, text.Replace($"before={rooms.Second}", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AKeyThatOnlyAsks_HasOneRoom()
    {
        using AppServer.Browser browser = await rooms.OpenAsync("query");
        Assert.Equal(["/"], Bar(await browser.TextAsync("/")));
        foreach (string path in Paths.Append($"/operations/{rooms.Second}"))
            await AssertNothingAsync(browser, path);
    }

    [Fact]
    public async Task AKeyForAnotherEndpoint_SeesNothingOfThisOne()
    {
        using AppServer.Browser browser = await rooms.OpenAsync("deploy", "dev/other");
        Assert.Equal(["/", "/models", "/operations", "/clusters"], Bar(await browser.TextAsync("/models")));
        foreach (string path in new[] { "/models", "/operations", "/clusters" })
        {
            using HttpResponseMessage answer = await browser.GetAsync(path);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.DoesNotContain("adder", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
        foreach (string path in new[] { "/models/adder", "/models/adder/1", $"/operations/{rooms.Second}", "/keys" })
            await AssertNothingAsync(browser, path);
    }

    [Fact]
    public async Task AnAdminOfSomeEndpoints_SeesNoKeys()
    {
        using AppServer.Browser browser = await rooms.OpenAsync("admin", "dev/adder");
        Assert.DoesNotContain("/keys", Bar(await browser.TextAsync("/")));
        await AssertNothingAsync(browser, "/keys");
    }

    [Theory]
    [InlineData("/models/nothing")]
    [InlineData("/models/adder/9")]
    [InlineData("/models/adder/one")]
    [InlineData("/operations/op_nothing")]
    public async Task WhatIsNotThere_IsNotFound(string path)
    {
        using AppServer.Browser browser = await rooms.OwnerAsync();
        using HttpResponseMessage answer = await browser.GetAsync(path);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Theory]
    [InlineData("/models/adder/1", "/models", "true")]
    [InlineData("/operations", "/operations", "page")]
    [InlineData("/", "/", "page")]
    [InlineData("/endpoints/dev/adder", "/", "true")]
    public async Task TheBar_MarksTheRoom(string path, string room, string current)
    {
        using AppServer.Browser browser = await rooms.OwnerAsync();
        Match marked = Assert.Single(Current().Matches(Navigation(await browser.TextAsync(path))));
        Assert.Equal((room, current), (marked.Groups[1].Value, marked.Groups[2].Value));
    }

    [Fact]
    public async Task ThePalette_FindsWhatTheKeyReaches()
    {
        using AppServer.Browser owner = await rooms.OwnerAsync();
        string[] found = Hrefs(await owner.TextAsync("/palette"));
        Assert.All(new[] { "/", "/models", "/keys", "/endpoints/dev/adder", "/models/adder", "/models/adder/2", $"/operations/{rooms.Failed}" }, href => Assert.Contains(href, found));
        using AppServer.Browser guest = await rooms.OpenAsync("query", "dev/adder");
        Assert.Equal(["/", "/endpoints/dev/adder"], Hrefs(await guest.TextAsync("/palette")));
        using AppServer.Browser other = await rooms.OpenAsync("deploy", "dev/other");
        Assert.DoesNotContain("adder", await other.TextAsync("/palette"), StringComparison.Ordinal);
        using AppServer.Browser nobody = new(rooms.Server.Url);
        using HttpResponseMessage refused = await nobody.GetAsync("/palette");
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    [Fact]
    public async Task ThePalette_HasCommands_ThatTheKeyMayGive()
    {
        using AppServer.Browser owner = await rooms.OwnerAsync();
        Assert.Contains("raywright deploy PATH", await owner.TextAsync("/palette"), StringComparison.Ordinal);
        using AppServer.Browser guest = await rooms.OpenAsync("query", "dev/adder");
        string text = await guest.TextAsync("/palette");
        Assert.Contains("raywright query adder --example", text, StringComparison.Ordinal);
        Assert.DoesNotContain("raywright deploy", text, StringComparison.Ordinal);
        Assert.DoesNotContain("raywright key", text, StringComparison.Ordinal);
    }

    private static async Task AssertNothingAsync(AppServer.Browser browser, string path)
    {
        using HttpResponseMessage answer = await browser.GetAsync(path);
        Assert.True(answer.StatusCode == HttpStatusCode.NotFound, $"{path}: {answer.StatusCode}");
        string text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.DoesNotContain("model.onnx", text, StringComparison.Ordinal);
        Assert.DoesNotContain("embedded", text, StringComparison.Ordinal);
        Assert.DoesNotContain(">owner<", text, StringComparison.Ordinal);
    }

    private static string Text(string html) => WebUtility.HtmlDecode(html);

    private static string Navigation(string html) => html[html.IndexOf("<nav aria-label=\"Rooms\"", StringComparison.Ordinal)..html.IndexOf("</nav>", StringComparison.Ordinal)];

    private static string[] Bar(string html) => [.. Link().Matches(Navigation(html)).Select(match => match.Groups[1].Value)];

    private static string[] Hrefs(string json) =>
        [.. JsonElement.Parse(json).GetProperty("items").EnumerateArray().Where(item => item.TryGetProperty("href", out _)).Select(item => item.GetProperty("href").GetString()!)];

    [GeneratedRegex("<a href=\"([^\"]+)\"")]
    private static partial Regex Link();

    [GeneratedRegex("<a href=\"([^\"]+)\"[^>]*aria-current=\"([a-z]+)\"")]
    private static partial Regex Current();

    [GeneratedRegex("<a href=\"/operations/op_")]
    private static partial Regex OperationLink();
}

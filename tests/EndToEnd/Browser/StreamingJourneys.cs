using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Raywright.Core.Api;
using Raywright.Core.Api.Client;
using Raywright.TestKit;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Raywright.EndToEnd.Browser;

/// <summary>A model that streams, as a person sees it who asks it in the app.</summary>
public sealed partial class StreamingJourneys(BrowserRun browser) : IClassFixture<BrowserRun>
{
    /// <summary>Without `most` it goes on until somebody stops it, so whatever is seen is seen before the end.</summary>
    private const string Code = """
        import itertools
        class Model:
            def load(self, folder):
                self.left = 0
            def predict(self, inputs):
                return {"left": self.left}
            def stream(self, inputs):
                most = inputs.get("most")
                try:
                    for number in range(most) if most else itertools.count():
                        if inputs.get("fail") == number:
                            raise ValueError("that is enough")
                        yield {"number": number, "square": number * number} if inputs.get("rows") else "word%d " % number
                except GeneratorExit:
                    self.left += 1
                    raise
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("light", 1280, 800, ColorScheme.Light)]
    [InlineData("dark", 1280, 800, ColorScheme.Dark)]
    [InlineData("phone", 390, 844, ColorScheme.Light)]
    public async Task Text_IsSeenAsItIsWritten_AndStopEndsTheModelsWork(string name, int width, int height, ColorScheme scheme)
    {
        (IPage page, AppHome home) = await OpenAsync(width, height, scheme);
        await using AppHome mine = home;
        await AskAsync(page, """{"inputs": {}}""");
        ILocator text = page.GetByTestId("streamed");
        await Expect(text).ToContainTextAsync(Word());
        string before = await text.InnerTextAsync();
        await Expect(text).Not.ToHaveTextAsync(before);
        await BrowserRun.KeepAsync(page, $"stream-under-way-{name}");
        ILocator stop = page.GetByRole(AriaRole.Button, new() { Name = "Stop" });
        await stop.ClickAsync();
        await Expect(stop).ToHaveCountAsync(0);
        await Expect(page.GetByTestId("ended")).ToContainTextAsync("stopped after");
        await Expect(page.Locator(".facts")).ToContainTextAsync("first value after");
        await Expect(page.Locator(".answer .problem")).ToHaveCountAsync(0);
        await Expect(text).ToContainTextAsync(Word());
        await BrowserRun.KeepAsync(page, $"stream-stopped-{name}");
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), "The page is wider than its window.");
        await LeftAsync(home);
    }

    [Fact]
    public async Task AStream_ComesToItsEnd_AsTextOrAsRows()
    {
        (IPage page, AppHome home) = await OpenAsync();
        await using AppHome mine = home;
        await AskAsync(page, """{"inputs": {"most": 3}}""");
        await Expect(page.GetByTestId("ended")).ToContainTextAsync("ended after");
        await Expect(page.GetByTestId("streamed")).ToHaveTextAsync("word0 word1 word2 ");
        await Expect(page.Locator(".facts")).ToContainTextAsync("3 values");
        await Expect(page.Locator(".copy", new() { HasText = "raywright query" })).ToContainTextAsync("--stream");
        await AskAsync(page, """{"inputs": {"most": 3, "rows": true}}""");
        await Expect(page.Locator(".answer tbody tr")).ToHaveCountAsync(3);
        await Expect(page.Locator(".answer tbody tr").Last).ToContainTextAsync("4");
        await BrowserRun.KeepAsync(page, "stream-rows");
    }

    [Fact]
    public async Task AModelThatFailsOnTheWay_IsAnError_BesideWhatHadCome()
    {
        (IPage page, AppHome home) = await OpenAsync();
        await using AppHome mine = home;
        await AskAsync(page, """{"inputs": {"fail": 2}}""");
        await Expect(page.Locator(".answer .problem")).ToContainTextAsync("that is enough");
        await Expect(page.GetByTestId("streamed")).ToHaveTextAsync("word0 word1 ");
        await BrowserRun.KeepAsync(page, "stream-error");
        await AskAsync(page, """{"inputs": {}, "more": 1}""");
        await Expect(page.Locator(".answer .problem")).ToContainTextAsync("more");
        await Expect(page.Locator(".facts")).ToContainTextAsync("answered in");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task WhoLeavesThePage_EndsTheModelsWork(bool closes)
    {
        (IPage page, AppHome home) = await OpenAsync();
        await using AppHome mine = home;
        await AskAsync(page, """{"inputs": {}}""");
        await Expect(page.GetByTestId("streamed")).ToContainTextAsync(Word());
        if (closes)
            await page.CloseAsync(new() { RunBeforeUnload = true });
        else
            await page.GetByRole(AriaRole.Link, new() { Name = "The endpoint", Exact = true }).ClickAsync();
        await LeftAsync(home);
    }

    private async Task<(IPage Page, AppHome Home)> OpenAsync(int width = 1280, int height = 800, ColorScheme scheme = ColorScheme.Light)
    {
        PythonHere.Needs();
        IPage page = await browser.OpenAsync(width, height, scheme);
        AppHome home = await AppHome.StartAsync();
        Operation deployed = await home.DeployCodeAsync("words", Code);
        Assert.True(deployed.State == OperationState.Succeeded, deployed.Problem?.Detail);
        await page.GotoAsync(await home.LinkAsync());
        await page.GotoAsync($"http://127.0.0.1:{home.Port}/app/dev/words");
        return (page, home);
    }

    private static async Task AskAsync(IPage page, string body)
    {
        await page.Locator("button.primary:not([disabled])").WaitForAsync();
        await page.GetByLabel("The whole body").FillAsync(body);
        await page.GetByRole(AriaRole.Button, new() { Name = "Ask", Exact = true }).ClickAsync();
    }

    /// <summary>Asked whole, the model tells how many of its streams were left by their reader.</summary>
    private static async Task LeftAsync(AppHome home)
    {
        using RaywrightClient client = home.Connect();
        await Eventually.TrueAsync(
            async () => JsonElement.Parse((await client.QueryAsync("dev", "words", Encoding.UTF8.GetBytes("""{"inputs":{}}"""), Token)).Value.Body).GetProperty("outputs").GetProperty("left").GetInt32() == 1,
            "the generator is closed");
    }

    [GeneratedRegex("word[0-9]+ ")]
    private static partial Regex Word();
}

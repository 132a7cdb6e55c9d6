using Microsoft.Playwright;
using Raywright.Core.Api;
using Raywright.Core.Api.Client;
using Raywright.TestKit;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Raywright.EndToEnd.Browser;

/// <summary>What people do in the app, in a real browser, on a server with the sample model.</summary>
public sealed class AppJourneys(BrowserRun browser) : IClassFixture<BrowserRun>
{
    [Fact]
    public async Task FirstVisit_Question_Answer()
    {
        IPage page = await browser.OpenAsync();
        List<string> complaints = PageChecks.Complaints(page);
        await using AppHome home = await AppHome.StartAsync();
        await page.GotoAsync(await home.LinkAsync());
        await Expect(page.GetByText("Nothing is deployed yet")).ToBeVisibleAsync();
        await BrowserRun.KeepAsync(page, "empty");

        Assert.Equal(OperationState.Succeeded, (await home.DeployAsync("iris")).State);
        // The page that is open shows it by itself.
        ILocator row = page.Locator("tr", new() { HasText = "iris" });
        await Expect(row).ToContainTextAsync("healthy");
        await BrowserRun.KeepAsync(page, "endpoints");

        await row.GetByRole(AriaRole.Link, new() { Name = "Ask iris in dev" }).ClickAsync();
        await page.Locator(PageChecks.Form).WaitForAsync();
        Assert.Equal("5.0", await page.GetByLabel("sepal_length").InputValueAsync());
        await BrowserRun.KeepAsync(page, "question");
        await page.GetByLabel("petal_length").FillAsync("6.1");
        await page.GetByLabel("petal_width").FillAsync("2.4");
        await page.GetByLabel("petal_width").PressAsync("Enter");
        await Expect(page.GetByTestId("answer")).ToHaveTextAsync("virginica");
        await Expect(page.Locator(".scores tr").First).ToContainTextAsync("virginica");
        await Expect(page.Locator(".facts")).ToContainTextAsync("iris:1");
        await Expect(page.Locator(".copy", new() { HasText = "raywright query" })).ToContainTextAsync("\"petal_length\":6.1");
        await BrowserRun.KeepAsync(page, "answer");
        Assert.Empty(complaints);
    }

    [Fact]
    public async Task AWrongQuestion_IsExplained_AndTheWholeBodyCanBeWritten()
    {
        IPage page = await browser.OpenAsync();
        await using AppHome home = await AppHome.StartAsync();
        await home.DeployAsync("iris");
        await page.GotoAsync(await home.LinkAsync());
        await page.GotoAsync($"http://127.0.0.1:{home.Port}/app/dev/iris");
        await page.Locator(PageChecks.Form).WaitForAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "JSON", Exact = true }).ClickAsync();
        ILocator body = page.GetByLabel("The whole body");
        await Expect(body).ToHaveValueAsync(new System.Text.RegularExpressions.Regex("sepal_length"));
        await body.FillAsync("""{"inputs": {"sepal_lenght": 5}}""");
        await body.PressAsync("Control+Enter");
        ILocator problem = page.Locator(".answer .problem");
        await Expect(problem).ToContainTextAsync("Did you mean sepal_length?");
        await Expect(problem).ToContainTextAsync("RW1204");
        await BrowserRun.KeepAsync(page, "error");
        await body.FillAsync("""{"inputs": [[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]]}""");
        await body.PressAsync("Control+Enter");
        await Expect(page.Locator(".answer tbody tr")).ToHaveCountAsync(2);
        await page.GetByRole(AriaRole.Button, new() { Name = "Form", Exact = true }).ClickAsync();
        await Expect(page.GetByLabel("sepal_length")).ToHaveValueAsync("5.1");
    }

    [Theory]
    [InlineData("phone", 390, 844, ColorScheme.Light)]
    [InlineData("dark", 1280, 800, ColorScheme.Dark)]
    public async Task OtherEyes_SeeTheSame(string name, int width, int height, ColorScheme scheme)
    {
        IPage page = await browser.OpenAsync(width, height, scheme);
        await using AppHome home = await AppHome.StartAsync();
        await home.DeployAsync("iris");
        await page.GotoAsync($"http://127.0.0.1:{home.Port}/");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Sign in" })).ToBeVisibleAsync();
        await BrowserRun.KeepAsync(page, $"sign-in-{name}");
        await page.GotoAsync(await home.LinkAsync());
        await Expect(page.GetByRole(AriaRole.Row, new() { Name = "iris" }).Or(page.Locator("tr", new() { HasText = "iris" })).First).ToBeVisibleAsync();
        await BrowserRun.KeepAsync(page, $"endpoints-{name}");
        await PageChecks.FitsAsync(page);
        await page.GetByRole(AriaRole.Link, new() { Name = "iris", Exact = true }).ClickAsync();
        await page.Locator(PageChecks.Form).ClickAsync();
        await Expect(page.GetByTestId("answer")).ToHaveTextAsync("setosa");
        await BrowserRun.KeepAsync(page, $"answer-{name}");
        await PageChecks.FitsAsync(page);
        string ground = await page.EvaluateAsync<string>("getComputedStyle(document.documentElement).backgroundColor");
        Assert.Equal(scheme == ColorScheme.Dark ? "rgb(19, 21, 24)" : "rgb(247, 247, 245)", ground);
    }

    [Fact]
    public async Task WithTheKeyboardAlone_AQuestionIsAsked()
    {
        IPage page = await browser.OpenAsync();
        await using AppHome home = await AppHome.StartAsync();
        await home.DeployAsync("iris");
        await page.GotoAsync(await home.LinkAsync());
        await page.Locator("tr", new() { HasText = "iris" }).WaitForAsync();
        Assert.Equal("Skip to content", await FocusAsync(page, "Tab"));
        string? focused = null;
        for (int presses = 0; presses < 12 && focused != "iris"; presses++)
            focused = await FocusAsync(page, "Tab");
        Assert.Equal("iris", focused);
        await page.Keyboard.PressAsync("Enter");
        await page.Locator(PageChecks.Form).WaitForAsync();
        await page.GetByLabel("sepal_length").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByTestId("answer")).ToHaveTextAsync("setosa");
        Assert.Equal("polite", await page.Locator(".answer [aria-live]").GetAttributeAsync("aria-live"));
    }

    [Fact]
    public async Task AServerThatIsRestarted_FindsItsPageAgain()
    {
        IPage page = await browser.OpenAsync();
        await using AppHome home = await AppHome.StartAsync();
        await home.DeployAsync("iris");
        await page.GotoAsync(await home.LinkAsync());
        await page.GotoAsync($"http://127.0.0.1:{home.Port}/app/dev/iris");
        await page.Locator(PageChecks.Form).WaitForAsync();
        long start = TimeProvider.System.GetTimestamp();
        await home.StopServerAsync();
        Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(10), "An open page holds up a server that stops.");
        await Expect(page.Locator("#connection")).ToBeVisibleAsync();
        await home.StartServerAsync();
        await Expect(page.Locator("#connection")).ToBeHiddenAsync(new() { Timeout = 30_000 });
        await page.Locator(PageChecks.Form).ClickAsync(new() { Timeout = 30_000 });
        await Expect(page.GetByTestId("answer")).ToHaveTextAsync("setosa");
    }

    [Fact]
    public async Task ARevokedKey_ClosesItsOpenPage_WhichShowedOnlyWhatItReached()
    {
        IPage page = await browser.OpenAsync();
        await using AppHome home = await AppHome.StartAsync();
        await home.DeployAsync("iris");
        await home.DeployAsync("other");
        using RaywrightClient client = home.Connect();
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        KeyCreated guest = (await client.CreateKeyAsync(new KeyRequest("guest", ["query"], ["dev/iris"]), cancellation)).Value;
        await page.GotoAsync($"http://127.0.0.1:{home.Port}/app/dev/iris");
        await page.GetByLabel("Key").FillAsync(guest.Key);
        await page.GetByLabel("Key").PressAsync("Enter");
        await page.Locator(PageChecks.Form).ClickAsync();
        await Expect(page.GetByTestId("answer")).ToHaveTextAsync("setosa");
        await Expect(page.GetByText("What was done")).ToHaveCountAsync(0);
        // The playground alone leads nowhere else but to its endpoint.
        await page.GetByRole(AriaRole.Link, new() { Name = "The endpoint", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Endpoints", Exact = true }).First.ClickAsync();
        await Expect(page.Locator("table.endpoints tbody tr")).ToHaveCountAsync(1);
        // The endpoint's page has for this key what the API would say to it, and no more.
        await page.GetByRole(AriaRole.Link, new() { Name = "Ask iris in dev" }).ClickAsync();
        await Expect(page.Locator("#figures")).ToHaveCountAsync(1);
        await Expect(page.Locator("#logs, #versions, #config, #done")).ToHaveCountAsync(0);
        Assert.True((await client.RevokeKeyAsync(guest.Info.Id, cancellation)).Ok);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Sign in" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task ADeployThatFails_IsExplained_AndTheOldOneStillAnswers()
    {
        IPage page = await browser.OpenAsync();
        await using AppHome home = await AppHome.StartAsync();
        await home.DeployAsync("iris");
        await page.GotoAsync(await home.LinkAsync());
        await page.GotoAsync($"http://127.0.0.1:{home.Port}/endpoints/dev/iris");
        await page.Locator(PageChecks.Form).WaitForAsync();
        Operation failed = await home.DeployAsync("iris", spec => spec.Replace("at_least: 0.85", "at_least: 0.99", StringComparison.Ordinal));
        Assert.Equal(OperationState.Failed, failed.State);
        ILocator operation = page.Locator(".operation").First;
        await Expect(operation).ToContainTextAsync("failed");
        await Expect(operation.Locator(".problem")).ToContainTextAsync(failed.Problem!.Code);
        await Expect(operation.Locator(".steps .failed")).ToContainTextAsync("tests");
        await BrowserRun.KeepAsync(page, "failed-deploy");
        await page.Locator(PageChecks.Form).ClickAsync();
        await Expect(page.GetByTestId("answer")).ToHaveTextAsync("setosa");
    }

    private static async Task<string?> FocusAsync(IPage page, string key)
    {
        await page.Keyboard.PressAsync(key);
        return await page.EvaluateAsync<string?>("document.activeElement?.textContent?.trim()");
    }
}

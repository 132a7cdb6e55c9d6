using Microsoft.Playwright;
using Raywright.Core.Api;
using Raywright.TestKit;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Raywright.EndToEnd.Browser;

/// <summary>The page of an endpoint: how it is, what it did, why it is configured as it is.</summary>
public sealed class EndpointJourneys(BrowserRun browser) : IClassFixture<BrowserRun>
{
    /// <summary>Loads for long enough that a page, which looks twice a second, sees it on its way.</summary>
    private const string SlowToLoad = """
        import sys, time
        class Model:
            def load(self, folder):
                time.sleep(3)
            def predict(self, inputs):
                print("asked for", inputs.get("what"))
                print("a warning", file=sys.stderr)
                return {"answer": 42}
        """;

    [Fact]
    public async Task ADeploy_IsWatchedLive()
    {
        PythonHere.Needs();
        IPage page = await browser.OpenAsync();
        IPage list = await page.Context.NewPageAsync();
        await using AppHome home = await AppHome.StartAsync();
        await list.GotoAsync(await home.LinkAsync());
        await Expect(list.GetByText("Nothing is deployed yet")).ToBeVisibleAsync();
        Task<Operation> deploy = home.DeployCodeAsync("slow", SlowToLoad);
        await Expect(list.Locator(".coming")).ToContainTextAsync("deploy:");
        await page.GotoAsync($"http://127.0.0.1:{home.Port}/endpoints/dev/slow");
        await Expect(page.Locator(".operation .steps .running")).ToHaveCountAsync(1);
        await BrowserRun.KeepAsync(page, "deploy-live");
        Assert.Equal(OperationState.Succeeded, (await deploy).State);
        await Expect(page.Locator(".head .state")).ToHaveTextAsync("healthy");
        await Expect(page.Locator(".operation .state").First).ToHaveTextAsync("succeeded");
        await Expect(list.Locator("tr", new() { HasText = "slow" })).ToContainTextAsync("healthy");
        await BrowserRun.KeepAsync(page, "deploy-done");
    }

    [Fact]
    public async Task ABrokenDeploy_IsExplained_WhereOnePasses()
    {
        IPage page = await browser.OpenAsync();
        await using AppHome home = await AppHome.StartAsync();
        await home.DeployAsync("iris");
        await page.GotoAsync(await home.LinkAsync());
        await page.GotoAsync($"http://127.0.0.1:{home.Port}/endpoints/dev/iris");
        await page.Locator(PageChecks.Form).WaitForAsync();
        Operation failed = await home.DeployAsync("iris", spec => spec.Replace("at_least: 0.85", "at_least: 0.99", StringComparison.Ordinal));
        Assert.Equal(OperationState.Failed, failed.State);
        ProblemDetails problem = failed.Problem!;
        ILocator note = page.Locator(".notice.failed");
        await Expect(note).ToContainTextAsync(problem.Code);
        await Expect(note).ToContainTextAsync("goes on as before");
        await note.GetByRole(AriaRole.Link).ClickAsync();
        ILocator box = page.Locator("#done .operation").First.Locator(".problem");
        await Expect(box).ToBeInViewportAsync();
        await Expect(box).ToContainTextAsync(problem.Code);
        await Expect(box).ToContainTextAsync(problem.Title.TrimEnd('.'));
        if (problem.Field is not null)
            await Expect(box).ToContainTextAsync(problem.Field);
        if (problem.Location is not null)
            await Expect(box).ToContainTextAsync(problem.Location);
        await BrowserRun.KeepAsync(page, "broken-deploy");
        await page.Locator(PageChecks.Form).ClickAsync();
        await Expect(page.GetByTestId("answer")).ToHaveTextAsync("setosa");
    }

    [Fact]
    public async Task Logs_ComeByThemselves_AndAreFilteredAndPaused()
    {
        PythonHere.Needs();
        IPage page = await browser.OpenAsync();
        List<string> complaints = PageChecks.Complaints(page);
        await using AppHome home = await AppHome.StartAsync();
        await home.DeployCodeAsync("words", SlowToLoad);
        await page.GotoAsync(await home.LinkAsync());
        await page.GotoAsync($"http://127.0.0.1:{home.Port}/endpoints/dev/words#logs");
        ILocator logs = page.Locator("#logs");
        string first = await home.AskAsync("words", """{"inputs": {"what": "apples"}}""");
        await Expect(logs).ToContainTextAsync("asked for apples");
        await Expect(logs.Locator("li.from-request").Last).ToContainTextAsync(first);
        await Expect(logs.Locator("li.from-stderr").First).ToContainTextAsync("a warning");
        await home.AskAsync("words", """{"inputs": {"what": "pears"}}""");
        await Expect(logs).ToContainTextAsync("asked for pears");
        await BrowserRun.KeepAsync(page, "logs");
        await logs.GetByRole(AriaRole.Button, new() { Name = first }).First.ClickAsync();
        await Expect(logs.GetByRole(AriaRole.Searchbox)).ToHaveValueAsync(first);
        await Expect(logs.Locator("li", new() { HasText = "pears" })).ToHaveCountAsync(0);
        await Expect(logs.Locator("li", new() { HasText = "apples" })).ToHaveCountAsync(1);
        await logs.GetByRole(AriaRole.Searchbox).FillAsync("");
        await logs.GetByLabel("Show lines from").SelectOptionAsync("stderr");
        await Expect(logs.Locator("li:not(.from-stderr)")).ToHaveCountAsync(0);
        await logs.GetByLabel("Show lines from").SelectOptionAsync("");
        await logs.GetByRole(AriaRole.Button, new() { Name = "Pause" }).ClickAsync();
        await home.AskAsync("words", """{"inputs": {"what": "plums"}}""");
        await Expect(logs.Locator(".log-tools")).ToContainTextAsync("new line");
        await Expect(logs.Locator("li", new() { HasText = "plums" })).ToHaveCountAsync(0);
        await logs.GetByRole(AriaRole.Button, new() { Name = "Go on" }).ClickAsync();
        await Expect(logs).ToContainTextAsync("asked for plums");
        Assert.Empty(complaints);
    }

    [Fact]
    public async Task Figures_OverTime_AreDrawn_AndSaidInWords()
    {
        IPage page = await browser.OpenAsync();
        await using AppHome home = await AppHome.StartAsync();
        await home.DeployAsync("iris");
        await page.GotoAsync(await home.LinkAsync());
        await page.GotoAsync($"http://127.0.0.1:{home.Port}/endpoints/dev/iris#figures");
        ILocator figures = page.Locator("#figures");
        await Expect(figures).ToContainTextAsync("Nobody asked in the last 5 minutes");
        ILocator rate = page.Locator(".strip div", new() { HasText = "Req/s" }).Locator("dd");
        string quiet = await rate.InnerTextAsync();
        await home.AskAsync("iris", 12);
        await Expect(rate).Not.ToHaveTextAsync(quiet);
        await Expect(figures.Locator(".says")).ToContainTextAsync("12 requests in the last 5 minutes, none failed", new() { Timeout = 30_000 });
        await Expect(figures.GetByRole(AriaRole.Img)).ToHaveCountAsync(2);
        Assert.Matches("^M[0-9.]+ [0-9.]+", await figures.Locator("path.p99").EvaluateAllAsync<string>("paths => paths.map(path => path.getAttribute('d')).join('')"));
        await figures.GetByRole(AriaRole.Button, new() { Name = "1 h" }).ClickAsync();
        await Expect(figures.Locator(".says")).ToContainTextAsync("in the last hour");
        await figures.GetByText("The same as a table").ClickAsync();
        await Expect(figures.GetByRole(AriaRole.Cell, new() { Name = "12", Exact = true })).ToBeVisibleAsync();
        await BrowserRun.KeepAsync(page, "figures");
    }

    [Fact]
    public async Task TheConfiguration_SaysWhoDecidedEachLine_AndWhatServedIsListed()
    {
        IPage page = await browser.OpenAsync();
        await using AppHome home = await AppHome.StartAsync();
        await home.DeployAsync("iris");
        await home.DeployAsync("iris", spec => $"{spec}\nbatching: {{ max_size: 16 }}\n");
        await page.GotoAsync(await home.LinkAsync());
        await page.GotoAsync($"http://127.0.0.1:{home.Port}/endpoints/dev/iris#config");
        ILocator row = page.Locator("#config tr", new() { Has = page.Locator("th code", new() { HasTextRegex = new("^batching.max_size$") }) });
        await Expect(row).ToContainTextAsync("16");
        await Expect(row).ToContainTextAsync("raywright.yaml:");
        await Expect(row).ToContainTextAsync("rows that wait for a busy replica");
        await Expect(page.Locator("#config tr", new() { HasText = "batching.max_wait" })).ToContainTextAsync("default");
        await Expect(page.Locator("#config .copy.lines code")).ToContainTextAsync("\"maxSize\"");
        await Expect(page.Locator("#versions tbody tr")).ToHaveCountAsync(2);
        await Expect(page.Locator("#versions tbody tr").First).ToContainTextAsync("serves now");
        Assert.Equal("/models/iris/1", await page.Locator("#versions tbody a").First.GetAttributeAsync("href"));
        await Expect(page.Locator("#traffic tbody tr")).ToContainTextAsync("100 %");
        await BrowserRun.KeepAsync(page, "configuration");
    }
}

using Microsoft.Playwright;
using Raywright.TestKit;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Raywright.EndToEnd.Browser;

/// <summary>Ways to ask and ways to read an answer that need a real browser: drawing, pasting, comparing, correcting, sharing.</summary>
public sealed class PlaygroundJourneys(BrowserRun browser) : IClassFixture<BrowserRun>
{
    private const string Form = "button.primary:not([disabled])";

    [Fact]
    public async Task ADigit_IsDrawn_AndTakenFromAFile()
    {
        SharedFiles.SkipIfAbsent();
        IPage page = await browser.OpenAsync();
        await using AppHome home = await AppHome.StartAsync();
        await home.DeployRealAsync("digits", "digits/mlp");
        List<string> complaints = await OpenAsync(page, home, "/app/dev/digits");
        await Expect(page.GetByTestId("pixels")).ToBeVisibleAsync();
        string before = (await page.GetByTestId("pixels").GetAttributeAsync("src"))!;
        await StrokeAsync(page, (0.55, 0.06), (0.5, 0.5), (0.5, 0.94));
        await Expect(page.GetByTestId("pixels")).Not.ToHaveAttributeAsync("src", before);
        await page.Locator(Form).ClickAsync();
        await Expect(page.GetByTestId("answer")).ToHaveTextAsync("1");
        await Expect(page.GetByTestId("asked-image")).ToBeVisibleAsync();
        await BrowserRun.KeepAsync(page, "playground-drawn");

        await page.Locator("input[type=file]").SetInputFilesAsync(SharedFiles.Path("models", "digits/images/07.png"));
        await Expect(page.Locator("textarea[id^=q]")).Not.ToHaveValueAsync(before);
        await page.Locator(Form).ClickAsync();
        await Expect(page.GetByTestId("answer")).ToHaveTextAsync("0");
        Assert.Empty(complaints);
    }

    [Fact]
    public async Task ATable_IsAnsweredRowByRow()
    {
        IPage page = await browser.OpenAsync();
        await using AppHome home = await AppHome.StartAsync();
        await home.DeployIrisAsync("dev");
        List<string> complaints = await OpenAsync(page, home, "/app/dev/iris");
        await page.GetByRole(AriaRole.Button, new() { Name = "Table", Exact = true }).ClickAsync();
        ILocator table = page.GetByLabel("Rows from a spreadsheet");
        await table.FillAsync("id\tsepal_length\tsepal_width\tpetal_length\tpetal_width\nA\t5,1\t3.5\t1.4\t0.2\nB\t6.7\t3.0\tx\t2.3\n");
        await table.PressAsync("Control+Enter");
        await Expect(page.Locator(".answer .problem")).ToContainTextAsync("Row 2, column petal_length");
        await page.Locator("input[type=file]").SetInputFilesAsync(new FilePayload
        {
            Name = "rows.csv",
            MimeType = "text/csv",
            Buffer = "id,sepal_length,sepal_width,petal_length,petal_width\nA,5.1,3.5,1.4,0.2\nB,6.7,3.0,5.2,2.3\n"u8.ToArray(),
        });
        await Expect(table).ToHaveValueAsync(new System.Text.RegularExpressions.Regex("5.2,2.3"));
        await page.Locator(Form).ClickAsync();
        await Expect(page.Locator(".answer tbody tr")).ToHaveCountAsync(2);
        await Expect(page.Locator(".answer tbody tr").Nth(1)).ToContainTextAsync("virginica");
        await Expect(page.Locator(".answer tbody tr").Nth(1)).ToContainTextAsync("5.2");
        await Expect(page.Locator(".answer")).ToContainTextAsync("Not sent, since the model does not take it: id");
        await BrowserRun.KeepAsync(page, "playground-table");
        Assert.Empty(complaints);
    }

    [Fact]
    public async Task AForecast_GoesOnFromItsHistory_AndExamplesAreChosen()
    {
        SharedFiles.SkipIfAbsent();
        IPage page = await browser.OpenAsync(1280, 900, ColorScheme.Dark);
        await using AppHome home = await AppHome.StartAsync();
        await home.DeployRealAsync("demand", "forecast/v1", "task: forecasting\n");
        await OpenAsync(page, home, "/app/dev/demand");
        string first = await page.Locator("textarea[id^=q]").InputValueAsync();
        await page.GetByLabel("Begin with an example").SelectOptionAsync(["4"]);
        await Expect(page.Locator("textarea[id^=q]")).Not.ToHaveValueAsync(first);
        await page.Locator(Form).ClickAsync();
        await Expect(page.Locator(".forecast polyline.future")).ToHaveAttributeAsync("points", new System.Text.RegularExpressions.Regex("^([\\d.]+,[\\d.]+ ){6}[\\d.]+,[\\d.]+$"));
        await Expect(page.Locator(".steps-ahead tbody tr")).ToHaveCountAsync(30);
        await BrowserRun.KeepAsync(page, "playground-forecast");
    }

    [Fact]
    public async Task AnEmbedding_IsAPicture_AndFindsItsNearestExamples()
    {
        IPage page = await browser.OpenAsync();
        await using AppHome home = await AppHome.StartAsync();
        await home.DeployEmbeddingAsync("embedder");
        await OpenAsync(page, home, "/app/dev/embedder");
        await page.Locator(Form).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Which of the 6 examples are nearest?" }).ClickAsync();
        await Expect(page.Locator(".nearest tbody tr").First).ToContainTextAsync("Example 1: text 1");
        await Expect(page.Locator(".nearest tbody tr").First).ToContainTextAsync("1.000");
        await BrowserRun.KeepAsync(page, "playground-embedding");
    }

    [Fact]
    public async Task TwoVersions_AnswerSideBySide()
    {
        SharedFiles.SkipIfAbsent();
        IPage page = await browser.OpenAsync(390, 844);
        await using AppHome home = await AppHome.StartAsync();
        await home.DeployIrisAsync("dev");
        await home.DeployIrisAsync("staging", "iris/v3-bad");
        await OpenAsync(page, home, "/app/dev/iris");
        await page.GetByLabel("Beside").SelectOptionAsync(["staging"]);
        await page.Locator(Form).ClickAsync();
        await Expect(page.GetByTestId("comparison")).ToContainTextAsync("They differ in");
        await Expect(page.Locator(".beside-table .differs").First).ToBeVisibleAsync();
        await BrowserRun.KeepAsync(page, "playground-beside-phone");
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"));
    }

    [Fact]
    public async Task AWrongAnswer_BecomesACase_AndALinkSharesThePlayground()
    {
        IPage page = await browser.OpenAsync();
        await using AppHome home = await AppHome.StartAsync();
        await home.DeployIrisAsync("dev");
        List<string> complaints = await OpenAsync(page, home, "/app/dev/iris");
        await page.Locator(Form).ClickAsync();
        await page.GetByText("This answer is wrong").ClickAsync();
        await page.GetByLabel("label should be").SelectOptionAsync(["virginica"]);
        await page.GetByRole(AriaRole.Button, new() { Name = "Keep as a case" }).ClickAsync();
        await Expect(page.Locator(".kept")).ToContainTextAsync("1 is proposed for iris");
        IDownload download = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Link, new() { Name = "Download them" }).ClickAsync());
        Assert.Contains("\"label\":\"virginica\"", await File.ReadAllTextAsync(await download.PathAsync(), TestContext.Current.CancellationToken), StringComparison.Ordinal);

        await page.GetByRole(AriaRole.Button, new() { Name = "Make a link" }).ClickAsync();
        string link = await page.GetByTestId("shared-link").Locator("pre code").InnerTextAsync();
        await BrowserRun.KeepAsync(page, "playground-shared");
        IPage guest = await browser.OpenAsync(390, 844);
        await guest.GotoAsync(link);
        await Expect(guest.GetByText("Shared with you until")).ToBeVisibleAsync();
        await guest.Locator(Form).ClickAsync();
        await Expect(guest.GetByTestId("answer")).ToHaveTextAsync("setosa");
        await BrowserRun.KeepAsync(guest, "playground-guest-phone");
        Assert.True(await guest.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"));
        await guest.GotoAsync($"http://127.0.0.1:{home.Port}/");
        await Expect(guest).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/app/dev/iris$"));
        Assert.Empty(complaints);
    }

    [Fact]
    public async Task ABody_IsJudgedWhileItIsWritten_AndCompleted()
    {
        IPage page = await browser.OpenAsync();
        await using AppHome home = await AppHome.StartAsync();
        await home.DeployIrisAsync("dev");
        await OpenAsync(page, home, "/app/dev/iris");
        await page.GetByRole(AriaRole.Button, new() { Name = "JSON", Exact = true }).ClickAsync();
        ILocator body = page.GetByLabel("The whole body");
        await body.FillAsync("{\"inputs\": {");
        await Expect(page.Locator("#body-hint")).ToContainTextAsync("Not JSON yet at line 1, column 13.");
        await body.FillAsync("{\"inputs\": {\"sepal_length\": 5}}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add petal_width" }).ClickAsync();
        await Expect(body).ToHaveValueAsync(new System.Text.RegularExpressions.Regex("\"petal_width\": ?0"));
        foreach (string language in new[] { "curl", "Python", "C#", "TypeScript" })
        {
            await page.GetByRole(AriaRole.Button, new() { Name = language, Exact = true }).ClickAsync();
            await Expect(page.GetByTestId("snippet")).ToContainTextAsync("RAYWRIGHT_KEY");
        }
        await BrowserRun.KeepAsync(page, "playground-json");
    }

    private static async Task<List<string>> OpenAsync(IPage page, AppHome home, string path)
    {
        List<string> complaints = [];
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
                complaints.Add(message.Text);
        };
        page.PageError += (_, error) => complaints.Add(error);
        await page.GotoAsync(await home.LinkAsync());
        await page.GotoAsync($"http://127.0.0.1:{home.Port}{path}");
        await page.Locator(Form).WaitForAsync();
        return complaints;
    }

    /// <summary>A line over places of the pad, as shares of its sides.</summary>
    private static async Task StrokeAsync(IPage page, params (double X, double Y)[] places)
    {
        await page.Locator("canvas.pad").ScrollIntoViewIfNeededAsync();
        LocatorBoundingBoxResult box = (await page.Locator("canvas.pad").BoundingBoxAsync())!;
        for (int at = 0; at < places.Length; at++)
        {
            await page.Mouse.MoveAsync((float)(box.X + (places[at].X * box.Width)), (float)(box.Y + (places[at].Y * box.Height)), new() { Steps = 8 });
            if (at == 0)
                await page.Mouse.DownAsync();
        }
        await page.Mouse.UpAsync();
    }
}

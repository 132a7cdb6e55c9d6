using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Raywright.EndToEnd.Browser;

/// <summary>A server that goes and comes back under open pages.</summary>
public sealed class RestartJourneys(BrowserRun browser) : IClassFixture<BrowserRun>
{
    private const int Pages = 10;

    [Fact]
    public async Task TenOpenPages_ComeBackByThemselves()
    {
        IPage first = await browser.OpenAsync();
        await using AppHome home = await AppHome.StartAsync();
        await home.DeployAsync("iris");
        await first.GotoAsync(await home.LinkAsync());
        List<IPage> pages = [];
        for (int number = 0; number < Pages; number++)
        {
            IPage page = await first.Context.NewPageAsync();
            await page.GotoAsync($"http://127.0.0.1:{home.Port}{(number % 2 == 0 ? "/endpoints/dev/iris" : "/app/dev/iris")}");
            await page.Locator(PageChecks.Form).WaitForAsync();
            pages.Add(page);
        }
        string[] before = [.. pages.Select(page => page.Url)];
        await home.StopServerAsync();
        foreach (IPage page in pages)
            await Expect(page.Locator("#connection")).ToBeVisibleAsync(new() { Timeout = 30_000 });
        await home.StartServerAsync();
        foreach (IPage page in pages)
        {
            await Expect(page.Locator("#connection")).ToBeHiddenAsync(new() { Timeout = 60_000 });
            await page.Locator(PageChecks.Form).ClickAsync(new() { Timeout = 60_000 });
            await Expect(page.GetByTestId("answer")).ToHaveTextAsync("setosa", new() { Timeout = 30_000 });
        }
        Assert.Equal(before, pages.Select(page => page.Url));
    }
}

using Microsoft.Playwright;
using Raywright.Core.Api;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Raywright.EndToEnd.Browser;

/// <summary>Every room, as different eyes see it: whole, accessible, within its window, and without a complaint of the browser.</summary>
public sealed class RoomJourneys(BrowserRun browser) : IClassFixture<BrowserRun>
{
    public static TheoryData<string, int, int, bool> Looks => Rooms.EveryLook();

    [Theory]
    [MemberData(nameof(Looks))]
    public async Task EveryRoom_IsSound(string look, int width, int height, bool dark)
    {
        IPage page = await browser.OpenAsync(width, height, dark ? ColorScheme.Dark : ColorScheme.Light);
        List<string> complaints = PageChecks.Complaints(page);
        await using AppHome home = await AppHome.StartAsync();
        Assert.Equal(OperationState.Succeeded, (await home.DeployAsync("iris")).State);
        await home.AskAsync("iris", 20);
        await page.GotoAsync($"http://127.0.0.1:{home.Port}/");
        await PageChecks.IsAccessibleAsync(page);
        await BrowserRun.KeepAsync(page, $"room-sign-in-{look}");
        await page.GotoAsync(await home.LinkAsync());
        List<string> wrong = [];
        foreach ((string name, string path, string text) in Rooms.Each)
        {
            await page.GotoAsync($"http://127.0.0.1:{home.Port}{path}", new() { WaitUntil = WaitUntilState.NetworkIdle });
            await Expect(page.Locator("main")).ToContainTextAsync(text);
            await BrowserRun.KeepAsync(page, $"room-{name}-{look}");
            foreach (Func<IPage, Task> check in new[] { PageChecks.IsAccessibleAsync, PageChecks.FitsAsync })
            {
                Exception? failed = await Record.ExceptionAsync(() => check(page));
                if (failed is not null)
                    wrong.Add(failed.Message);
            }
        }
        Assert.True(wrong.Count == 0, string.Join("\n\n", wrong));
        Assert.Empty(complaints);
    }
}

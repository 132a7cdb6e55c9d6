using Microsoft.Playwright;
using Raywright.Core.Api;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Raywright.EndToEnd.Browser;

/// <summary>Every room, as different eyes see it: whole, accessible, within its window, and without a complaint of the browser.</summary>
public sealed class RoomJourneys(BrowserRun browser) : IClassFixture<BrowserRun>
{
    public static TheoryData<string, int, int, bool> Looks => Rooms.EveryLook();
    [Fact]
    public async Task ThePalette_FindsAndOpens_AndGivesTheFocusBack()
    {
        IPage page = await browser.OpenAsync();
        await using AppHome home = await AppHome.StartAsync();
        await home.DeployAsync("iris");
        await page.GotoAsync(await home.LinkAsync());
        ILocator find = page.GetByRole(AriaRole.Button, new() { Name = "Find" });
        await find.FocusAsync();
        await page.Keyboard.PressAsync("Control+k");
        ILocator field = page.GetByRole(AriaRole.Combobox);
        await Expect(field).ToBeFocusedAsync();
        await Expect(page.GetByRole(AriaRole.Option, new() { Name = "iris in dev" })).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(find).ToBeFocusedAsync();

        // Letters in their order are enough, and the arrows choose.
        await page.Keyboard.PressAsync("Control+k");
        await field.FillAsync("irs");
        await Expect(page.GetByRole(AriaRole.Option, new() { Selected = true })).ToContainTextAsync("iris");
        string first = (await field.GetAttributeAsync("aria-activedescendant"))!;
        await page.Keyboard.PressAsync("ArrowDown");
        await Expect(field).Not.ToHaveAttributeAsync("aria-activedescendant", first);
        await page.Keyboard.PressAsync("ArrowUp");
        await Expect(field).ToHaveAttributeAsync("aria-activedescendant", first);
        await field.FillAsync("iris:1");
        await Expect(page.GetByRole(AriaRole.Option, new() { Selected = true })).ToContainTextAsync("version");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "iris:1", Level = 1 })).ToBeVisibleAsync();
        await Expect(page.Locator("#palette")).ToBeHiddenAsync();

        await page.Keyboard.PressAsync("g");
        await page.Keyboard.PressAsync("o");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Operations", Level = 1 })).ToBeVisibleAsync();
        // In a field these are letters.
        await page.GetByLabel("Target").FocusAsync();
        await page.Keyboard.TypeAsync("g/k");
        await Expect(page.GetByLabel("Target")).ToHaveValueAsync("g/k");
    }

    [Fact]
    public async Task FromRoomToRoom_TheCircuitStays()
    {
        IPage page = await browser.OpenAsync();
        int circuits = 0;
        page.WebSocket += (_, _) => circuits++;
        await using AppHome home = await AppHome.StartAsync();
        await home.DeployAsync("iris");
        await page.GotoAsync(await home.LinkAsync());
        await Eventually.TrueAsync(() => circuits == 1, "the first page has a circuit");
        foreach (string room in new[] { "Models", "Operations", "Clusters", "Keys", "Endpoints" })
        {
            await page.GetByRole(AriaRole.Navigation, new() { Name = "Rooms" }).GetByRole(AriaRole.Link, new() { Name = room }).ClickAsync();
            await Expect(page.GetByRole(AriaRole.Heading, new() { Name = room, Level = 1 })).ToBeVisibleAsync();
        }
        // What came by the same circuit is alive.
        await home.DeployAsync("other");
        await Expect(page.Locator("tr", new() { HasText = "other" })).ToContainTextAsync("healthy");
        Assert.Equal(1, circuits);
    }

    [Fact]
    public async Task TheColours_AreChosen_AndStay()
    {
        IPage page = await browser.OpenAsync(scheme: ColorScheme.Light);
        await using AppHome home = await AppHome.StartAsync();
        await page.GotoAsync(await home.LinkAsync());
        ILocator theme = page.GetByRole(AriaRole.Button, new() { Name = "Colours" });
        await theme.ClickAsync();
        await theme.ClickAsync();
        await Expect(theme).ToHaveAccessibleNameAsync("Colours: dark");
        Assert.Equal("rgb(19, 21, 24)", await GroundAsync(page));
        await page.GetByRole(AriaRole.Link, new() { Name = "Models" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Models", Level = 1 })).ToBeVisibleAsync();
        Assert.Equal("rgb(19, 21, 24)", await GroundAsync(page));
        await page.ReloadAsync();
        await Expect(theme).ToHaveAccessibleNameAsync("Colours: dark");
        Assert.Equal("rgb(19, 21, 24)", await GroundAsync(page));
        await theme.ClickAsync();
        Assert.Equal("rgb(247, 247, 245)", await GroundAsync(page));
    }

    [Fact]
    public async Task AKey_IsMade_ShownOnce_AndRevoked()
    {
        IPage page = await browser.OpenAsync();
        await using AppHome home = await AppHome.StartAsync();
        await page.GotoAsync(await home.LinkAsync());
        await page.GotoAsync($"http://127.0.0.1:{home.Port}/keys");
        ILocator command = page.Locator(".card .copy", new() { HasText = "raywright key create" });
        // Once the command follows what is typed, the page is alive.
        await Eventually.TrueAsync(async () =>
        {
            await page.GetByLabel("Name", new() { Exact = true }).FillAsync("");
            await page.GetByLabel("Name", new() { Exact = true }).FillAsync("web shop");
            return (await command.TextContentAsync())!.Contains("'web shop'", StringComparison.Ordinal);
        }, "the command follows the form");
        await page.GetByLabel("Where").FillAsync("nonsense");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make it" }).ClickAsync();
        await Expect(page.Locator(".problem")).ToContainTextAsync("nonsense");
        await page.GetByLabel("Where").FillAsync("dev/*");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make it" }).ClickAsync();
        await Expect(page.Locator(".created")).ToContainTextAsync("rwk_");
        await page.GetByRole(AriaRole.Button, new() { Name = "I have it" }).ClickAsync();
        await Expect(page.GetByText("rwk_")).ToHaveCountAsync(0);
        ILocator row = page.Locator("tr", new() { HasText = "web shop" }).First;
        await Expect(row).ToContainTextAsync("dev/*");
        await page.GetByRole(AriaRole.Button, new() { Name = "Revoke web shop" }).ClickAsync();
        await Expect(page.Locator(".confirm")).ToContainTextAsync("raywright key revoke");
        await page.GetByRole(AriaRole.Button, new() { Name = "Revoke it" }).ClickAsync();
        await Expect(page.Locator("tr", new() { HasText = "web shop" })).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task AnOperationThatRuns_IsFollowed_AndCancelled()
    {
        IPage page = await browser.OpenAsync();
        await using AppHome home = await AppHome.StartAsync();
        await page.GotoAsync(await home.LinkAsync());
        await page.GotoAsync($"http://127.0.0.1:{home.Port}/operations");
        Task<Operation> deploy = home.DeployCodeAsync("slow", "import time\n\n\nclass Model:\n    def __init__(self):\n        time.sleep(60)\n\n    def predict(self, inputs):\n        return inputs\n");
        // The open list shows it by itself.
        await page.GetByRole(AriaRole.Link, new() { Name = "deploy dev/slow" }).ClickAsync(new() { Timeout = 60_000 });
        ILocator cancel = page.GetByRole(AriaRole.Button, new() { Name = "Cancel" });
        await Expect(page.Locator(".steps-table")).ToContainTextAsync("running");
        await cancel.ClickAsync();
        await Expect(page.Locator(".head")).ToContainTextAsync("cancelled", new() { Timeout = 60_000 });
        await Expect(page.Locator(".problem")).ToContainTextAsync("was cancelled");
        await Expect(cancel).ToHaveCountAsync(0);
        Assert.Equal(OperationState.Cancelled, (await deploy).State);
    }

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

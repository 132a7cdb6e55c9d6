using Microsoft.Playwright;
using Raywright.Core.Api;
using Raywright.TestKit;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Raywright.EndToEnd.Browser;

/// <summary>The rooms of the app, the palette and the colours, in a real browser.</summary>
public sealed class ShellJourneys(BrowserRun browser) : IClassFixture<BrowserRun>
{
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
    [InlineData(1280, ColorScheme.Dark)]
    [InlineData(390, ColorScheme.Light)]
    public async Task EveryRoom_FitsItsWindow(int width, ColorScheme scheme)
    {
        IPage page = await browser.OpenAsync(width, 844, scheme);
        await using AppHome home = await AppHome.StartAsync();
        await home.DeployAsync("iris");
        await home.DeployAsync("iris", spec => spec.Replace("max: 20", "max: 12", StringComparison.Ordinal));
        Operation last = await home.DeployAsync("iris", spec => spec.Replace("at_least: 0.85", "at_least: 0.99", StringComparison.Ordinal));
        await page.GotoAsync(await home.LinkAsync());
        (string Name, string Path)[] rooms =
        [
            ("models", "/models"), ("model", "/models/iris"), ("version", "/models/iris/2?with=1"), ("operations", "/operations"),
            ("operation", $"/operations/{last.Id}"), ("clusters", "/clusters"), ("keys", "/keys"),
        ];
        foreach ((string name, string path) in rooms)
        {
            await page.GotoAsync($"http://127.0.0.1:{home.Port}{path}");
            await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToBeVisibleAsync();
            await BrowserRun.KeepAsync(page, $"{name}-{width}");
            Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"{path} is wider than its window.");
        }
    }

    private static Task<string> GroundAsync(IPage page) => page.EvaluateAsync<string>("getComputedStyle(document.documentElement).backgroundColor");
}

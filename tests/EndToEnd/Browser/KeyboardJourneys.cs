using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Raywright.EndToEnd.Browser;

/// <summary>With Tab, Enter and letters alone.</summary>
public sealed class KeyboardJourneys(BrowserRun browser) : IClassFixture<BrowserRun>
{
    [Fact]
    public async Task FromSignIn_ToAnAnswer()
    {
        IPage page = await browser.OpenAsync();
        await using AppHome home = await AppHome.StartAsync();
        await home.DeployAsync("iris");
        await page.GotoAsync($"http://127.0.0.1:{home.Port}/");
        await Expect(page.GetByLabel("Key")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync(home.OwnerKey);
        await page.Keyboard.PressAsync("Enter");
        await page.Locator("tr", new() { HasText = "iris" }).WaitForAsync();
        await PageChecks.TabToAsync(page, "iris");
        await page.Keyboard.PressAsync("Enter");
        await page.Locator(PageChecks.Form).WaitForAsync();
        await PageChecks.TabToAsync(page, "petal_length");
        await page.Keyboard.PressAsync("Control+a");
        await page.Keyboard.TypeAsync("6.1");
        await PageChecks.TabToAsync(page, "petal_width");
        await page.Keyboard.PressAsync("Control+a");
        await page.Keyboard.TypeAsync("2.4");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByTestId("answer")).ToHaveTextAsync("virginica");
        // What has the focus can be seen to have it.
        Assert.NotEqual("none", await page.EvaluateAsync<string>("getComputedStyle(document.activeElement).outlineStyle"));
    }
}

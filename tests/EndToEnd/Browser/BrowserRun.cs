using Microsoft.Playwright;
using Raywright.TestKit;
using Xunit;

namespace Raywright.EndToEnd.Browser;

/// <summary>Debian's Chromium, once for a class of journeys.</summary>
public sealed class BrowserRun : IAsyncLifetime
{
    private const string Program = "/usr/bin/chromium";
    private IPlaywright? playwright;
    private IBrowser? browser;

    public async ValueTask InitializeAsync()
    {
        if (!File.Exists(Program))
            return;
        playwright = await Playwright.CreateAsync();
        // A container has no user namespaces for the browser's own sandbox; it opens pages of ours only.
        browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Program, Args = ["--no-sandbox"] });
    }

    /// <summary>A browser without cookies. Skips the test where there is none, and fails it where CI promised one.</summary>
    public async Task<IPage> OpenAsync(int width = 1280, int height = 800, ColorScheme scheme = ColorScheme.Light)
    {
        if (browser is null && Environment.GetEnvironmentVariable("CI") == "true")
            Assert.Fail($"CI has to have {Program}.");
        Assert.SkipWhen(browser is null, $"There is no {Program}.");
        IBrowserContext context = await browser.NewContextAsync(new() { ViewportSize = new() { Width = width, Height = height }, ColorScheme = scheme });
        return await context.NewPageAsync();
    }

    /// <summary>Keeps what the page looks like, for people to look at.</summary>
    public static Task KeepAsync(IPage page, string name) =>
        page.ScreenshotAsync(new() { Path = RepositoryRoot.Combine("artifacts", "screenshots", $"{name}.png"), FullPage = true });

    public async ValueTask DisposeAsync()
    {
        if (browser is not null)
            await browser.DisposeAsync();
        playwright?.Dispose();
    }
}

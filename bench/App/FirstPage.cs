using System.Globalization;
using System.Text;
using Microsoft.Playwright;

namespace Raywright.Bench.App;

/// <summary>How long a browser that has nothing of the app takes until somebody can act in it, and what it loads for that.</summary>
internal static class FirstPage
{
    /// <summary>
    /// Notes when the first button that only a live page enables can be pressed. By what changes in the page and not frame by frame:
    /// a browser without a graphics card that has to draw sixty frames a second for this has little left for the page.
    /// </summary>
    private const string Watch = """
        window.interactive = new Promise(done => {
          const watch = new MutationObserver(() => {
            if (document.querySelector('button.primary:not([disabled])')) {
              watch.disconnect();
              done(performance.now());
            }
          });
          watch.observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ['disabled'] });
        });
        """;

    public static async Task<string> MeasureAsync(AppSubject subject, int rounds)
    {
        using IPlaywright playwright = await Playwright.CreateAsync();
        await using IBrowser browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = "/usr/bin/chromium", Args = ["--no-sandbox"] });
        List<double> interactive = [], painted = [], kilobytes = [];
        for (int round = 0; round < rounds; round++)
        {
            await using IBrowserContext context = await browser.NewContextAsync();
            IPage page = await context.NewPageAsync();
            // Signed in by a request of its own, so that nothing is in the browser's cache yet.
            await context.APIRequest.GetAsync((await subject.LinkAsync()).ToString());
            await page.AddInitScriptAsync(Watch);
            ICDPSession network = await context.NewCDPSessionAsync(page);
            await network.SendAsync("Network.enable");
            long bytes = 0;
            network.Event("Network.loadingFinished").OnEvent += (_, told) => Interlocked.Add(ref bytes, (long)told!.Value.GetProperty("encodedDataLength").GetDouble());
            await page.GotoAsync(new Uri(subject.Url, "endpoints/dev/iris").ToString());
            interactive.Add(await page.EvaluateAsync<double>("window.interactive"));
            painted.Add(await page.EvaluateAsync<double>("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"));
            kilobytes.Add(Interlocked.Read(ref bytes) / 1000.0);
        }
        StringBuilder table = new();
        table.AppendLine("| page | first paint ms | interactive ms | transfer kB |").AppendLine("|---|---|---|---|");
        table.AppendLine($"| `/endpoints/dev/iris`, cold browser | {Spread(painted)} | {Spread(interactive)} | {Spread(kilobytes)} |");
        return table.ToString();
    }

    /// <summary>The median with its range.</summary>
    public static string Spread(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return $"{Text(sorted[sorted.Length / 2])} ({Text(sorted[0])} to {Text(sorted[^1])})";
    }

    private static string Text(double value) => value.ToString(value >= 1000 ? "0" : value >= 10 ? "0.0" : "0.000", CultureInfo.InvariantCulture);
}

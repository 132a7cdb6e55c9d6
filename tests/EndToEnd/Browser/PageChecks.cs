using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using Xunit;

namespace Raywright.EndToEnd.Browser;

/// <summary>What holds for every page.</summary>
internal static class PageChecks
{
    /// <summary>A question can be sent: the page has its circuit.</summary>
    public const string Form = "button.primary:not([disabled])";

    /// <summary>What the browser complains of from now on: broken scripts, missing files, breaches of the content policy.</summary>
    public static List<string> Complaints(IPage page)
    {
        List<string> complaints = [];
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
                complaints.Add(message.Text);
        };
        page.PageError += (_, error) => complaints.Add(error);
        return complaints;
    }

    public static async Task FitsAsync(IPage page)
    {
        string[] wide = await page.EvaluateAsync<string[]>(
            """
            () => document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll('body *')]
              .filter(one => one.getBoundingClientRect().right > innerWidth + 1).map(one => `${one.tagName}.${one.className}`).slice(0, 8)
            """);
        Assert.True(wide.Length == 0, $"{page.Url} is wider than its window: {string.Join(", ", wide)}");
    }

    /// <summary>Nothing that keeps somebody out: axe's serious and critical findings.</summary>
    public static async Task IsAccessibleAsync(IPage page)
    {
        AxeResult result = await page.RunAxe();
        Assert.NotEmpty(result.Passes);
        string[] found = [.. result.Violations.Where(violation => violation.Impact is "serious" or "critical")
            .Select(violation => $"{violation.Id} ({violation.Impact}): {violation.Help}: {string.Join(" | ", violation.Nodes.Take(3).Select(node => node.Html))}")];
        Assert.True(found.Length == 0, $"{page.Url}:\n{string.Join('\n', found)}");
    }

    /// <summary>Presses Tab until something with this name has the focus.</summary>
    public static async Task TabToAsync(IPage page, string name, int most = 40)
    {
        for (int presses = 0; presses < most; presses++)
        {
            await page.Keyboard.PressAsync("Tab");
            if (await page.EvaluateAsync<string?>("() => { const at = document.activeElement; return (at?.labels?.[0]?.textContent ?? at?.getAttribute('aria-label') ?? at?.textContent)?.trim(); }") == name)
                return;
        }
        Assert.Fail($"{most} times Tab do not reach {name}.");
    }
}

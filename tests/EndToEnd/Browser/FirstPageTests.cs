using System.Globalization;
using System.Text.Json;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Raywright.EndToEnd.Browser;

/// <summary>What the first page costs a browser that has nothing of it.</summary>
public sealed class FirstPageTests(BrowserRun browser) : IClassFixture<BrowserRun>
{
    private const long MostBytes = 1_500_000;

    [Theory]
    [InlineData("/")]
    [InlineData("/endpoints/dev/iris")]
    public async Task ItsTransfer_IsSmall(string path)
    {
        IPage page = await browser.OpenAsync();
        await using AppHome home = await AppHome.StartAsync();
        await home.DeployAsync("iris");
        ICDPSession network = await page.Context.NewCDPSessionAsync(page);
        await network.SendAsync("Network.enable");
        long bytes = 0;
        int files = 0;
        network.Event("Network.loadingFinished").OnEvent += (_, told) =>
        {
            Interlocked.Add(ref bytes, told!.Value.GetProperty("encodedDataLength").GetInt64());
            Interlocked.Increment(ref files);
        };
        network.Event("Network.webSocketFrameReceived").OnEvent += (_, told) => Interlocked.Add(ref bytes, FrameBytes(told!.Value));
        await page.GotoAsync(await home.LinkAsync());
        await page.GotoAsync($"http://127.0.0.1:{home.Port}{path}", new() { WaitUntil = WaitUntilState.NetworkIdle });
        await Expect(page.Locator("main")).ToContainTextAsync("iris");
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{path}: {bytes} bytes in {files} answers and the frames of its circuit"));
        Assert.InRange(files, 4, 40);
        Assert.InRange(bytes, 1, MostBytes);
    }

    /// <summary>A binary frame is told as Base64.</summary>
    private static long FrameBytes(JsonElement told)
    {
        JsonElement frame = told.GetProperty("response");
        int length = frame.GetProperty("payloadData").GetString()!.Length;
        return frame.GetProperty("opcode").GetInt32() == 2 ? length * 3 / 4 : length;
    }
}

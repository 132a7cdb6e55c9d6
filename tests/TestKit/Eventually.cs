using Xunit;

namespace Raywright.TestKit;

/// <summary>Waits for something that another thread or process brings about, without guessing how long that takes.</summary>
public static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Asks again until the answer is true; fails with <paramref name="what"/> when patience ends.</summary>
    public static Task TrueAsync(Func<bool> condition, string what) => TrueAsync(condition, () => what);

    public static Task TrueAsync(Func<bool> condition, Func<string> what) => TrueAsync(() => Task.FromResult(condition()), what);

    public static Task TrueAsync(Func<Task<bool>> condition, string what) => TrueAsync(condition, () => what);

    /// <param name="condition">What is to become true.</param>
    /// <param name="what">Says what was waited for and how it is instead; asked when patience ends.</param>
    public static async Task TrueAsync(Func<Task<bool>> condition, Func<string> what)
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        long start = TimeProvider.System.GetTimestamp();
        while (!await condition().ConfigureAwait(false))
        {
            if (TimeProvider.System.GetElapsedTime(start) > Patience)
                Assert.Fail($"Not within {Patience.TotalSeconds} s: {what()}");
            await Task.Delay(Pause, TimeProvider.System, cancellation).ConfigureAwait(false);
        }
    }
}

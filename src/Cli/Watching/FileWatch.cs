namespace Raywright.Cli.Watching;

/// <summary>
/// Notices that files changed, by looking: a handful of files costs next to nothing to look at, and it works on every disk and
/// with every editor, also with those that replace a file instead of writing it.
/// </summary>
internal sealed class FileWatch(TimeProvider clock)
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(250);

    private Dictionary<string, Stamp> seen = [];

    /// <summary>Chooses the files. One that was watched before is compared with how it was then, so that no change is missed.</summary>
    public void Watch(IEnumerable<string> files) => seen = Look(files).ToDictionary(
        pair => pair.Key, pair => seen.TryGetValue(pair.Key, out Stamp before) ? before : pair.Value, StringComparer.Ordinal);

    /// <summary>Waits until files have changed and then rested for a moment, so that a save of several is one change.</summary>
    /// <returns>Full paths of those that changed.</returns>
    public async Task<IReadOnlyList<string>> ChangedAsync(CancellationToken cancellation)
    {
        Dictionary<string, Stamp> before = seen, last = seen;
        while (true)
        {
            await Task.Delay(Pace, clock, cancellation).ConfigureAwait(false);
            Dictionary<string, Stamp> now = Look(seen.Keys);
            bool rested = Same(now, last);
            last = now;
            if (!rested || Same(now, before))
                continue;
            seen = now;
            return [.. now.Where(pair => before[pair.Key] != pair.Value).Select(pair => pair.Key)];
        }
    }

    private static Dictionary<string, Stamp> Look(IEnumerable<string> files) => files.Distinct(StringComparer.Ordinal).ToDictionary(
        file => file,
        file => new FileInfo(file) is { Exists: true } found ? new Stamp(found.LastWriteTimeUtc.Ticks, found.Length) : default,
        StringComparer.Ordinal);

    private static bool Same(Dictionary<string, Stamp> one, Dictionary<string, Stamp> two) =>
        one.Count == two.Count && one.All(pair => two.TryGetValue(pair.Key, out Stamp other) && other == pair.Value);

    private readonly record struct Stamp(long Ticks, long Length);
}

using Xunit;

namespace Raywright.TestKit;

/// <summary>
/// Real models and recorded exchanges that lie beside the project, not in it. A test that needs them skips, and says so,
/// where they are absent.
/// </summary>
public static class SharedFiles
{
    private static readonly string? Root = Find();

    public static bool Present => Root is not null;

    /// <summary>Skips the running test where the files are absent.</summary>
    public static void SkipIfAbsent() =>
        Assert.SkipUnless(Present, "The shared test files are not beside this checkout (RAYWRIGHT_SHARED names another place).");

    /// <summary>A path below the shared folder; skips the running test where it is absent.</summary>
    public static string Path(params string[] parts)
    {
        SkipIfAbsent();
        return System.IO.Path.Combine([Root!, .. parts]);
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("RAYWRIGHT_SHARED") is { Length: > 0 } named)
            return Directory.Exists(named) ? named : null;
        for (DirectoryInfo? folder = new DirectoryInfo(RepositoryRoot.Path).Parent; folder is not null; folder = folder.Parent)
        {
            string candidate = System.IO.Path.Combine(folder.FullName, "shared");
            if (File.Exists(System.IO.Path.Combine(candidate, "DESIGN.md")))
                return candidate;
        }
        return null;
    }
}

using System.Text.RegularExpressions;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Architecture.Tests;

/// <summary>Rules that hold for every source file (DESIGN 6).</summary>
public sealed partial class SourceTests
{
    private const int MostLines = 400;

    private static IEnumerable<string> Sources => new[] { "src", "tests", "bench", "python" }
        .Select(folder => RepositoryRoot.Combine(folder))
        .Where(Directory.Exists)
        .SelectMany(folder => Directory.EnumerateFiles(folder, "*.*", SearchOption.AllDirectories))
        .Where(path => Path.GetExtension(path) is ".cs" or ".razor" or ".py")
        .Where(path => !path.Contains("/Migrations/", StringComparison.Ordinal) && !path.Contains("/obj/", StringComparison.Ordinal));

    [Fact]
    public void NoFile_IsLongerThanTheLimit() =>
        Assert.All(Sources, path => Assert.True(File.ReadLines(path).Count() <= MostLines, $"{Relative(path)} has more than {MostLines} lines."));

    [Fact]
    public void NoType_IsNamedByNothing() =>
        Assert.All(Sources, path => Assert.DoesNotMatch(EmptyName(), Path.GetFileNameWithoutExtension(path)));

    [Fact]
    public void NoFile_SaysThatItIsUnfinished() =>
        Assert.All(
            Sources.Where(path => !path.EndsWith("SourceTests.cs", StringComparison.Ordinal)),
            path => Assert.False(Unfinished().IsMatch(File.ReadAllText(path)), $"{Relative(path)} is unfinished."));

    [Fact]
    public void EveryRelativeLinkOfTheDocumentation_LeadsSomewhere()
    {
        IEnumerable<string> broken =
            from page in Directory.EnumerateFiles(RepositoryRoot.Path, "*.md", SearchOption.AllDirectories)
            where !page.Contains("/artifacts/", StringComparison.Ordinal) && !page.Contains("/node_modules/", StringComparison.Ordinal)
            from Match link in Link().Matches(File.ReadAllText(page))
            let target = link.Groups[1].Value.Split('#')[0]
            where target.Length > 0 && !target.Contains(':', StringComparison.Ordinal)
            where !Path.Exists(Path.Combine(Path.GetDirectoryName(page)!, target))
            select $"{Relative(page)} → {target}";
        Assert.Empty(broken);
    }

    private static string Relative(string path) => Path.GetRelativePath(RepositoryRoot.Path, path);

    [GeneratedRegex("(Helpers?|Managers?|Utils?|Utilities)$")]
    private static partial Regex EmptyName();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|NotImplementedException)\b")]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();
}

using System.Text.RegularExpressions;
using System.Xml.Linq;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Architecture.Tests;

/// <summary>The table of DESIGN 4: which project may use which.</summary>
public sealed partial class ProjectTests
{
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Core"] = [],
        ["Statistics"] = [],
        ["Engine"] = ["Core"],
        ["Ray"] = ["Core"],
        ["Gateway"] = ["Core", "Statistics"],
        ["Server"] = ["Core", "Statistics", "Engine", "Ray", "Gateway"],
        ["Cli"] = ["Core", "Ray"],
    };

    public static TheoryData<string> Projects => [.. Directory.EnumerateDirectories(RepositoryRoot.Combine("src")).Select(path => Path.GetFileName(path))];

    [Theory]
    [MemberData(nameof(Projects))]
    public void AProject_UsesOnlyWhatTheTableAllows(string project)
    {
        string[] used = References(project, "ProjectReference").Select(path => Path.GetFileName(Path.GetDirectoryName(path))!).ToArray();
        Assert.True(Allowed.ContainsKey(project), $"src/{project} is not in the table of DESIGN 4.");
        Assert.Empty(used.Except(Allowed[project], StringComparer.Ordinal));
    }

    [Fact]
    public void Core_UsesNoPackageButYamlDotNet() => Assert.Equal(["YamlDotNet"], References("Core", "PackageReference"));

    [Fact]
    public void Statistics_UsesNoPackage() => Assert.Empty(References("Statistics", "PackageReference"));

    [Theory]
    [InlineData("Gateway", "Microsoft.EntityFrameworkCore")]
    [InlineData("Gateway", "MudBlazor")]
    [InlineData("Cli", "Microsoft.EntityFrameworkCore")]
    public void APackage_StaysOutOf(string project, string prefix) =>
        Assert.DoesNotContain(References(project, "PackageReference"), name => name.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>Decision 7: the command line renders what a cluster would be told, and talks to none.</summary>
    [Fact]
    public void TheCommandLine_KnowsOnlyTheConfigurationOfRay()
    {
        string[] named = [.. Directory.EnumerateFiles(RepositoryRoot.Combine("src", "Cli"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(path => RayNamespace().Matches(File.ReadAllText(path)).Select(match => match.Value))
            .Distinct(StringComparer.Ordinal)];
        Assert.Equal(["Raywright.Ray.Configuration"], named);
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void EachProject_HasTests(string project) => Assert.True(Directory.Exists(RepositoryRoot.Combine("tests", $"{project}.Tests")));

    private static string[] References(string project, string kind) =>
        [.. XDocument.Load(RepositoryRoot.Combine("src", project, $"Raywright.{project}.csproj"))
            .Descendants(kind).Select(element => element.Attribute("Include")!.Value)];

    /// <summary>Also as a file below `Raywright` may write it; a sentence that ends with the word has a blank behind it.</summary>
    [GeneratedRegex(@"(?<![\w.])(?:Raywright\.Ray\b(?:\.\w+)?|Ray\.[A-Z]\w*)")]
    private static partial Regex RayNamespace();
}

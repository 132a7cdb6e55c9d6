using System.Text.RegularExpressions;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Architecture.Tests;

/// <summary>Slices of the server are reached by their services, never by their tables (DESIGN 4).</summary>
public sealed partial class SliceTests
{
    private static readonly string Server = RepositoryRoot.Combine("src", "Server");

    private static IEnumerable<(string Slice, string Path)> Sources =>
        from path in Directory.EnumerateFiles(Server, "*.*", SearchOption.AllDirectories)
        where Path.GetExtension(path) is ".cs" or ".razor" && !path.Contains("/Migrations/", StringComparison.Ordinal) && !path.Contains("/obj/", StringComparison.Ordinal)
        let slice = Path.GetRelativePath(Server, path).Split('/')[0]
        select (slice, path);

    [Fact]
    public void ATable_IsTouchedByItsSliceAlone()
    {
        Dictionary<string, string> owners = [];
        foreach ((string slice, string path) in Sources)
        {
            foreach (Match entity in Entity().Matches(File.ReadAllText(path)))
                owners[entity.Groups[1].Value] = slice;
        }
        Assert.True(owners.Count > 5, "The tables were not found.");
        IEnumerable<string> trespasses =
            from source in Sources
            let text = File.ReadAllText(source.Path)
            from owner in owners
            where owner.Value != source.Slice && Regex.IsMatch(text, $@"\b{owner.Key}\b", RegexOptions.None, TimeSpan.FromSeconds(5))
            select $"{Path.GetRelativePath(Server, source.Path)} uses {owner.Key} of {owner.Value}";
        Assert.Empty(trespasses);
    }

    [Theory]
    [InlineData("Microsoft.EntityFrameworkCore", "Store", "Ledger", "Access", "Environments", "Computes", "Models", "Endpoints", "Operations")]
    [InlineData("Npgsql", "Store")]
    [InlineData("Microsoft.Data.Sqlite", "Store")]
    [InlineData("Microsoft.AspNetCore.Components", "App")]
    [InlineData("System.CommandLine", "Hosting")]
    public void APackage_StaysInItsFolders(string package, params string[] homes) =>
        Assert.Empty(
            from source in Sources
            where !homes.Contains(source.Slice, StringComparer.Ordinal) && File.ReadAllText(source.Path).Contains($"using {package}", StringComparison.Ordinal)
            select Path.GetRelativePath(Server, source.Path));

    [GeneratedRegex(@"IEntityTypeConfiguration<(\w+)>")]
    private static partial Regex Entity();
}

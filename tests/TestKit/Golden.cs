using System.Runtime.CompilerServices;
using DiffPlex.DiffBuilder;
using DiffPlex.DiffBuilder.Model;
using Xunit;

namespace Raywright.TestKit;

/// <summary>
/// Compares text with a file beside the test, in <c>Goldens/</c>. <c>UPDATE_GOLDENS=1</c> writes what is new;
/// the change is then reviewed like code.
/// </summary>
public static class Golden
{
    private static readonly bool Update = Environment.GetEnvironmentVariable("UPDATE_GOLDENS") == "1";

    public static void Matches(string name, string actual, [CallerFilePath] string testFile = "") =>
        Compare(Path.Combine(Path.GetDirectoryName(Local(testFile))!, "Goldens", name), name, actual);

    /// <summary>The same for a published file of the repository, e.g. a generated page of <c>docs/reference</c>.</summary>
    public static void MatchesPublished(string pathFromRoot, string actual) =>
        Compare(RepositoryRoot.Combine(pathFromRoot.Split('/')), pathFromRoot, actual);

    private static void Compare(string path, string name, string actual)
    {
        string normal = actual.ReplaceLineEndings("\n");
        if (Update)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, normal);
            return;
        }
        Assert.True(File.Exists(path), $"No golden {name}. Run once with UPDATE_GOLDENS=1 and review it.\n{normal}");
        string expected = File.ReadAllText(path).ReplaceLineEndings("\n");
        if (expected != normal)
            Assert.Fail($"{name} differs (UPDATE_GOLDENS=1 accepts the change):\n{Diff(expected, normal)}");
    }

    /// <summary>A deterministic build maps source paths to <c>/_/</c>.</summary>
    private static string Local(string testFile) =>
        testFile.StartsWith("/_/", StringComparison.Ordinal) ? RepositoryRoot.Combine(testFile[3..]) : testFile;

    private static string Diff(string expected, string actual) =>
        string.Join('\n', InlineDiffBuilder.Diff(expected, actual).Lines
            .Where(line => line.Type != ChangeType.Unchanged)
            .Select(line => $"{(line.Type == ChangeType.Inserted ? '+' : '-')} {line.Text}"));
}

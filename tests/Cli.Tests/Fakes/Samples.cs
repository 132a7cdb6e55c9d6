using Raywright.TestKit;

namespace Raywright.Cli.Tests.Fakes;

/// <summary>The samples of the repository, copied where a test may change them.</summary>
internal static class Samples
{
    public static void CopyIris(string folder) => Copy("iris", folder);

    public static void Copy(string sample, string folder)
    {
        string source = RepositoryRoot.Combine("samples", sample);
        foreach (string file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories).Where(file => !file.EndsWith(".md", StringComparison.Ordinal)))
        {
            string target = Path.Combine(folder, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}

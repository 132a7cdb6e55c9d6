namespace Raywright.TestKit;

/// <summary>The folder that holds the solution, found from where the tests run.</summary>
public static class RepositoryRoot
{
    public static string Path { get; } = Find();

    public static string Combine(params string[] parts) => System.IO.Path.Combine([Path, .. parts]);

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "Raywright.slnx")))
                return folder.FullName;
        }
        throw new DirectoryNotFoundException($"No Raywright.slnx above {AppContext.BaseDirectory}.");
    }
}

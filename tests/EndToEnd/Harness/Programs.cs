using System.Reflection;
using Raywright.TestKit;

namespace Raywright.EndToEnd.Harness;

/// <summary>
/// The two programs under test: those that were built with these tests, or the published ones in the folder that
/// <c>RAYWRIGHT_TEST_PROGRAMS</c> names.
/// </summary>
internal static class Programs
{
    private static readonly string? Published = Environment.GetEnvironmentVariable("RAYWRIGHT_TEST_PROGRAMS") is { Length: > 0 } folder ? Path.GetFullPath(folder) : null;

    public static string Cli { get; } = Published is null ? Built("RaywrightCli") : Existing(Path.Combine(Published, "raywright"));

    public static string Server { get; } = Published is null ? Built("RaywrightServer") : Existing(Path.Combine(Published, "server", "raywright-server"), Path.Combine(Published, "raywright-server"));

    /// <summary>Whether the command has to be told where the server lies; beside a published one it finds it.</summary>
    public static bool ServerIsNamed => Published is null;

    private static string Built(string name) => Existing(RepositoryRoot.Combine(
        typeof(Programs).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(entry => entry.Key == name).Value!.Split('/')));

    private static string Existing(params string[] candidates) =>
        Array.Find(candidates, File.Exists) ?? throw new FileNotFoundException($"None of these programs is there: {string.Join(", ", candidates)}");
}

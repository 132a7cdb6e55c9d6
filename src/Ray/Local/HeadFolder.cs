using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace Raywright.Ray.Local;

/// <summary>
/// The folder of one head. Ray puts sockets far below it, and their paths have at most 107 characters: it cannot lie in the home.
/// </summary>
internal static partial class HeadFolder
{
    private static readonly string[] Roots = ["/tmp", "/var/tmp"];

    /// <summary>Makes a new one in the first of the places that lets us.</summary>
    /// <exception cref="IOException">None does.</exception>
    /// <exception cref="UnauthorizedAccessException">None does.</exception>
    public static string Make() => MakeIn(Roots);

    public static string MakeIn(ReadOnlySpan<string> roots)
    {
        string folder = Path.Combine(roots[0], $"rw-{RandomNumberGenerator.GetHexString(8, lowercase: true)}");
        try
        {
            if (Path.Exists(folder))
                return MakeIn(roots);
            HomeFiles.MakePrivate(folder);
            return folder;
        }
        catch (Exception e) when (roots.Length > 1 && e is IOException or UnauthorizedAccessException)
        {
            return MakeIn(roots[1..]);
        }
    }

    /// <summary>What Ray is told. It opens the folder that it is given to everybody, so that one inside ours is.</summary>
    public static string ForRay(string folder) => Path.Combine(folder, "t");

    /// <summary>Whether the path is one that <see cref="Make"/> gives.</summary>
    public static bool IsOne(string folder) => Shape().IsMatch(folder);

    public static void Remove(string folder)
    {
        if (IsOne(folder) && Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    [GeneratedRegex(@"^(/tmp|/var/tmp)/rw-[0-9a-f]{8}\z")]
    private static partial Regex Shape();
}

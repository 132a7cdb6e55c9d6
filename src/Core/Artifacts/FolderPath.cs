namespace Raywright.Core.Artifacts;

/// <summary>Follows links the way an open call would, to see where a path below a folder really leads.</summary>
internal static class FolderPath
{
    /// <summary>Whether the file that <paramref name="relative"/> reaches, every link on the way followed, lies below <paramref name="folder"/>.</summary>
    public static bool StaysInside(string folder, string relative)
    {
        string root = Resolve(Path.GetFullPath(folder));
        string target = Resolve(Path.Combine(root, relative));
        return target.StartsWith(root.TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar, StringComparison.Ordinal);
    }

    private static string Resolve(string path)
    {
        string full = Path.GetFullPath(path);
        string resolved = Path.GetPathRoot(full)!;
        foreach (string part in full[resolved.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            resolved = Path.Combine(resolved, part);
            FileSystemInfo entry = Directory.Exists(resolved) ? new DirectoryInfo(resolved) : new FileInfo(resolved);
            if (entry.ResolveLinkTarget(returnFinalTarget: true) is { } target)
                resolved = Resolve(target.FullName);
        }
        return resolved;
    }
}

using Raywright.Core.Errors;

namespace Raywright.Core.Scanning.Archives;

/// <summary>Whether the name of an archive entry stays inside the folder that the archive is unpacked to.</summary>
internal static class EntryNames
{
    public static void Check(Content archive, ScanNotes notes, string name)
    {
        if (Fault(name) is { } fault)
            notes.Add(archive, ScanVerdict.Malicious, Catalogue.ScanArchivePath, $"entry {ScanNotes.Shown(name)} {fault}");
    }

    /// <summary>Whether a link to <paramref name="target"/> from the entry <paramref name="name"/> leads outside.</summary>
    public static bool Escapes(string name, string target)
    {
        if (Fault(target) is { } fault && fault != Upwards)
            return true;
        int depth = name.Split('/').Length - 1;
        foreach (string part in target.Split('/'))
        {
            depth += part switch { "" or "." => 0, ".." => -1, _ => 1 };
            if (depth < 0)
                return true;
        }
        return false;
    }

    private const string Upwards = "leads out of the folder";

    private static string? Fault(string name)
    {
        if (name.StartsWith('/') || name.StartsWith('\\'))
            return "has an absolute path";
        if (name is [>= 'A' and <= 'Z' or >= 'a' and <= 'z', ':', ..])
            return "has a drive letter";
        if (name.Split('/', '\\').Contains("..", StringComparer.Ordinal))
            return Upwards;
        if (name.Contains('\\', StringComparison.Ordinal))
            return "has backslashes, which are folders on Windows";
        return name.Contains('\0', StringComparison.Ordinal) ? "has a zero byte in its name" : null;
    }
}

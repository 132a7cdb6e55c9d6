using System.Text.RegularExpressions;

namespace Raywright.Ray.Local;

/// <summary>What <c>ray start</c> wrote.</summary>
internal static partial class HeadLog
{
    private const int Lines = 6;
    private const int TailBytes = 8192;

    /// <summary>Its last lines, without colours, on one line.</summary>
    public static string LastWords(string file)
    {
        if (!File.Exists(file))
            return "(it wrote nothing)";
        using FileStream log = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        log.Seek(Math.Max(0, log.Length - TailBytes), SeekOrigin.Begin);
        using StreamReader reader = new(log);
        string[] lines = [.. Colours().Replace(reader.ReadToEnd(), "").Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0).TakeLast(Lines)];
        return lines.Length == 0 ? "(it wrote nothing)" : string.Join(" | ", lines);
    }

    [GeneratedRegex(@"\x1b\[[0-9;]*[A-Za-z]")]
    private static partial Regex Colours();
}

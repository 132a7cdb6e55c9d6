using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Raywright.Core.Errors;

namespace Raywright.Ray.Configuration;

/// <summary>A requirements file as lines that a node of a cluster, which has none of our files, can install.</summary>
public static partial class PipLines
{
    private static readonly ImmutableArray<string> FileOptions = ["-r", "--requirement", "-c", "--constraint", "-e", "--editable", "-f", "--find-links"];

    /// <param name="text">The whole file.</param>
    /// <param name="file">Its name, for places.</param>
    public static Result<ImmutableArray<string>> Read(string text, string file)
    {
        List<string> lines = [];
        List<Problem> problems = [];
        string[] raw = text.ReplaceLineEndings("\n").Split('\n');
        for (int index = 0; index < raw.Length; index++)
        {
            int first = index;
            string joined = raw[index];
            while (joined.EndsWith('\\') && index + 1 < raw.Length)
                joined = $"{joined[..^1]} {raw[++index]}";
            string line = Comment().Replace(joined, "").Trim();
            if (line.Length == 0)
                continue;
            if (NamesAFile(line))
                problems.Add(new(Catalogue.RayRequirement, $"`{line}` names a file, which the nodes of a cluster do not have.", "runtime.requirements", new(file, first + 1, 1)));
            lines.Add(line);
        }
        return problems.Count > 0 ? problems.ToImmutableArray() : lines.ToImmutableArray();
    }

    private static bool NamesAFile(string line)
    {
        string[] words = line.Split([' ', '=', '\t'], 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (FileOptions.Contains(words[0]) || FileOptions.Any(option => option.Length == 2 && line.Length > 2 && line.StartsWith(option, StringComparison.Ordinal)))
            return !line.Contains("://", StringComparison.Ordinal) || line.Contains("file://", StringComparison.Ordinal);
        return line[0] is '.' or '/' || line.Contains("file:", StringComparison.Ordinal) || (!line.Contains("://", StringComparison.Ordinal) && words[0].EndsWith(".whl", StringComparison.Ordinal));
    }

    [GeneratedRegex(@"(^|\s)#.*$")]
    private static partial Regex Comment();
}

using System.Text.RegularExpressions;
using Raywright.Core.Errors;

namespace Raywright.Core.Scanning.Formats;

/// <summary>Lines of a pip requirements file that bring in something else than a package of the usual index.</summary>
internal static partial class Requirements
{
    public static void Scan(Content content, ScanNotes notes)
    {
        if (Documents.Text(content) is not { } text)
            return;
        // pip joins a line that ends with a backslash to the next.
        string joined = text.Replace("\\\r\n", "", StringComparison.Ordinal).Replace("\\\n", "", StringComparison.Ordinal);
        foreach (string raw in joined.Split(['\n', '\r', '\f', '\v', '\u0085', '\u2028', '\u2029']))
        {
            string line = Comment().Replace(raw, "").Trim();
            if (line.Length > 0 && Objection(line) is { } objection)
                notes.Add(content, ScanVerdict.Suspicious, Catalogue.ScanRequirementSource, $"{objection}: {ScanNotes.Shown(line)}");
        }
    }

    private static string? Objection(string line)
    {
        if (line.StartsWith('-'))
            return Harmless().IsMatch(line) ? null : "an option of pip changes where packages come from";
        if (Address().IsMatch(line))
            return "a package comes from an address";
        return LocalPath().IsMatch(line) ? "a package comes from a local path" : null;
    }

    [GeneratedRegex(@"(^|\s+)#.*$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Comment();

    [GeneratedRegex(@"^--(no-binary|only-binary|prefer-binary|require-hashes|pre)\b", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Harmless();

    [GeneratedRegex(@"://|^(git|hg|svn|bzr)\+|@\s*(file|git|http)|\sgit@", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase)]
    private static partial Regex Address();

    [GeneratedRegex(@"^(\.{0,2}[/\\]|~|[A-Za-z]:[/\\])|\.(whl|zip|tar\.gz)\s*(;|$)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase)]
    private static partial Regex LocalPath();
}

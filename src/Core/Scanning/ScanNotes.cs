using System.Collections.Immutable;
using System.Text;
using Raywright.Core.Errors;

namespace Raywright.Core.Scanning;

/// <summary>Collects what is found in one file; bounded, and safe to show.</summary>
internal sealed class ScanNotes
{
    private const int MostFindings = 100;
    private const int MostGlobals = 1_000;
    private const int LongestName = 200;

    private readonly List<ScanFinding> findings = [];
    private readonly HashSet<(string Path, string Code, string Detail)> seen = [];
    private readonly List<string> globals = [];
    private readonly HashSet<string> known = new(StringComparer.Ordinal);
    private readonly List<string> unknown = [];
    private readonly Dictionary<string, string> libraries = new(StringComparer.Ordinal);

    public ImmutableArray<ScanFinding> Findings => [.. findings];

    public ImmutableArray<string> Globals => [.. globals];

    public ImmutableArray<string> Unknown => [.. unknown];

    public ImmutableSortedDictionary<string, string> Libraries => libraries.ToImmutableSortedDictionary(StringComparer.Ordinal);

    public void Add(Content content, ScanVerdict verdict, ErrorDefinition definition, string detail)
    {
        string path = Shown(content.Path);
        // The worst has to be heard, even after many lesser ones.
        int least = findings.Count < MostFindings ? findings.Count : findings.FindLastIndex(finding => finding.Verdict < verdict);
        if (least < 0 || !seen.Add((path, definition.Code, detail)))
            return;
        if (least < findings.Count)
            findings.RemoveAt(least);
        findings.Add(new(path, verdict, new(definition, $"{path}: {detail}", Field: path)));
    }

    public void Global(string name)
    {
        if (globals.Count < MostGlobals && known.Add(name))
            globals.Add(Shown(name));
    }

    /// <summary>A name on no list: loading imports its module, and that runs code.</summary>
    public void UnknownGlobal(Content content, string name, string how)
    {
        string shown = Shown(name);
        if (unknown.Count < MostGlobals && !unknown.Contains(shown))
            unknown.Add(shown);
        Add(content, ScanVerdict.Suspicious, Catalogue.ScanUnknownGlobal, $"{how} {shown}");
    }

    /// <summary>A library that the file says it was written with; the first version that is told counts.</summary>
    public void Library(string package, string version)
    {
        if (libraries.GetValueOrDefault(package, "").Length == 0)
            libraries[package] = version;
    }

    /// <summary>Names come from the file: control characters and endless lengths do not reach a terminal.</summary>
    public static string Shown(string text)
    {
        StringBuilder shown = new(Math.Min(text.Length, LongestName + 1));
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (shown.Length >= LongestName)
                return shown.Append('…').ToString();
            if (Rune.IsControl(rune) || Rune.GetUnicodeCategory(rune) is System.Globalization.UnicodeCategory.Format or System.Globalization.UnicodeCategory.LineSeparator or System.Globalization.UnicodeCategory.ParagraphSeparator)
                shown.Append('\uFFFD');
            else
                shown.Append(rune.ToString());
        }
        return shown.ToString();
    }
}

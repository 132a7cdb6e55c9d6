using System.Text.RegularExpressions;
using Raywright.Core.Errors;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Raywright.Core.Scanning.Formats;

/// <summary>Tags by which an unsafe YAML loader makes Python objects and calls functions.</summary>
internal static partial class YamlTags
{
    // The parser takes quadratic time for nested brackets.
    private const int DeepestParsed = 200;
    private const int LargestParsed = 4 << 20;
    private const string Python = "tag:yaml.org,2002:python/";

    public static void Scan(Content content, ScanNotes notes)
    {
        if (Documents.Text(content) is not { } text)
            return;
        if (text.Length > LargestParsed || Nesting(text) > DeepestParsed)
        {
            Search(content, notes, text);
            return;
        }
        try
        {
            Parser parser = new(new StringReader(text));
            while (parser.MoveNext())
            {
                if (parser.Current is NodeEvent { Tag: { IsEmpty: false, IsNonSpecific: false } tag })
                    Judge(content, notes, tag.Value);
            }
        }
        catch (Exception e) when (e is YamlException or ArgumentException or InvalidOperationException or FormatException or IndexOutOfRangeException)
        {
            // The parser throws more than its own exception. Another reader may be more lenient, so the text decides then.
            Search(content, notes, text);
        }
    }

    private static void Search(Content content, ScanNotes notes, string text)
    {
        foreach (Match match in Tag().Matches(text))
            Judge(content, notes, Python + match.Groups["rest"].Value);
    }

    private static int Nesting(string text)
    {
        int depth = 0, deepest = 0;
        foreach (char character in text)
        {
            depth = Math.Max(0, depth + character switch { '[' or '{' => 1, ']' or '}' => -1, _ => 0 });
            deepest = Math.Max(deepest, depth);
        }
        return deepest;
    }

    private static void Judge(Content content, ScanNotes notes, string tag)
    {
        if (!tag.StartsWith(Python, StringComparison.Ordinal))
            return;
        string rest = Uri.UnescapeDataString(tag[Python.Length..]);
        int colon = rest.IndexOf(':', StringComparison.Ordinal);
        string kind = colon < 0 ? rest : rest[..colon];
        if (kind.Length > 0 && !kind.StartsWith("object", StringComparison.Ordinal) && kind is not ("name" or "module"))
            return;
        string name = colon < 0 ? "" : rest[(colon + 1)..];
        if (name.Length > 0)
            notes.Global(name);
        notes.Add(content, ScanVerdict.Malicious, Catalogue.ScanYamlObject, $"the tag !!python/{ScanNotes.Shown(rest)} makes a Python object");
    }

    [GeneratedRegex(@"(?:!!|tag:yaml\.org,2002:)python/(?<rest>[^\s>,\]}]{0,300})", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Tag();
}

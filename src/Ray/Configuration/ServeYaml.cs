using System.Buffers;
using System.Globalization;
using System.Text;

namespace Raywright.Ray.Configuration;

/// <summary>Writes a tree as YAML that a parser of version 1.1 and one of 1.2 read the same.</summary>
internal static class ServeYaml
{
    private const int Width = 100;

    /// <summary>Words that some parser takes for something else than text.</summary>
    private static readonly HashSet<string> Meaningful = new(StringComparer.OrdinalIgnoreCase) { "true", "false", "null", "yes", "no", "on", "off", "y", "n" };

    private static readonly SearchValues<char> PlainCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./:");

    public static string Write(ServeNode root, bool explained)
    {
        StringBuilder text = new();
        foreach (string line in Block(root, 0, explained))
            text.Append(line).Append('\n');
        return text.ToString();
    }

    private static IEnumerable<string> Block(ServeNode node, int indent, bool explained) => node switch
    {
        ServeMap { Entries.IsEmpty: false } map => map.Entries.SelectMany(entry => Entry(entry.Key, entry.Value, indent, explained)),
        ServeList { Items.IsEmpty: false } list => list.Items.SelectMany(item => Item(item, indent, explained)),
        _ => [$"{Blank(indent)}{Inline(node)}"],
    };

    private static IEnumerable<string> Entry(string key, ServeNode value, int indent, bool explained)
    {
        string start = $"{Blank(indent)}{Text(key)}:";
        string[] comment = [.. Comment(value, indent, explained)];
        if (IsShort(value, indent, key))
            return [.. comment, $"{start} {Inline(value)}"];
        return [.. comment, start, .. Block(value, indent + 2, explained)];
    }

    private static IEnumerable<string> Item(ServeNode value, int indent, bool explained)
    {
        string[] lines = [.. Comment(value, indent + 2, explained), .. Block(value, indent + 2, explained)];
        // Comments stand above the dash, the first line beside it.
        int first = Array.FindIndex(lines, line => !IsComment(line));
        return lines.Select((line, index) => index < first ? line[2..] : index == first ? $"{Blank(indent)}- {line[(indent + 2)..]}" : line);
    }

    /// <summary>No value begins with a sharp sign: it would be in quotes.</summary>
    private static bool IsComment(string line) => line.AsSpan().TrimStart(' ') is ['#', ..];

    private static IEnumerable<string> Comment(ServeNode node, int indent, bool explained)
    {
        if (!explained || node.Why is not { } why)
            yield break;
        string start = $"{Blank(indent)}# ";
        StringBuilder line = new(start);
        // The source stays in one piece, so that a place can be copied.
        foreach (string word in OneLine(why.Text).Split(' ', StringSplitOptions.RemoveEmptyEntries).Append($"[{OneLine(why.Source.ToString())}]"))
        {
            if (line.Length > start.Length && line.Length + word.Length + 1 > Width)
            {
                yield return line.ToString();
                line.Clear().Append(start);
            }
            line.Append(line.Length > start.Length ? " " : "").Append(word);
        }
        yield return line.ToString();
    }

    /// <summary>A file's name may hold anything; a comment ends with its line.</summary>
    private static string OneLine(string text) => string.Concat(text.Select(character => char.IsControl(character) || character is '\u2028' or '\u2029' or '\uFEFF' ? ' ' : character));

    private static bool IsShort(ServeNode value, int indent, string key) => value switch
    {
        ServeMap map => map.Entries.IsEmpty,
        ServeList list => list.Items.All(item => item is not (ServeMap or ServeList)) && list.Items.All(item => item.Why is null) && indent + key.Length + 2 + Inline(value).Length <= Width,
        _ => true,
    };

    private static string Inline(ServeNode node) => node switch
    {
        ServeText text => Text(text.Value),
        ServeWhole whole => whole.Value.ToString(CultureInfo.InvariantCulture),
        ServeNumber number => Number(number.Value),
        ServeTruth truth => truth.Value ? "true" : "false",
        ServeMap => "{}",
        ServeList list => $"[{string.Join(", ", list.Items.Select(Inline))}]",
        _ => "null",
    };

    /// <summary>Without an exponent, which YAML 1.1 takes for text where no point stands before it.</summary>
    private static string Number(double value)
    {
        string text = value.ToString("R", CultureInfo.InvariantCulture);
        return text.Contains('E', StringComparison.Ordinal) ? ((decimal)value).ToString(CultureInfo.InvariantCulture) : text;
    }

    private static string Text(string text)
    {
        bool plain = text.Length > 0 && (char.IsAsciiLetter(text[0]) || text[0] is '/' or '_') && text[^1] != ':'
            && !text.AsSpan().ContainsAnyExcept(PlainCharacters) && !Meaningful.Contains(text);
        return plain ? text : Quoted(text);
    }

    private static string Quoted(string text)
    {
        StringBuilder quoted = new("\"");
        foreach (Rune rune in text.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '"' => quoted.Append("\\\""),
                '\\' => quoted.Append("\\\\"),
                '\n' => quoted.Append("\\n"),
                '\t' => quoted.Append("\\t"),
                < ' ' or (>= 0x7F and <= 0x9F) or 0x2028 or 0x2029 or 0xFEFF or 0xFFFE or 0xFFFF => quoted.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:X4}"),
                _ => quoted.Append(rune),
            };
        }
        return quoted.Append('"').ToString();
    }

    private static string Blank(int indent) => new(' ', indent);
}

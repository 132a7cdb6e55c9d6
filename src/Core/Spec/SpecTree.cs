using System.Collections.Immutable;
using Raywright.Core.Errors;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Raywright.Core.Spec;

/// <summary>
/// Turns text into nodes, within bounds, and refuses what a spec never needs and an attacker likes: tags, aliases, deep
/// nesting. Problems that do not stop it are collected in <see cref="Problems"/>.
/// </summary>
internal sealed class SpecTree(string text, string file)
{
    private const int LargestText = 1 << 20;
    private const int DeepestNesting = 20;
    private const int MostNodes = 50_000;

    private readonly ImmutableArray<int> lines = [0, .. text.Index().Where(entry => entry.Item == '\n').Select(entry => entry.Index + 1)];
    private int nodes;
    private bool stopped;

    public List<Problem> Problems { get; } = [];

    /// <summary>The only document of the file; null where it could not be read to its end.</summary>
    public SpecNode? Load()
    {
        if (text.Length > LargestText)
            return Stop(Place(0), $"The file has {text.Length} characters; {LargestText} are allowed.");
        Scanner scanner = new(new StringReader(text), skipComments: true);
        try
        {
            SpecNode? root = Document(new Parser(scanner));
            return stopped ? null : root;
        }
        catch (YamlException e)
        {
            return FirstTab() is { } tab && IsToBlame(tab)
                ? Stop(Place(tab), "A tab stands in the indentation, where YAML allows only spaces.", "Indent with spaces.")
                : Stop(Place(e.Start.Index), $"The file is not YAML here: {OneLine(e.Message)}");
        }
        catch (Exception e) when (IsLostParser(e))
        {
            return Stop(Place(scanner.CurrentPosition.Index), "The file is not YAML here: a bracket, quote or comma is missing or too many.");
        }
    }

    /// <summary>What the parser throws, besides its own exceptions, where odd text confuses it; found by mutation.</summary>
    private static bool IsLostParser(Exception e) => e is InvalidOperationException or ArgumentException or FormatException or OverflowException or NullReferenceException or IndexOutOfRangeException;

    private SpecNode? Document(Parser parser)
    {
        parser.Consume<StreamStart>();
        if (!parser.TryConsume<DocumentStart>(out _))
            return Stop(Place(0), "The file is empty.", "Write it with `raywright init`.");
        SpecNode root = Node(parser, 0);
        if (stopped)
            return null;
        parser.Consume<DocumentEnd>();
        return parser.Accept<DocumentStart>(out DocumentStart? second)
            ? Stop(Place(second.Start.Index), "The file holds several YAML documents.", "Keep one model a file; remove the line `---`.")
            : root;
    }

    private SpecNode Node(Parser parser, int depth)
    {
        SourceLocation at = Place(parser.Current!.Start.Index);
        if (depth > DeepestNesting)
            Stop(at, $"More than {DeepestNesting} levels are nested.", "A spec needs no more than 5.");
        else if (++nodes > MostNodes)
            Stop(at, $"The file has more than {MostNodes} values.", "Move long lists into a file of their own.");
        if (stopped)
            return new SpecNode.Refused(at);
        if (parser.TryConsume<AnchorAlias>(out AnchorAlias? alias))
        {
            Add(at, $"`*{SpecValues.Shorten(alias.Value.Value)}` is an alias; a spec has none.", "Write the value again.");
            return new SpecNode.Refused(at);
        }
        (SpecNode node, TagName tag) = parser.Current switch
        {
            SequenceStart start => (List(parser, at, depth), start.Tag),
            MappingStart start => (Map(parser, at, depth), start.Tag),
            _ => Scalar(parser.Consume<Scalar>(), at),
        };
        if (tag.IsEmpty || tag.IsNonSpecific || (tag.Value == "tag:yaml.org,2002:str" && node is SpecNode.Scalar))
            return node;
        Add(at, $"The tag `{SpecValues.Shorten(tag.Value)}` is not allowed; a spec has none.", "Write the plain value.");
        return new SpecNode.Refused(at);
    }

    private SpecNode.List List(Parser parser, SourceLocation at, int depth)
    {
        parser.Consume<SequenceStart>();
        ImmutableArray<SpecNode>.Builder items = ImmutableArray.CreateBuilder<SpecNode>();
        while (!stopped && !parser.TryConsume<SequenceEnd>(out _))
            items.Add(Node(parser, depth + 1));
        return new(at, items.ToImmutable());
    }

    private SpecNode.Map Map(Parser parser, SourceLocation at, int depth)
    {
        parser.Consume<MappingStart>();
        ImmutableArray<(SpecNode, SpecNode)>.Builder entries = ImmutableArray.CreateBuilder<(SpecNode, SpecNode)>();
        while (!stopped && !parser.TryConsume<MappingEnd>(out _))
        {
            SpecNode key = Node(parser, depth + 1);
            entries.Add((key, stopped ? key : Node(parser, depth + 1)));
        }
        return new(at, entries.ToImmutable());
    }

    private static (SpecNode Node, TagName Tag) Scalar(Scalar scalar, SourceLocation at) =>
        (new SpecNode.Scalar(at, scalar.Value, scalar.Style == ScalarStyle.Plain && scalar.Tag.IsEmpty), scalar.Tag);

    /// <summary>
    /// Line and column as editors count them. The parser's own count differs: to YAML, other characters end a line too, and the
    /// end of a file stands a line below it.
    /// </summary>
    private SourceLocation Place(long index)
    {
        int offset = (int)Math.Clamp(index, 0, text.Length);
        int line = lines.BinarySearch(offset);
        line = line < 0 ? ~line - 1 : line;
        return new(file, line + 1, offset - lines[line] + 1);
    }

    /// <summary>The first tab in the indentation of a line; null where there is none.</summary>
    private int? FirstTab()
    {
        foreach (int start in lines)
        {
            int end = start;
            while (end < text.Length && text[end] == ' ')
                end++;
            if (end < text.Length && text[end] == '\t')
                return end;
        }
        return null;
    }

    /// <summary>Whether the text reads, up to the tab at least, with spaces in its place. The parser itself names odd places for a tab.</summary>
    private bool IsToBlame(int tab)
    {
        Parser parser = new(new StringReader($"{text.AsSpan(0, tab)}  {text.AsSpan(tab).TrimStart('\t')}"));
        try
        {
            while (parser.MoveNext() && parser.Current!.Start.Index <= tab + 2)
                continue;
            return true;
        }
        catch (YamlException e)
        {
            return e.Start.Index > tab;
        }
        catch (Exception e) when (IsLostParser(e))
        {
            return false;
        }
    }

    private SpecNode? Stop(SourceLocation at, string detail, string? fix = null)
    {
        if (!stopped)
            Add(at, detail, fix);
        stopped = true;
        return null;
    }

    private void Add(SourceLocation at, string detail, string? fix = null) =>
        Problems.Add(new(Catalogue.SpecSyntax, detail, Location: at, Fix: fix));

    private static string OneLine(string message) => string.Join(' ', message.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}

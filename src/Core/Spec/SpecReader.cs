using System.Collections.Immutable;
using Raywright.Core.Errors;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Raywright.Core.Spec;

/// <summary>Reads <c>raywright.yaml</c>: the whole text, every problem at once, each with its place.</summary>
public static class SpecReader
{
    public const string FileName = "raywright.yaml";

    private const int LargestText = 1 << 20;

    public static Result<SpecDocument> Read(string text, string file)
    {
        Result<YamlMappingNode> root = Load(text, file);
        if (!root.Ok)
            return root.Problems;
        SpecObjectReader reader = new(file);
        SpecMap map = reader.Object(root.Value, SpecKeys.Root, "");
        SpecDocument document = new(file, map);
        if (reader.Problems.Count == 0)
            reader.Problems.AddRange(SpecRules.Check(document));
        return reader.Problems.Count > 0 ? reader.Problems.OrderBy(problem => problem.Location?.Line).ToImmutableArray() : document;
    }

    private static Result<YamlMappingNode> Load(string text, string file)
    {
        if (text.Length > LargestText)
            return new Problem(Catalogue.SpecSyntax, $"The file has {text.Length} characters; {LargestText} are allowed.", Location: new(file, 1, 1));
        YamlStream stream = [];
        try
        {
            stream.Load(new BoundedParser(new Parser(new StringReader(text))));
        }
        catch (YamlException e)
        {
            int line = (int)Math.Max(1, e.Start.Line), column = (int)Math.Max(1, e.Start.Column);
            return new Problem(Catalogue.SpecSyntax, $"The file is not YAML here: {OneLine(e.Message)}", Location: new(file, line, column));
        }
        catch (ArgumentException)
        {
            // The representation model's word for the same key twice.
            return new Problem(Catalogue.SpecDuplicate, "A key stands twice.", Location: new(file, 1, 1));
        }
        if (stream.Documents.Count == 0)
            return new Problem(Catalogue.SpecSyntax, "The file is empty.", Location: new(file, 1, 1), Fix: "Write it with `raywright init`.");
        if (stream.Documents.Count > 1)
            return new Problem(Catalogue.SpecSyntax, "The file holds several YAML documents.", Location: Place(file, stream.Documents[1].RootNode), Fix: "Keep one model a file; remove the line `---`.");
        return stream.Documents[0].RootNode is YamlMappingNode mapping
            ? mapping
            : new Problem(Catalogue.SpecSyntax, "The file is no list of `key: value` lines.", Location: Place(file, stream.Documents[0].RootNode), Fix: "Start with `model: NAME`, or write it with `raywright init`.");
    }

    internal static SourceLocation Place(string file, YamlNode node) => new(file, (int)Math.Max(1, node.Start.Line), (int)Math.Max(1, node.Start.Column));

    private static string OneLine(string text) => string.Join(' ', text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    /// <summary>Refuses what a spec never needs and an attacker likes: aliases, deep nesting.</summary>
    private sealed class BoundedParser(IParser inner) : IParser
    {
        private const int DeepestNesting = 20;
        private int depth;

        public YamlDotNet.Core.Events.ParsingEvent? Current => inner.Current;

        public bool MoveNext()
        {
            if (!inner.MoveNext())
                return false;
            depth += inner.Current!.NestingIncrease;
            if (depth > DeepestNesting + 2)
                throw new YamlException(inner.Current.Start, inner.Current.End, $"more than {DeepestNesting} levels are nested");
            if (inner.Current is YamlDotNet.Core.Events.AnchorAlias)
                throw new YamlException(inner.Current.Start, inner.Current.End, "aliases are not supported; write the value again");
            return true;
        }
    }
}

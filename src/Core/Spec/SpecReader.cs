using System.Collections.Immutable;
using Raywright.Core.Errors;

namespace Raywright.Core.Spec;

/// <summary>Reads <c>raywright.yaml</c>: the whole text, every problem at once, each with its place.</summary>
public static class SpecReader
{
    public const string FileName = "raywright.yaml";

    /// <summary>Nobody mends more at a time.</summary>
    private const int MostProblems = 100;

    /// <param name="text">The whole file.</param>
    /// <param name="file">Its name, for places.</param>
    public static Result<SpecDocument> Read(string text, string file)
    {
        SpecObjectReader reader = new();
        if (Root(text, file, reader) is not { } root)
            return Sorted(reader.Problems);
        SpecDocument document = new(file, reader.Object(root, SpecKeys.Root, ""));
        reader.Problems.AddRange(SpecRules.Check(document));
        return reader.Problems.Count > 0 ? Sorted(reader.Problems) : document;
    }

    /// <summary>Reads what an environment sets for every model in it: the keys that a spec may set for an environment.</summary>
    public static Result<SpecMap> ReadOverrides(string text, string file)
    {
        SpecObjectReader reader = new();
        if (Root(text, file, reader) is not { } root)
            return Sorted(reader.Problems);
        SpecMap map = reader.Object(root, SpecKeys.OfEnvironment, "");
        reader.Problems.AddRange(SpecRules.CheckLayer(map, null, ""));
        return reader.Problems.Count > 0 ? Sorted(reader.Problems) : map;
    }

    private static SpecNode.Map? Root(string text, string file, SpecObjectReader reader)
    {
        SpecTree tree = new(text.StartsWith('\uFEFF') ? text[1..] : text, file);
        SpecNode? root = tree.Load();
        reader.Problems.AddRange(tree.Problems);
        if (root is not (null or SpecNode.Map or SpecNode.Refused))
            reader.Problems.Add(new(Catalogue.SpecSyntax, "The file does not consist of `key: value` lines.", Location: root.At, Fix: "Start with `model: NAME`, or write it with `raywright init`."));
        return root as SpecNode.Map;
    }

    private static ImmutableArray<Problem> Sorted(List<Problem> problems)
    {
        Problem[] sorted = [.. problems.OrderBy(problem => problem.Location?.Line).ThenBy(problem => problem.Location?.Column)];
        return sorted.Length <= MostProblems
            ? [.. sorted]
            : [.. sorted.Take(MostProblems), new(Catalogue.SpecSyntax, $"{sorted.Length - MostProblems} more problems follow.", Location: sorted[MostProblems].Location, Fix: "Mend these first.")];
    }
}

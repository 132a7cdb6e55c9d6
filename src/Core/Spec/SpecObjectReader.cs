using System.Collections.Immutable;
using Raywright.Core.Errors;
using YamlDotNet.RepresentationModel;

namespace Raywright.Core.Spec;

/// <summary>Turns YAML nodes into a <see cref="SpecMap"/> by the table of keys, collecting every problem.</summary>
internal sealed class SpecObjectReader(string file)
{
    public List<Problem> Problems { get; } = [];

    public SpecMap Object(YamlMappingNode node, ImmutableArray<SpecKey> keys, string path)
    {
        SpecMap map = new(SpecReader.Place(file, node));
        foreach ((YamlNode name, YamlNode value) in node.Children)
        {
            string text = (name as YamlScalarNode)?.Value ?? "";
            string full = path.Length == 0 ? text : $"{path}.{text}";
            SpecKey? key = keys.FirstOrDefault(candidate => candidate.Name == text);
            if (key is null)
                Add(Catalogue.SpecUnknownKey, name, full, $"There is no key `{SpecValues.Shorten(full)}`.", Suggestion(text, keys));
            else if (map.Names.Contains(text, StringComparer.Ordinal))
                Add(Catalogue.SpecDuplicate, name, full, $"The key `{full}` stands twice.");
            else if (Value(value, key, full) is { } read)
                map.Add(text, read, SpecReader.Place(file, value));
        }
        foreach (SpecKey missing in keys.Where(key => key.Required && !node.Children.Keys.Any(name => name is YamlScalarNode scalar && scalar.Value == key.Name)))
            Add(Catalogue.SpecMissingKey, node, path, $"The key `{(path.Length == 0 ? missing.Name : $"{path}.{missing.Name}")}` is missing: {Lower(missing.Description)}");
        return map;
    }

    private object? Value(YamlNode node, SpecKey key, string path)
    {
        if (!node.Tag.IsEmpty && !node.Tag.IsNonSpecific && node.Tag.Value is { } tag && !tag.StartsWith("tag:yaml.org,2002:str", StringComparison.Ordinal))
        {
            Add(Catalogue.SpecType, node, path, $"`{path}` has the tag {SpecValues.Shorten(tag)}; tags are not allowed.", "Write the plain value.");
            return null;
        }
        return key.Kind switch
        {
            SpecKind.Object => node is YamlMappingNode mapping ? Object(mapping, key.Keys, path) : Wrong(node, path, "an object of keys"),
            SpecKind.ObjectList => List(node, path, "a list of objects", (item, at) => item is YamlMappingNode mapping ? Object(mapping, key.Keys, at) : (SpecMap?)Wrong(item, at, "an object of keys")),
            SpecKind.ObjectMap => Map(node, path, (item, at) => item is YamlMappingNode mapping ? Object(mapping, key.Keys, at) : (SpecMap?)Wrong(item, at, "an object of keys")),
            SpecKind.TextMap => Map(node, path, (item, at) => Scalar(item, at, "a text", SpecValues.Text)),
            SpecKind.TextList => List(node, path, "a list of texts", (item, at) => Scalar(item, at, "a text", SpecValues.Text)),
            SpecKind.ScalarList => List(node, path, "a list of values", (item, at) => Scalar(item, at, "a text or a number", SpecValues.Text)),
            SpecKind.IntegerList => Numbers(node, path, "a list of whole numbers", key),
            SpecKind.Shape => Numbers(node, path, "a list of sizes such as [-1, 4]", key with { Least = -1, Most = int.MaxValue }),
            SpecKind.Labels => Labels(node, path),
            _ => Single(node, key, path),
        };
    }

    private object? Single(YamlNode node, SpecKey key, string path)
    {
        object? value = key.Kind switch
        {
            SpecKind.Boolean => Scalar(node, path, "true or false", SpecValues.Boolean),
            SpecKind.Number => InRange(node, path, key, Scalar(node, path, "a number", SpecValues.Number)),
            SpecKind.Integer => InRange(node, path, key, Scalar(node, path, "a whole number", SpecValues.Integer)) is double number ? (int)number : null,
            SpecKind.Size => Scalar(node, path, "a size such as 512Mi or 2Gi", SpecValues.Size),
            SpecKind.Duration => Scalar(node, path, "a time such as 5ms, 2s or 1m", SpecValues.Duration),
            _ => Scalar(node, path, "a text", SpecValues.Text),
        };
        if (value is string text && !key.Options.IsEmpty && !key.Options.Contains(text))
        {
            string nearest = Spelling.Nearest(text, key.Options) is { } near ? $"Write `{near}`; allowed" : "Allowed";
            Add(Catalogue.SpecValue, node, path, $"`{path}` is {SpecValues.Shorten(text)}.", $"{nearest} are {string.Join(", ", key.Options)}.");
            return null;
        }
        if (key.Kind == SpecKind.Path && value is string file && !Artifacts.FileSet.IsSafePath(file))
        {
            Add(Catalogue.SpecPath, node, path, $"`{path}` is {SpecValues.Shorten(file)}.");
            return null;
        }
        return value;
    }

    private object? InRange(YamlNode node, string path, SpecKey key, double? value)
    {
        if (value is null || (value >= key.Least && value <= key.Most))
            return value;
        Add(Catalogue.SpecValue, node, path, FormattableString.Invariant($"`{path}` is {value}."), FormattableString.Invariant($"Write a number from {key.Least} to {key.Most}."));
        return null;
    }

    private object? Numbers(YamlNode node, string path, string what, SpecKey key)
    {
        object? list = List(node, path, what, (item, at) => InRange(item, at, key, Scalar(item, at, "a whole number", SpecValues.Integer)) is double number ? (object)(long)number : null);
        return list is ImmutableArray<object> numbers ? numbers.Select(number => (long)number).ToImmutableArray() : null;
    }

    private object? Labels(YamlNode node, string path)
    {
        switch (node)
        {
            case YamlSequenceNode when List(node, path, "a list of names", (item, at) => Scalar(item, at, "a text", SpecValues.Text)) is ImmutableArray<string> names:
                return Contracts.LabelSet.List(names);
            case YamlMappingNode when Map(node, path, (item, at) => Scalar(item, at, "a text", SpecValues.Text)) is ImmutableSortedDictionary<string, string>:
                // In the order of the file: it is the order of the columns of a score.
                ImmutableArray<(string Key, string Name)> pairs = [.. ((YamlMappingNode)node).Children.Select(pair => (((YamlScalarNode)pair.Key).Value!, ((YamlScalarNode)pair.Value).Value!))];
                return new Contracts.LabelSet([.. pairs.Select(pair => pair.Key)], [.. pairs.Select(pair => pair.Name)]);
            case YamlSequenceNode or YamlMappingNode:
                return null;
            default:
                return Wrong(node, path, "a list of names, or a map from raw value to name");
        }
    }

    private object? List<T>(YamlNode node, string path, string what, Func<YamlNode, string, T?> read) where T : class
    {
        if (node is not YamlSequenceNode sequence)
            return Wrong(node, path, what);
        int before = Problems.Count;
        ImmutableArray<T?> items = [.. sequence.Children.Select((item, index) => read(item, $"{path}[{index}]"))];
        return Problems.Count > before ? null : items.Select(item => item!).ToImmutableArray();
    }

    private object? Map<T>(YamlNode node, string path, Func<YamlNode, string, T?> read) where T : class
    {
        if (node is not YamlMappingNode mapping)
            return Wrong(node, path, "an object of names");
        int before = Problems.Count;
        SortedDictionary<string, T> items = new(StringComparer.Ordinal);
        foreach ((YamlNode name, YamlNode value) in mapping.Children)
        {
            if (name is not YamlScalarNode { Value: { Length: > 0 } key })
                Wrong(name, path, "a name");
            else if (read(value, $"{path}.{key}") is { } item && !items.TryAdd(key, item))
                Add(Catalogue.SpecDuplicate, name, path, $"The key `{path}.{key}` stands twice.");
        }
        return Problems.Count > before ? null : items.ToImmutableSortedDictionary(StringComparer.Ordinal);
    }

    private T? Scalar<T>(YamlNode node, string path, string what, Func<YamlScalarNode, T?> read) where T : class
    {
        T? value = node is YamlScalarNode scalar ? read(scalar) : null;
        if (value is null)
            Wrong(node, path, what);
        return value;
    }

    private T? Scalar<T>(YamlNode node, string path, string what, Func<YamlScalarNode, T?> read) where T : struct
    {
        T? value = node is YamlScalarNode scalar ? read(scalar) : null;
        if (value is null)
            Wrong(node, path, what);
        return value;
    }

    private object? Wrong(YamlNode node, string path, string what)
    {
        string found = node switch
        {
            YamlScalarNode { Value: null or "" } => "empty",
            YamlScalarNode scalar => $"`{SpecValues.Shorten(scalar.Value!)}`",
            YamlSequenceNode => "a list",
            _ => "an object",
        };
        Add(Catalogue.SpecType, node, path, $"`{path}` is {found}.", $"Write {what}.");
        return null;
    }

    private void Add(ErrorDefinition definition, YamlNode node, string path, string detail, string? fix = null) =>
        Problems.Add(new(definition, detail, Field: path, Location: SpecReader.Place(file, node), Fix: fix));

    private static string Suggestion(string text, ImmutableArray<SpecKey> keys) =>
        Spelling.Nearest(text, keys.Select(key => key.Name)) is { } near ? $"Write `{near}`." : $"Known here are {string.Join(", ", keys.Select(key => key.Name))}.";

    private static string Lower(string sentence) => sentence.Length == 0 || char.IsLower(sentence[0]) || sentence[0] == '`' ? sentence : char.ToLowerInvariant(sentence[0]) + sentence[1..];
}

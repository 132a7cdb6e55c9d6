using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Raywright.Core.Errors;

namespace Raywright.Core.Spec;

/// <summary>Turns nodes into a <see cref="SpecMap"/> by the table of keys, collecting every problem.</summary>
internal sealed class SpecObjectReader
{
    public List<Problem> Problems { get; } = [];

    public SpecMap Object(SpecNode.Map node, ImmutableArray<SpecKey> keys, string path)
    {
        SpecMap map = new(node.At);
        foreach ((SpecNode name, SpecNode value) in node.Entries)
        {
            string text = (name as SpecNode.Scalar)?.Value ?? "";
            string full = Join(path, text);
            if (keys.FirstOrDefault(candidate => candidate.Name == text) is not { } key)
                Add(Catalogue.SpecUnknownKey, name, full, $"There is no key `{full}`.", Suggestion(text, path, keys));
            else if (map.Names.Contains(text, StringComparer.Ordinal))
                Add(Catalogue.SpecDuplicate, name, full, $"The key `{full}` stands twice.");
            else
                map.Add(text, Value(value, key, full), value.At);
        }
        foreach (SpecKey missing in keys.Where(key => key.Required && !map.Names.Contains(key.Name, StringComparer.Ordinal)))
            Add(Catalogue.SpecMissingKey, node, Join(path, missing.Name), $"The key `{Join(path, missing.Name)}` is missing.", $"Add `{missing.Name}`: {Lower(missing.Description)}");
        return map;
    }

    private object? Value(SpecNode node, SpecKey key, string path) => key.Kind switch
    {
        SpecKind.Object => Nested(node, key, path),
        // What cannot be read in one of them hides nothing in the others.
        SpecKind.ObjectList => node is SpecNode.List list
            ? list.Items.Select((item, index) => Nested(item, key, $"{path}[{index}]")).OfType<SpecMap>().ToImmutableArray()
            : Wrong(node, path, "a list of objects, each `- { name: …, type: …, shape: […] }`"),
        SpecKind.ObjectMap => Map(node, key, path, (item, at) => Nested(item, key, at)),
        SpecKind.NumberMap => Map(node, key, path, (item, at) => InRange(item, at, key, Scalar(item, at, "a number", SpecValues.Number)) is { } number ? (object)number : null)
            ?.ToImmutableSortedDictionary(item => item.Key, item => (double)item.Value, StringComparer.Ordinal),
        SpecKind.TextMap => Map(node, key, path, (item, at) => Scalar(item, at, "a text", SpecValues.AnyText)),
        SpecKind.TextList => List(node, path, "a list of texts", (item, at) => Scalar(item, at, "a text", SpecValues.Text)),
        SpecKind.PathList => List(node, path, "a list of paths", (item, at) => Path(item, at, Scalar(item, at, "a path", SpecValues.Text))),
        SpecKind.ScalarList => List(node, path, "a list of values", (item, at) => Scalar(item, at, "a text or a number", SpecValues.AnyText)),
        SpecKind.IntegerList => Numbers(node, path, "a list of whole numbers", key),
        SpecKind.Shape => Numbers(node, path, "a list of sizes such as [-1, 4]", key with { Least = -1, Most = int.MaxValue }),
        SpecKind.Labels => Labels(node, key, path),
        SpecKind.Text => Options(node, key, path, Scalar(node, path, "a text", SpecValues.Text)),
        SpecKind.Path => Path(node, path, Scalar(node, path, "a path", SpecValues.Text)),
        SpecKind.Boolean => Scalar(node, path, "true or false", SpecValues.Boolean),
        SpecKind.Number => InRange(node, path, key, Scalar(node, path, "a number", SpecValues.Number)),
        SpecKind.Integer => InRange(node, path, key, Scalar(node, path, "a whole number", SpecValues.Integer)) is { } number ? (int)number : null,
        SpecKind.Size => Size(node, path, key),
        SpecKind.Duration => Scalar(node, path, Unit(node, key, "a time such as 5ms, 2s or 1m"), SpecValues.Duration),
        _ => throw new InvalidOperationException($"No reader for {key.Kind}."),
    };

    private SpecMap? Nested(SpecNode node, SpecKey key, string path) =>
        node is SpecNode.Map map ? Object(map, key.Keys, path) : (SpecMap?)Wrong(node, path, $"an object of keys: {string.Join(", ", key.Keys.Select(inner => inner.Name))}");

    private string? Options(SpecNode node, SpecKey key, string path, string? text)
    {
        if (text is null || key.Options.IsEmpty || key.Options.Contains(text))
            return text;
        string nearest = Spelling.Nearest(text, key.Options) is { } near ? $"Write `{near}`; allowed" : "Allowed";
        Add(Catalogue.SpecValue, node, path, $"`{path}` is {SpecValues.Shorten(text)}.", key.Options is [var only] ? $"Write `{only}`, or leave the key out." : $"{nearest} are {string.Join(", ", key.Options)}.");
        return null;
    }

    private string? Path(SpecNode node, string path, string? file)
    {
        if (file is null || Artifacts.FileSet.IsSafePath(file))
            return file;
        Add(Catalogue.SpecPath, node, path, $"`{path}` is {SpecValues.Shorten(file)}, which is no plain path below the spec's folder.", file.StartsWith("./", StringComparison.Ordinal) ? $"Write `{SpecValues.Shorten(file[2..])}`." : null);
        return null;
    }

    private object? Size(SpecNode node, string path, SpecKey key)
    {
        string what = Unit(node, key, "a size such as 512Mi or 2Gi");
        long? size = Scalar(node, path, what, SpecValues.Size);
        if (size is null || size >= key.Least)
            return size;
        Add(Catalogue.SpecValue, node, path, FormattableString.Invariant($"`{path}` is {size} bytes; nothing runs in less than 16Mi."), $"Write {what}.");
        return null;
    }

    private static string Unit(SpecNode node, SpecKey key, string otherwise) =>
        node is SpecNode.Scalar scalar && SpecValues.Meant(key.Kind, scalar.Value) is { } meant && meant != scalar.Value ? $"`{meant}`" : otherwise;

    private double? InRange(SpecNode node, string path, SpecKey key, double? value)
    {
        if (value is null || (value >= key.Least && value <= key.Most))
            return value;
        Add(Catalogue.SpecValue, node, path, FormattableString.Invariant($"`{path}` is {value}."), FormattableString.Invariant($"Write a number from {key.Least} to {key.Most}."));
        return null;
    }

    private object? Numbers(SpecNode node, string path, string what, SpecKey key) =>
        List(node, path, what, (item, at) => InRange(item, at, key, Scalar(item, at, "a whole number", SpecValues.Integer)) is { } number ? (object)(long)number : null) is ImmutableArray<object> numbers
            ? numbers.Select(number => (long)number).ToImmutableArray()
            : null;

    private SpecLabels? Labels(SpecNode node, SpecKey key, string path)
    {
        switch (node)
        {
            case SpecNode.List:
                return List(node, path, "a list of names", (item, at) => Scalar(item, at, "a text", SpecValues.Text)) is ImmutableArray<string> names ? new(default, names) : null;
            case SpecNode.Map map when Map(node, key, path, (item, at) => Scalar(item, at, "a text", SpecValues.Text)) is not null:
                return new([.. map.Entries.Select(entry => ((SpecNode.Scalar)entry.Key).Value)], [.. map.Entries.Select(entry => ((SpecNode.Scalar)entry.Value).Value)]);
            case SpecNode.Map:
                return null;
            default:
                return (SpecLabels?)Wrong(node, path, "a list of names, or a map from raw value to name");
        }
    }

    private object? List<T>(SpecNode node, string path, string what, Func<SpecNode, string, T?> read) where T : class
    {
        if (node is not SpecNode.List list)
            return Wrong(node, path, what);
        ImmutableArray<T?> items = [.. list.Items.Select((item, index) => read(item, $"{path}[{index}]"))];
        return items.Contains(null) ? null : items.Select(item => item!).ToImmutableArray();
    }

    private ImmutableSortedDictionary<string, T>? Map<T>(SpecNode node, SpecKey key, string path, Func<SpecNode, string, T?> read) where T : class
    {
        if (node is not SpecNode.Map map)
        {
            Wrong(node, path, "an object of names");
            return null;
        }
        SortedDictionary<string, T?> items = new(StringComparer.Ordinal);
        foreach ((SpecNode name, SpecNode value) in map.Entries)
        {
            if (name is not SpecNode.Scalar { Value: { Length: > 0 } text })
            {
                Wrong(name, path, "a name");
                items.TryAdd("", null);
                continue;
            }
            if (key.Pattern is { } pattern && !Regex.IsMatch(text, $@"\A{pattern}\z", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)))
                BadName(name, key, Join(path, text), text);
            if (!items.TryAdd(text, read(value, Join(path, text))))
                Add(Catalogue.SpecDuplicate, name, Join(path, text), $"The key `{Join(path, text)}` stands twice.");
        }
        // Objects that read well are judged further; a list of labels or variables counts whole or not at all.
        return key.Kind != SpecKind.ObjectMap && items.ContainsValue(null) ? null
            : items.Where(item => item.Value is not null).ToImmutableSortedDictionary(item => item.Key, item => item.Value!, StringComparer.Ordinal);
    }

    private void BadName(SpecNode name, SpecKey key, string path, string text)
    {
        (string what, string fix) = (key.Kind, key.Pattern) switch
        {
            (SpecKind.ObjectMap, _) => ("an environment", $"Write at most {SpecKeys.LongestEnvironment} lower-case letters, digits and dashes, starting with a letter."),
            (_, SpecKeys.ResourcePattern) => ("a resource", "Write at most 127 letters, digits and `_.:/-`, starting with a letter, a digit or `_`."),
            (_, SpecKeys.LabelPattern) => ("a label", "Write at most 63 letters, digits and `_.-`, starting and ending with a letter or a digit; a domain and `/` may stand before it."),
            _ => ("a variable", "Write letters, digits and `_`, not starting with a digit."),
        };
        Add(Catalogue.SpecName, name, path, $"`{SpecValues.Shorten(text)}` is no name for {what}.", fix);
    }

    private T? Scalar<T>(SpecNode node, string path, string what, Func<SpecNode.Scalar, T?> read) where T : class
    {
        T? value = node is SpecNode.Scalar scalar ? read(scalar) : null;
        if (value is null)
            Wrong(node, path, what);
        return value;
    }

    private T? Scalar<T>(SpecNode node, string path, string what, Func<SpecNode.Scalar, T?> read) where T : struct
    {
        T? value = node is SpecNode.Scalar scalar ? read(scalar) : null;
        if (value is null)
            Wrong(node, path, what);
        return value;
    }

    private object? Wrong(SpecNode node, string path, string what)
    {
        string? found = node switch
        {
            SpecNode.Refused => null,
            SpecNode.Scalar { Value: "" } => "empty",
            SpecNode.Scalar { IsEmpty: true } scalar => $"`{scalar.Value}`, which means nothing",
            SpecNode.Scalar scalar => $"`{SpecValues.Shorten(scalar.Value)}`",
            SpecNode.List => "a list",
            _ => "an object",
        };
        if (found is not null)
            Add(Catalogue.SpecType, node, path, $"`{path}` is {found}.", $"Write {what}.");
        return null;
    }

    private void Add(ErrorDefinition definition, SpecNode node, string path, string detail, string? fix = null) =>
        Problems.Add(new(definition, detail, Field: path, Location: node.At, Fix: fix));

    private static string Join(string path, string name) => path.Length == 0 ? SpecValues.Shorten(name) : $"{path}.{SpecValues.Shorten(name)}";

    /// <summary>The nearest key here; else where else a key of that name stands, and all keys that are known here.</summary>
    private static string Suggestion(string text, string path, ImmutableArray<SpecKey> keys)
    {
        if (Spelling.Nearest(text, keys.Select(key => key.Name)) is { } near)
            return $"Write `{near}`.";
        IEnumerable<string> nested = SpecKeys.Root.Where(key => key.Name != "environments").SelectMany(key => key.Keys.Where(inner => inner.Name == text).Select(inner => $"`{key.Name}.{inner.Name}`"));
        string[] elsewhere = [.. SpecKeys.Root.Where(key => path.Length > 0 && key.Name == text).Select(key => $"`{key.Name}` of the whole spec"), .. nested];
        return elsewhere.Length > 0
            ? $"There is {string.Join(" and ", elsewhere)}; known here are {string.Join(", ", keys.Select(key => key.Name))}."
            : $"Known here are {string.Join(", ", keys.Select(key => key.Name))}.";
    }

    private static string Lower(string sentence) => sentence.Length == 0 || char.IsLower(sentence[0]) || sentence[0] == '`' ? sentence : char.ToLowerInvariant(sentence[0]) + sentence[1..];
}

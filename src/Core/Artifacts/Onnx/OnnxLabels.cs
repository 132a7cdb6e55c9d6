using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Raywright.Core.Contracts;

namespace Raywright.Core.Artifacts.Onnx;

/// <summary>Finds names of classes: in the metadata, in a classifier's attributes, in the table that a label is taken from.</summary>
internal static partial class OnnxLabels
{
    /// <summary>Where exporters put class names: Ultralytics, Hugging Face Optimum, Azure and Keras converters.</summary>
    private static readonly string[] MetadataKeys = ["names", "classes", "labels", "id2label", "class_names"];

    public static LabelSet? Find(OnnxModel model) => FromMetadata(model) ?? FromGraph(model);

    /// <summary>The keys of the maps that a ZipMap writes to <paramref name="output"/>, in their order.</summary>
    public static LabelSet? OfZipMap(OnnxModel model, string output)
    {
        OnnxNode? node = model.Nodes.FirstOrDefault(node => node.Operator == "ZipMap" && node.Outputs.Contains(output, StringComparer.Ordinal));
        if (node is null)
            return null;
        if (node.Strings.TryGetValue("classlabels_strings", out ImmutableArray<string> names))
            return new(names, names);
        if (!node.Integers.TryGetValue("classlabels_int64s", out ImmutableArray<long> numbers))
            return null;
        ImmutableArray<string> keys = [.. numbers.Select(number => number.ToString(CultureInfo.InvariantCulture))];
        return FromMetadata(model) is { } labels && labels.Keys.SequenceEqual(keys) ? labels : new(keys, keys);
    }

    private static LabelSet? FromGraph(OnnxModel model)
    {
        IEnumerable<ImmutableArray<string>> attributes = model.Nodes
            .Where(node => node.Operator != "ZipMap")
            .Select(node => node.Strings.GetValueOrDefault("classlabels_strings"))
            .Where(names => !names.IsDefaultOrEmpty);
        IEnumerable<ImmutableArray<string>> tables = model.Nodes
            .Where(node => node.Operator is "ArrayFeatureExtractor" or "Gather")
            .Select(node => node.Inputs.Length > 0 ? model.Texts.GetValueOrDefault(node.Inputs[0]) : default)
            .Where(names => !names.IsDefaultOrEmpty);
        ImmutableArray<string> found = attributes.Concat(tables).FirstOrDefault();
        return found.IsDefault ? null : new(found, found);
    }

    private static LabelSet? FromMetadata(OnnxModel model)
    {
        foreach (string key in MetadataKeys)
        {
            if (model.Metadata.TryGetValue(key, out string? text) && Parse(text) is { } labels)
                return labels;
        }
        return null;
    }

    /// <summary>A JSON list or map, or the same as Python prints it: <c>{0: 'person', 1: 'car'}</c>.</summary>
    internal static LabelSet? Parse(string text) => ParseJson(text) ?? ParseJson(FromPython(text));

    private static LabelSet? ParseJson(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            JsonElement root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Array && root.GetArrayLength() > 0 && root.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String))
                return LabelSet.List(root.EnumerateArray().Select(item => item.GetString()!));
            if (root.ValueKind != JsonValueKind.Object || !root.EnumerateObject().Any() || !root.EnumerateObject().All(item => item.Value.ValueKind == JsonValueKind.String))
                return null;
            return new([.. root.EnumerateObject().Select(item => item.Name)], [.. root.EnumerateObject().Select(item => item.Value.GetString()!)]);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string FromPython(string text) => NumberKey().Replace(text.Replace('\'', '"'), "${before}\"${number}\":");

    [GeneratedRegex(@"(?<before>[{,]\s*)(?<number>-?\d+)\s*:", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NumberKey();
}

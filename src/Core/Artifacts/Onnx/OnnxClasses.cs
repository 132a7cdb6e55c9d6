using System.Collections.Immutable;
using System.Globalization;
using Raywright.Core.Contracts;
using Raywright.Core.Tensors;

namespace Raywright.Core.Artifacts.Onnx;

/// <summary>
/// The classes of a model: from the metadata, from a classifier's attributes, from the table that a label is taken from.
/// </summary>
internal sealed class OnnxClasses
{
    /// <summary>Where exporters put class names: Ultralytics, Hugging Face Optimum, Azure and Keras converters.</summary>
    private static readonly string[] MetadataKeys = ["names", "classes", "labels", "id2label", "class_names"];

    private static readonly string[] NumberLists = ["classlabels_int64s", "classlabels_ints"];

    private readonly OnnxModel model;
    private readonly LabelSet? named;
    private readonly ImmutableArray<string> texts;
    private readonly ImmutableArray<string> numbers;

    private OnnxClasses(OnnxModel model)
    {
        this.model = model;
        named = MetadataKeys.Select(key => model.Metadata.TryGetValue(key, out string? text) ? LabelText.Parse(text) : null).FirstOrDefault(labels => labels is not null);
        texts = Texts(model);
        numbers = model.Nodes.Where(node => node.Operator != "ZipMap").Select(Numbers).FirstOrDefault(found => !found.IsDefaultOrEmpty, []);
    }

    public static OnnxClasses Of(OnnxModel model) => new(model);

    /// <summary>
    /// The classes that fit an output: a text output gives one name a row, an integer one a number that the metadata name, a
    /// float one a score a class. Numbers that merely count from 0 say nothing and are left out.
    /// </summary>
    public LabelSet? For(DataType type, ImmutableArray<long> shape)
    {
        bool single = shape is [_] or [_, 1];
        if (type == DataType.String)
            return !single || Names is not { } names ? null : new LabelSet(names, names);
        if (type.IsInteger)
            return single ? named : null;
        return type.IsFloat && shape is [_, .., > 1 and var width] && Scores(width) is { } scores ? scores : null;
    }

    /// <summary>The keys of the maps that a ZipMap writes to <paramref name="output"/>, in their order.</summary>
    public LabelSet? OfZipMap(string output)
    {
        OnnxNode? node = model.Nodes.FirstOrDefault(node => node.Operator == "ZipMap" && node.Outputs.Contains(output, StringComparer.Ordinal));
        if (node is null)
            return null;
        if (node.Strings.TryGetValue("classlabels_strings", out ImmutableArray<string> names))
            return new(names, names);
        ImmutableArray<string> keys = Numbers(node);
        if (keys.IsDefaultOrEmpty)
            return null;
        return named is not null && named.Keys.SequenceEqual(keys) ? named : new(keys, keys);
    }

    private ImmutableArray<string>? Names => named?.Names ?? (texts.IsEmpty ? null : texts);

    private LabelSet? Scores(long width)
    {
        LabelSet?[] candidates =
        [
            named,
            texts.IsEmpty ? null : new LabelSet(texts, texts),
            numbers.IsEmpty ? null : new LabelSet(numbers, numbers),
        ];
        return candidates.FirstOrDefault(labels => labels?.Names.Length == width && !(labels.IsList && labels.Names.SequenceEqual(labels.Keys)));
    }

    private static ImmutableArray<string> Texts(OnnxModel model)
    {
        IEnumerable<ImmutableArray<string>> attributes = model.Nodes
            .Where(node => node.Operator != "ZipMap")
            .Select(node => node.Strings.GetValueOrDefault("classlabels_strings"));
        IEnumerable<ImmutableArray<string>> tables = model.Nodes
            .Where(node => node.Operator is "ArrayFeatureExtractor" or "Gather")
            .Select(node => node.Inputs.Length > 0 ? model.Texts.GetValueOrDefault(node.Inputs[0]) : default);
        return attributes.Concat(tables).FirstOrDefault(found => !found.IsDefaultOrEmpty, []);
    }

    private static ImmutableArray<string> Numbers(OnnxNode node) =>
        NumberLists.Select(name => node.Integers.GetValueOrDefault(name)).FirstOrDefault(list => !list.IsDefaultOrEmpty) is { IsDefault: false } found
            ? [.. found.Select(number => number.ToString(CultureInfo.InvariantCulture))]
            : default;
}

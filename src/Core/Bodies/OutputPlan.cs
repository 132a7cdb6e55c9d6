using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using Raywright.Core.Contracts;
using Raywright.Core.Tensors;

namespace Raywright.Core.Bodies;

/// <summary>What is known about an output before any answer: its name and its classes, encoded.</summary>
internal sealed class OutputPlan
{
    private readonly FrozenDictionary<string, JsonEncodedText>? byKey;
    private readonly FrozenDictionary<long, JsonEncodedText>? byNumber;

    public OutputPlan(OutputField declared)
    {
        Declared = declared;
        Name = JsonEncodedText.Encode(declared.Name);
        if (declared.Labels is not { } labels)
            return;
        Classes = [.. labels.Names.Select(name => JsonEncodedText.Encode(name))];
        IsScore = declared.Type.IsFloat && declared.Shape is [_, .., var last] && last == labels.Names.Length;
        IsClass = !IsScore && !declared.Type.IsFloat;
        IEnumerable<(string Key, JsonEncodedText Name)> pairs = labels.Keys.Zip(Classes);
        byKey = pairs.ToFrozenDictionary(pair => pair.Key, pair => pair.Name, StringComparer.Ordinal);
        byNumber = pairs.Where(pair => long.TryParse(pair.Key, CultureInfo.InvariantCulture, out _))
            .ToFrozenDictionary(pair => long.Parse(pair.Key, CultureInfo.InvariantCulture), pair => pair.Name);
    }

    public OutputField Declared { get; }

    public JsonEncodedText Name { get; }

    public JsonEncodedText[] Classes { get; } = [];

    /// <summary>Whether its last dimension holds one number a class.</summary>
    public bool IsScore { get; }

    /// <summary>Whether each element names a class.</summary>
    public bool IsClass { get; }

    /// <summary>Name of the class of one element; null where the model answered a class that has none.</summary>
    public JsonEncodedText? ClassOf(Tensor tensor, int index)
    {
        if (tensor.Type == DataType.String)
            return byKey!.TryGetValue(tensor.Texts[index] ?? "", out JsonEncodedText text) ? text : null;
        return byNumber!.TryGetValue(Elements.Integer(tensor, index), out JsonEncodedText name) ? name : null;
    }
}

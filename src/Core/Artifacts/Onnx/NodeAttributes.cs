using System.Collections.Immutable;

namespace Raywright.Core.Artifacts.Onnx;

/// <summary>The attributes of one node that say something about classes and locale; tensors and subgraphs are handed on.</summary>
internal sealed class NodeAttributes
{
    public ImmutableDictionary<string, ImmutableArray<string>>.Builder Strings { get; } = ImmutableDictionary.CreateBuilder<string, ImmutableArray<string>>(StringComparer.Ordinal);

    public ImmutableDictionary<string, ImmutableArray<long>>.Builder Integers { get; } = ImmutableDictionary.CreateBuilder<string, ImmutableArray<long>>(StringComparer.Ordinal);

    public ImmutableDictionary<string, string>.Builder Texts { get; } = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);

    public void Read(ProtoReader reader, Action<ProtoReader> tensor, Action<ProtoReader> graph)
    {
        string name = "";
        string? text = null;
        List<string> strings = [];
        List<long> integers = [];
        reader.Message(field =>
        {
            switch (field.Field)
            {
                case 1: name = field.Text(); break;
                case 4: text = field.Text(); break;
                case 5 or 10: tensor(field); break;
                case 6 or 11: graph(field); break;
                case 8: field.Ints(integers); break;
                case 9: strings.Add(field.Text()); break;
                default: field.Skip(); break;
            }
        });
        if (text is not null)
            Texts[name] = text;
        // Trees keep millions of integers in their attributes; only the class labels matter here.
        if (strings.Count > 0 && name.StartsWith("classlabels", StringComparison.Ordinal))
            Strings[name] = [.. strings];
        if (integers.Count > 0 && name.StartsWith("classlabels", StringComparison.Ordinal))
            Integers[name] = [.. integers];
    }
}

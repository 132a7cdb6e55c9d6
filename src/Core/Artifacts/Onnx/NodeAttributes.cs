using System.Collections.Immutable;

namespace Raywright.Core.Artifacts.Onnx;

/// <summary>The attributes of one node that say something about classes and locale; tensors and subgraphs are handed on.</summary>
internal sealed class NodeAttributes
{
    private const int MostClasses = 100_000;
    private const int LongestText = 1000;

    public ImmutableDictionary<string, ImmutableArray<string>> Strings { get; private set; } = ImmutableDictionary<string, ImmutableArray<string>>.Empty;

    public ImmutableDictionary<string, ImmutableArray<long>> Integers { get; private set; } = ImmutableDictionary<string, ImmutableArray<long>>.Empty;

    public ImmutableDictionary<string, string> Texts { get; private set; } = ImmutableDictionary<string, string>.Empty;

    public void Read(ProtoReader reader, Action<ProtoReader> tensor, Action<ProtoReader> graph)
    {
        string name = "";
        string? text = null;
        List<string> strings = [];
        List<long> integers = [];
        // Trees keep millions of numbers and words in their attributes; only the class labels matter here. Writers put the
        // name first; where one does not, nothing is dropped that may matter.
        bool Wanted() => name.Length == 0 || name.StartsWith("classlabels", StringComparison.Ordinal);
        reader.Message(field =>
        {
            switch (field.Field)
            {
                case 1: name = field.Text(); break;
                case 4: text = field.Text(); break;
                case 5 or 10: tensor(field); break;
                case 6 or 11: graph(field); break;
                case 8 when Wanted(): field.Ints(integers, MostClasses); break;
                case 9 when Wanted() && strings.Count < MostClasses: strings.Add(field.Text()); break;
                default: field.Skip(); break;
            }
        });
        if (text is { Length: <= LongestText })
            Texts = Texts.SetItem(name, text);
        if (strings.Count > 0 && Wanted())
            Strings = Strings.SetItem(name, [.. strings]);
        if (integers.Count > 0 && Wanted())
            Integers = Integers.SetItem(name, [.. integers]);
    }
}

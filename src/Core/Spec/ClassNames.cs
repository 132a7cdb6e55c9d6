using Raywright.Core.Contracts;
using Raywright.Core.Tensors;

namespace Raywright.Core.Spec;

/// <summary>
/// The rule by which scores get the names of the classes, so that a spec writes them once:
/// where the outputs of a contract that have labels all share one set, a float output takes that set too if its last dimension
/// has as many elements, and it has no labels or only the raw values as labels (as a ZipMap of an ONNX graph gives them).
/// </summary>
public static class ClassNames
{
    public static Contract Spread(Contract contract)
    {
        LabelSet[] sets = [.. contract.Outputs.Select(output => output.Labels).OfType<LabelSet>().Where(set => !IsRaw(set)).Distinct()];
        if (sets is not [var only])
            return contract;
        return contract with { Outputs = [.. contract.Outputs.Select(output => Takes(output, only) ? output with { Labels = only } : output)] };
    }

    private static bool Takes(OutputField output, LabelSet set) =>
        output.Type.IsFloat && output.Shape is [_, .., var last] && last == set.Names.Length && last > 1
        && (output.Labels is null || (IsRaw(output.Labels) && output.Labels.Keys.SequenceEqual(set.Keys)));

    private static bool IsRaw(LabelSet set) => set.Keys.SequenceEqual(set.Names) && set.Keys.All(key => key.All(character => char.IsAsciiDigit(character) || character == '-'));
}

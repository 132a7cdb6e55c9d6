using System.Globalization;
using Raywright.Core.Contracts;
using Raywright.Core.Errors;
using Raywright.Core.Tensors;

namespace Raywright.Core.Bodies;

/// <summary>Whether a model kept its contract. What it answered is not the caller's fault, so these are 500s.</summary>
public static class OutputCheck
{
    /// <param name="contract">The contract.</param>
    /// <param name="outputs">One tensor an output, in the contract's order.</param>
    /// <param name="rows">Rows that were asked for, where the contract is batched.</param>
    public static Problem? Of(Contract contract, Tensor[] outputs, long rows)
    {
        if (contract.PassThrough)
            return null;
        if (outputs.Length != contract.Outputs.Length)
            return new(Catalogue.OutputShape, $"The model gave {outputs.Length} outputs instead of {contract.Outputs.Length}.");
        for (int index = 0; index < outputs.Length; index++)
        {
            OutputField declared = contract.Outputs[index];
            if (Shape(declared, outputs[index], contract.Batched ? rows : -1) is { } wrong)
                return wrong;
            if (!declared.Nullable && NotFinite(outputs[index]) is { } at and >= 0)
            {
                long row = at / Math.Max(1, outputs[index].Count / Math.Max(1, outputs[index].Rows));
                return new(Catalogue.OutputNotFinite, string.Create(CultureInfo.InvariantCulture, $"{declared.Name} is NaN or infinite in row {row}."), Field: $"outputs.{declared.Name}[{row}]");
            }
        }
        return null;
    }

    private static Problem? Shape(OutputField declared, Tensor tensor, long rows)
    {
        bool fits = tensor.Type == declared.Type && tensor.Rank == declared.Shape.Length;
        for (int dimension = 0; fits && dimension < tensor.Rank; dimension++)
            fits = declared.Shape[dimension] == -1 || declared.Shape[dimension] == tensor.Shape[dimension];
        if (fits && (rows < 0 || tensor.Rank == 0 || tensor.Shape[0] == rows))
            return null;
        string wanted = NestedReader.Describe(rows >= 0 && declared.Shape.Length > 0 ? [rows, .. declared.Shape.Skip(1)] : declared.Shape.AsSpan());
        return new(Catalogue.OutputShape,
            $"{declared.Name} is {tensor.Type.Name} {NestedReader.Describe(tensor.Shape)}; the contract says {declared.Type.Name} {wanted}.",
            Field: $"outputs.{declared.Name}");
    }

    /// <summary>Index of the first element that is no finite number; -1 where all are.</summary>
    private static int NotFinite(Tensor tensor) => tensor.Type switch
    {
        DataType.Float32 => IndexOfNotFinite<float>(tensor.Values<float>()),
        DataType.Float64 => IndexOfNotFinite<double>(tensor.Values<double>()),
        DataType.Float16 => IndexOfNotFinite<Half>(tensor.Values<Half>()),
        _ => -1,
    };

    private static int IndexOfNotFinite<T>(ReadOnlySpan<T> values) where T : unmanaged, System.Numerics.INumberBase<T>
    {
        for (int index = 0; index < values.Length; index++)
        {
            if (!T.IsFinite(values[index]))
                return index;
        }
        return -1;
    }
}

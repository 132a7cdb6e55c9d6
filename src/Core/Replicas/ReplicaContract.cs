using System.Collections.Immutable;
using Raywright.Core.Contracts;
using Raywright.Core.Tensors;

namespace Raywright.Core.Replicas;

/// <summary>A contract as the runtime reads it (docs/reference/replica-protocol.md).</summary>
public sealed record ReplicaContract(ImmutableArray<ReplicaField> Inputs, ImmutableArray<ReplicaField> Outputs)
{
    public static ReplicaContract Of(Contract contract) => new(
        [.. contract.Inputs.Select(input => new ReplicaField(input.Name, input.Type, input.Shape, input.Columns.IsEmpty ? null : input.Columns, input.Nullable, input.Optional))],
        [.. contract.Outputs.Select(output => new ReplicaField(output.Name, output.Type, output.Shape, null, output.Nullable, Labels: output.Labels))]);

    public Contract ToContract() => new(
        [.. Inputs.Select(input => new InputField(input.Name, input.Type, input.Shape, input.Columns ?? [], Nullable: input.Nullable, Optional: input.Optional))],
        [.. Outputs.Select(output => new OutputField(output.Name, output.Type, output.Shape, output.Labels, output.Nullable))]);
}

/// <summary>One input or output; what is checked before a call is not repeated here.</summary>
public sealed record ReplicaField(
    string Name, DataType Type, ImmutableArray<long> Shape, ImmutableArray<string>? Columns = null, bool Nullable = false, bool Optional = false, LabelSet? Labels = null);

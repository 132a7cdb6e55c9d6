using System.Collections.Immutable;
using Raywright.Core.Contracts;
using Raywright.Core.Errors;
using Raywright.Core.Spec;
using Raywright.Core.Tensors;

namespace Raywright.Core.Initialization;

/// <summary>What <c>init</c> has found out so far.</summary>
internal sealed class InitDraft(Contract contract)
{
    public Contract Contract { get; set; } = contract;

    /// <summary>Files of the version beside the artifact.</summary>
    public ImmutableArray<string> Files { get; set; } = [];

    /// <summary>How Python runs it; null where nothing differs from the default.</summary>
    public RuntimeConfig? Runtime { get; set; }

    /// <summary>What has to be said about the outputs; null for nothing.</summary>
    public string? Comment { get; private set; }

    public string? CasesPath { get; set; }

    /// <summary>Lines to be written; null where the file lies there.</summary>
    public List<string>? Cases { get; set; }

    public int CaseCount { get; set; }

    public QualityConfig? Quality { get; set; }

    /// <summary>The same model in another form, which the spec has compared.</summary>
    public string? Parity { get; set; }

    public List<string> Notes { get; } = [];

    public List<Problem> Warnings { get; } = [];

    /// <summary>Names the classes of every output that they fit.</summary>
    public void Name(ClassNames names)
    {
        LabelSet labels = names.Labels;
        OutputField? judged = ClassNames.JudgedOutput(Contract);
        Contract = Contract with
        {
            Outputs = [.. Contract.Outputs.Select(output =>
                output == judged || IsScoreOf(output, labels) ? output with { Labels = labels } : output)],
        };
        Comment = names.Remark;
        Notes.Add(names.Remark);
    }

    private static bool IsScoreOf(OutputField output, LabelSet labels) =>
        output.Type.IsFloat && output.Shape is [_, var width] && width == labels.Names.Length && (output.Labels is null || output.Labels.Keys.SequenceEqual(labels.Keys));
}

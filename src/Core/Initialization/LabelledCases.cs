using System.Collections.Immutable;
using Raywright.Core.Artifacts;
using Raywright.Core.Bodies;
using Raywright.Core.Cases;
using Raywright.Core.Contracts;
using Raywright.Core.Errors;
using Raywright.Core.Tensors;

namespace Raywright.Core.Initialization;

/// <summary>Cases from the rows of a data file: with the truth where there is one, checked against the model where it can be asked.</summary>
internal sealed class LabelledCases(ModelTrial? trial, string folder, ArtifactDescription artifact)
{
    public const string Path = "tests/cases.jsonl";

    public async Task WriteAsync(InitDraft draft, DataSample data, CancellationToken cancellation)
    {
        if (draft.Contract.Inputs.FirstOrDefault(input => input.Shape is not [-1 or 1, ..]) is { } stuck)
        {
            draft.Notes.Add($"No cases were taken from {data.File}: {stuck.Name} does not take single rows.");
            return;
        }
        ImmutableArray<string> bodies = [.. data.Rows.Select(row => CaseText.Body(draft.Contract, data.Columns, row))];
        ImmutableArray<Tensor[]?> answers = await AskAsync(draft, bodies, cancellation).ConfigureAwait(false);
        int? target = data.Columns.Target;
        if (target is { } column)
            Judge(draft, data, column, answers);
        bool asText = draft.Contract.Outputs.Any(output => output.Type == DataType.String || output.Labels is not null);
        draft.Cases = [.. bodies.Select((body, index) => CaseText.Labelled(body, target is { } truth ? data.Rows[index].Fields[truth].Trim() : null, asText))];
        draft.CasesPath = Path;
        draft.CaseCount = draft.Cases.Count;
        draft.Notes.Add($"{draft.CaseCount} of {data.Count} rows of {data.File} became cases in {Path}.");
        foreach (Tensor tensor in answers.OfType<Tensor[]>().SelectMany(outputs => outputs))
            tensor.Dispose();
    }

    private async Task<ImmutableArray<Tensor[]?>> AskAsync(InitDraft draft, ImmutableArray<string> bodies, CancellationToken cancellation)
    {
        if (trial is null || bodies.IsEmpty)
            return [.. bodies.Select(_ => (Tensor[]?)null)];
        Result<ImmutableArray<Result<Tensor[]>>> run = await trial(folder, artifact, draft.Contract, bodies, cancellation).ConfigureAwait(false);
        if (!run.Ok)
        {
            draft.Warnings.AddRange(run.Problems);
            return [.. bodies.Select(_ => (Tensor[]?)null)];
        }
        if (run.Value.FirstOrDefault(answer => !answer.Ok) is { Ok: false } failed)
            draft.Warnings.AddRange(failed.Problems);
        return [.. run.Value.Select(answer => answer.Ok ? answer.Value : null)];
    }

    /// <summary>Compares answers with truths: names the classes, and proposes a bar.</summary>
    private static void Judge(InitDraft draft, DataSample data, int target, ImmutableArray<Tensor[]?> answers)
    {
        (Tensor[] Outputs, string Truth)[] answered = [.. answers
            .Select((outputs, index) => (Outputs: outputs, Truth: data.Rows[index].Fields[target].Trim()))
            .Where(pair => pair.Outputs is not null).Select(pair => (pair.Outputs!, pair.Truth))];
        if (ClassNames.JudgedOutput(draft.Contract) is { } judged)
        {
            int output = draft.Contract.Outputs.IndexOf(judged);
            Judgement[] judgements = [.. answered.Select(pair => new Judgement(Class(pair.Outputs[output]), pair.Truth))];
            if (ClassNames.Find(draft.Contract, data.Truths.Select(truth => truth.Trim()), judgements) is { } names)
                draft.Name(names);
        }
        Predictions predictions = new(draft.Contract);
        (string, string)[] pairs = [.. answered
            .Select(pair => (Predicted: predictions.Of(pair.Outputs), pair.Truth))
            .Where(pair => pair.Predicted is [[_]])
            .Select(pair => (pair.Predicted[0][0], pair.Truth))];
        draft.Quality = QualityProposal.Of(draft.Contract, pairs);
    }

    /// <summary>The class of a one-row answer: the number itself, or the place of the highest score.</summary>
    private static long Class(Tensor output) => output.Type.IsInteger
        ? Elements.Integer(output, 0)
        : Enumerable.Range(0, (int)output.Count).MaxBy(index => Elements.Number(output, index));
}

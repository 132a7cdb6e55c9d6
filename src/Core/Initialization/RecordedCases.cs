using System.Collections.Immutable;
using System.Text;
using Raywright.Core.Artifacts;
using Raywright.Core.Bodies;
using Raywright.Core.Errors;
using Raywright.Core.Tensors;

namespace Raywright.Core.Initialization;

/// <summary>Cases with made-up inputs and the model's own answers: all there is without data. They are no evidence for production.</summary>
internal sealed class RecordedCases(ModelTrial? trial, string folder, ArtifactDescription artifact)
{
    private const int Wanted = 5;

    public async Task WriteAsync(InitDraft draft, Random random, CancellationToken cancellation)
    {
        // Where nothing says what it takes, any question would be nonsense.
        if (draft.Contract.PassThrough)
            return;
        ImmutableArray<string> bodies = [.. Enumerable.Range(0, Wanted).Select(index => Encoding.UTF8.GetString(SampleInputs.Body(draft.Contract, index == 0 ? null : random))).Distinct()];
        draft.Cases = [];
        draft.CasesPath = LabelledCases.Path;
        if (trial is null)
        {
            draft.Cases.AddRange(bodies.Select(body => CaseText.Recorded(body, draft.Contract, null)));
            draft.Notes.Add($"Made-up questions became cases in {LabelledCases.Path}: {bodies.Length}. The model was not asked.");
        }
        else
        {
            await AskAsync(draft, bodies, trial, cancellation).ConfigureAwait(false);
        }
        draft.CaseCount = draft.Cases.Count;
        if (draft.CaseCount == 0)
            (draft.Cases, draft.CasesPath) = (null, null);
    }

    private async Task AskAsync(InitDraft draft, ImmutableArray<string> bodies, ModelTrial ask, CancellationToken cancellation)
    {
        Result<ImmutableArray<Result<Tensor[]>>> run = await ask(folder, artifact, draft.Contract, bodies, cancellation).ConfigureAwait(false);
        if (!run.Ok)
        {
            draft.Warnings.AddRange(run.Problems);
            return;
        }
        foreach ((string body, Result<Tensor[]> answer) in bodies.Zip(run.Value))
        {
            if (!answer.Ok)
            {
                // Made-up inputs may be nonsense to the model; one such answer is worth telling, not five.
                draft.Warnings.AddRange(draft.Warnings.Count == 0 ? answer.Problems : []);
                continue;
            }
            if (OutputCheck.Of(draft.Contract, answer.Value, 1) is { } misfit)
                draft.Warnings.AddRange(draft.Warnings.Count == 0 ? [misfit] : []);
            else
                draft.Cases!.Add(CaseText.Recorded(body, draft.Contract, answer.Value));
            foreach (Tensor tensor in answer.Value)
                tensor.Dispose();
        }
        if (draft.Cases!.Count > 0)
            draft.Notes.Add($"Answers of the model itself became cases in {LabelledCases.Path}: {draft.Cases.Count}. Give --data rows.csv --target COLUMN for cases with the truth: production accepts only these.");
    }
}

using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Raywright.Core.Artifacts;
using Raywright.Core.Cases;
using Raywright.Core.Errors;
using Raywright.Core.Scanning;
using Raywright.Core.Tensors;

namespace Raywright.Core.Initialization;

/// <summary>Asks a graph and the form that it was made from the inputs of the cases; what can be compared here goes into the spec.</summary>
internal sealed class ParityDraft(ModelTrial trial, string folder, ArtifactDescription artifact)
{
    /// <summary>Enough to see a wrong conversion; a deploy asks all.</summary>
    private const int MostAsked = 500;

    public async Task CompareAsync(InitDraft draft, string twin, CancellationToken cancellation)
    {
        ImmutableArray<string> bodies = Bodies(draft);
        if (bodies.IsEmpty)
            return;
        Result<Parity> compared = await CompareAsync(draft, twin, bodies, cancellation).ConfigureAwait(false);
        if (!compared.Ok)
        {
            draft.Notes.Add($"{twin} was not compared: {compared.Problems[0].Detail}");
            return;
        }
        Parity parity = compared.Value;
        draft.Parity = twin;
        draft.Notes.Add(parity.Differing == 0
            ? $"{twin} answers the same: {parity.Summary}."
            : $"{twin} answers differently: {parity.Rows - parity.Differing} of {parity.Rows} rows agree, largest difference {Parity.Number(parity.Largest)}. `raywright test` names the rows.");
    }

    private async Task<Result<Parity>> CompareAsync(InitDraft draft, string twin, ImmutableArray<string> bodies, CancellationToken cancellation)
    {
        Result<ArtifactDescription> other = ArtifactReader.Read(folder, twin);
        if (!other.Ok)
            return other.Problems;
        // Read before it is loaded, even in a child that could do little.
        ScanReport scanned = ArtifactScanner.Scan(folder, [other.Value.Path, .. other.Value.Companions], null, cancellation);
        if (!scanned.Refusals.IsEmpty)
            return scanned.Refusals;
        // A copy that needs a person's word is not worth the question.
        if (scanned.Unvouched.FirstOrDefault() is { } foreign)
            return foreign.NotVouchedFor();
        // With what is installed here: to compare is no reason to install anything.
        ArtifactDescription here = other.Value with { Python = other.Value.Python! with { Libraries = ImmutableSortedDictionary<string, string>.Empty } };
        Result<ImmutableArray<Result<Tensor[]>>> ours = await trial(folder, artifact, draft.Contract, bodies, cancellation).ConfigureAwait(false);
        if (!ours.Ok)
            return ours.Problems;
        try
        {
            Result<ImmutableArray<Result<Tensor[]>>> theirs = await trial(folder, here, draft.Contract, bodies, cancellation).ConfigureAwait(false);
            if (!theirs.Ok)
                return theirs.Problems;
            Parity parity = new(draft.Contract);
            foreach ((Result<Tensor[]> one, Result<Tensor[]> another) in ours.Value.Zip(theirs.Value))
                parity.Add(one, another);
            Dispose(theirs.Value);
            draft.Warnings.AddRange(scanned.Warnings);
            return parity;
        }
        finally
        {
            Dispose(ours.Value);
        }
    }

    private ImmutableArray<string> Bodies(InitDraft draft) => draft.Cases is { } lines
        ? [.. lines.Take(MostAsked).Select(Body)]
        : draft.CasesPath is null ? [] : [.. ExistingCases.In(folder)?.Cases.Take(MostAsked).Select(one => Encoding.UTF8.GetString(one.Body.Span)) ?? []];

    private static string Body(string line)
    {
        using JsonDocument document = JsonDocument.Parse(line);
        return $$"""{"inputs":{{document.RootElement.GetProperty("inputs").GetRawText()}}}""";
    }

    private static void Dispose(ImmutableArray<Result<Tensor[]>> answers)
    {
        foreach (Tensor tensor in answers.Where(answer => answer.Ok).SelectMany(answer => answer.Value))
            tensor.Dispose();
    }
}

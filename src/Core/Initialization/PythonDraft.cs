using Raywright.Core.Artifacts;
using Raywright.Core.Artifacts.Python;
using Raywright.Core.Contracts;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Core.Probing;
using Raywright.Core.Scanning;
using Raywright.Core.Spec;

namespace Raywright.Core.Initialization;

/// <summary>What <c>init</c> finds out about a Python model: what belongs to it, and what it takes and gives.</summary>
internal sealed class PythonDraft(ModelDescriber? describe, FileVoucher? vouch)
{
    /// <summary>The artifact with everything that a trial needs to know; the draft gets contract, files and runtime.</summary>
    public async Task<Result<ArtifactDescription>> DescribeAsync(InitDraft draft, string folder, ArtifactDescription artifact, CancellationToken cancellation)
    {
        // Read before it is loaded, even in a child that could do little.
        ScanReport scanned = ArtifactScanner.Scan(folder, artifact.Companions.IsEmpty ? [artifact.Path] : artifact.Companions, null, cancellation);
        if (!scanned.Refusals.IsEmpty)
            return scanned.Refusals;
        foreach (ScannedFile file in scanned.Unvouched)
        {
            if ((vouch is null ? file.NotVouchedFor() : vouch(folder, file)) is { } refusal)
                return refusal;
        }
        draft.Warnings.AddRange(scanned.Warnings);
        PythonFolder beside = PythonFolder.Read(folder, artifact, [.. scanned.Unvouched.SelectMany(file => file.Unknown)]);
        draft.Files = beside.Files;
        if (!beside.LeftOut.IsEmpty && beside.Python.Code is { } code)
            draft.Notes.Add($"{code} does not name {string.Join(", ", beside.LeftOut.Take(5))}{(beside.LeftOut.Length > 5 ? $" and {beside.LeftOut.Length - 5} more" : "")}: not part of the version. `files` in the spec says otherwise.");
        PythonConfig python = beside.Python;
        string? lent = python.Flavour == PythonFlavour.Class ? null : python.Code;
        if (lent is not null)
            draft.Notes.Add($"{lent} has what the file looks for in the script that saved it, and is run whenever the model is loaded.");
        if (python.Requirements is not null || lent is not null)
            draft.Runtime = new RuntimeConfig(Code: lent, Requirements: python.Requirements, Wheels: python.Wheels);
        ArtifactDescription complete = artifact with { Python = python };
        ExistingCases? cases = ExistingCases.In(folder);
        Contract contract = Contract.None;
        if (describe is not null)
        {
            Result<ModelDescription> said = await describe(folder, complete, cancellation).ConfigureAwait(false);
            if (!said.Ok)
                return said.Problems;
            contract = said.Value.Contract;
            draft.Notes.AddRange(said.Value.Notes);
            draft.Warnings.AddRange(LibraryVersions.Mismatches(python.Libraries, said.Value.Versions));
        }
        else if (python.Flavour != PythonFlavour.Class)
        {
            draft.Warnings.Add(new(Catalogue.ProbeUnavailable, "What the model takes and gives could not be asked here; the spec says `contract: none`."));
        }
        draft.Contract = Named(draft, contract, cases);
        return complete;
    }

    private static Contract Named(InitDraft draft, Contract contract, ExistingCases? cases)
    {
        if (!contract.PassThrough)
            return cases is null ? contract : CaseContract.Rename(contract, cases.Cases);
        if (cases is not null && CaseContract.Infer(cases.Cases) is { } inferred)
        {
            draft.Notes.Add($"Inputs and outputs were read from {cases.Path}; check them.");
            return inferred;
        }
        draft.Notes.Add("Nothing says what the model takes and gives, so JSON passes through unchecked; `inputs` and `outputs` in the spec change that, and let requests travel together.");
        return Contract.None;
    }
}

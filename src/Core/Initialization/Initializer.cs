using System.Collections.Immutable;
using Raywright.Core.Artifacts;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Core.Spec;

namespace Raywright.Core.Initialization;

/// <summary>
/// What <c>raywright init</c> does: reads a model file, and data where there are some, and drafts the spec and the cases that a
/// person would otherwise write. Nothing is written, and the model runs only through the trial.
/// </summary>
/// <param name="trial">Asks the model; null where it cannot be run here.</param>
/// <param name="describe">Lets a Python model say what it takes and gives; null where it cannot be run here.</param>
/// <param name="vouch">Asked about files that import code which is on no list; null refuses them.</param>
public sealed class Initializer(ModelTrial? trial = null, ModelDescriber? describe = null, FileVoucher? vouch = null)
{
    private const int MostListed = 5;

    public async Task<Result<InitResult>> RunAsync(InitRequest request, CancellationToken cancellation)
    {
        Result<ModelLocation> found = ModelLocation.Find(request.Path, request.Source);
        if (!found.Ok)
            return found.Problems;
        ModelLocation location = found.Value;
        if (!request.Force && File.Exists(Path.Combine(location.Folder, SpecReader.FileName)))
            return SpecFile.Exists();
        string name = request.Model ?? ModelName.Of(location.Folder, location.Source);
        if (!SpecRules.IsModelName(name))
            return new Problem(Catalogue.SpecName, $"`{name}` is no name for a model.", Field: "model");
        Result<ArtifactDescription> artifact = ArtifactReader.Read(location.Folder, location.Source);
        if (!artifact.Ok)
            return artifact.Problems;
        InitDraft start = new(artifact.Value.Contract);
        Result<ArtifactDescription> described = artifact.Value.Python is null
            ? artifact
            : await new PythonDraft(describe, vouch).DescribeAsync(start, location.Folder, artifact.Value, cancellation).ConfigureAwait(false);
        if (!described.Ok)
            return described.Problems;
        Result<InitDraft> draft = await DraftAsync(start, request, location, described.Value, cancellation).ConfigureAwait(false);
        return draft.Ok ? Finish(name, location, artifact.Value, draft.Value) : draft.Problems;
    }

    private async Task<Result<InitDraft>> DraftAsync(InitDraft draft, InitRequest request, ModelLocation location, ArtifactDescription artifact, CancellationToken cancellation)
    {
        Random random = new(request.Seed);
        if (!location.Others.IsEmpty)
            draft.Notes.Add($"{location.Source} was taken. Beside it: {Listed(location.Others)}; --source picks another.");
        draft.Warnings.AddRange(artifact.Warnings);
        DataSample? data = null;
        if (request.Data is not null)
        {
            Result<DataSample> read = DataSample.Read(request.Data, request.Target, draft.Contract, random);
            if (!read.Ok)
                return read.Problems;
            data = read.Value;
            draft.Contract = DescribedContract.Of(draft.Contract, data);
            if (!data.Columns.Unused.IsEmpty)
                draft.Notes.Add($"The model takes nothing from {string.Join(", ", data.Columns.Unused)}.");
        }
        if (ExistingCases.In(location.Folder) is { } cases && !(data is not null && cases.OnlyRecorded))
            Adopt(draft, cases, data);
        else if (data is not null)
            await new LabelledCases(trial, location.Folder, artifact).WriteAsync(draft, data, cancellation).ConfigureAwait(false);
        else
            await new RecordedCases(trial, location.Folder, artifact).WriteAsync(draft, random, cancellation).ConfigureAwait(false);
        if (trial is not null && artifact.Runtime == RuntimeKind.Onnx && location.Twin is { } twin)
            await new ParityDraft(trial, location.Folder, artifact).CompareAsync(draft, twin, cancellation).ConfigureAwait(false);
        return draft;
    }

    /// <summary>A cases file that lies there stays as it is; what it tells about the contract goes into the spec.</summary>
    private static void Adopt(InitDraft draft, ExistingCases cases, DataSample? data)
    {
        draft.Contract = cases.Describe(draft.Contract);
        if (ClassNames.Find(draft.Contract, [.. cases.Truths, .. data?.Truths ?? []], cases.Judgements(draft.Contract)) is { } names)
            draft.Name(names);
        draft.CasesPath = cases.Path;
        draft.CaseCount = cases.Cases.Count;
        draft.Warnings.AddRange(cases.Problems);
        draft.Notes.Add($"{cases.Path} lies there and is used: {cases.Cases.Count} cases.");
    }

    private static string Listed(ImmutableArray<string> names) =>
        names.Length <= MostListed ? string.Join(", ", names) : $"{string.Join(", ", names.Take(MostListed))} and {names.Length - MostListed} more";

    private static InitResult Finish(string name, ModelLocation location, ArtifactDescription artifact, InitDraft draft)
    {
        string spec = SpecWriter.Write(new(name, artifact.Path, TaskHint.Of(draft.Contract), draft.Contract, draft.CasesPath, draft.Quality, draft.Comment, draft.Files, draft.Runtime, draft.Parity));
        return new(
            location.Folder,
            name,
            artifact.Path,
            draft.Contract,
            spec,
            draft.CasesPath,
            draft.Cases is null ? null : string.Concat(draft.Cases.Select(line => line + "\n")),
            draft.CaseCount,
            [.. draft.Notes],
            [.. draft.Warnings]);
    }
}

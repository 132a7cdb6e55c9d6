using System.Collections.Immutable;
using Raywright.Core.Api;
using Raywright.Core.Artifacts;
using Raywright.Core.Cases;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Core.Planning;
using Raywright.Core.Spec;
using Raywright.Server.Environments;
using Raywright.Server.Models;

namespace Raywright.Server.Deploying;

/// <summary>The files of a deploy in a folder, with the spec that names them.</summary>
/// <param name="Folder">All files, tests included; read-only.</param>
public sealed record SourceFiles(DeployRequest Request, SpecDocument Spec, string Folder);

/// <summary>A model that can be tested and rendered.</summary>
/// <param name="Files">All files in a folder.</param>
/// <param name="Config">The spec resolved for the environment, its contract joined with the artifact's.</param>
/// <param name="Draft">Its version, made or not.</param>
public sealed record PreparedModel(SourceFiles Files, EnvironmentConfig Environment, ModelConfig Config, ArtifactDescription Artifact, VersionDraft Draft, ImmutableArray<Case> Cases)
{
    /// <summary>Of the version under its tests, resources and batching.</summary>
    public string EvidenceIdentity { get; } = RevisionRenderer.EvidenceIdentity(
        Draft.Identity, Config, Files.Request.Files.Except(Draft.Files));

    public RevisionConfig Render(int number) => RevisionRenderer.Render(Config, Environment, number, Draft.Digest, Artifact.Runtime, Artifact.Path, VersionContent.Python(Config, Artifact));
}

/// <summary>From files and a spec to a model that can be tested and rendered. Runs nothing of the model.</summary>
public sealed class ModelPreparation(EnvironmentService environments, VersionFolders folders)
{
    public async Task<Result<SourceFiles>> FilesAsync(DeployRequest request, CancellationToken cancellation)
    {
        Result<SpecDocument> spec = SpecReader.Read(request.Spec, request.SpecFile);
        if (!spec.Ok)
            return spec.Problems;
        Result<string> folder = await folders.EnsureAsync(request.Files, cancellation);
        return folder.Ok ? new SourceFiles(request, spec.Value, folder.Value) : folder.Problems;
    }

    public async Task<Result<PreparedModel>> PrepareAsync(SourceFiles files, string environment)
    {
        Result<EnvironmentConfig> target = await environments.FindAsync(environment);
        if (!target.Ok)
            return target.Problems;
        SpecDocument spec = files.Spec;
        Result<ArtifactDescription> artifact = ArtifactReader.Read(files.Folder, spec.Source);
        List<Problem> problems = [.. artifact.Problems.Select(problem => problem with { Location = problem.Location ?? spec.Root.At("source") })];
        Result<ModelConfig> config = SpecResolver.Resolve(spec, target.Value, artifact.Ok ? artifact.Value.Contract : null);
        problems.AddRange(config.Problems);
        if (spec.Root.Get<string>("tests.parity") is { } twin && files.Request.Files.All(file => file.Path != twin))
            problems.Add(new(Catalogue.FileMissingInDeploy, $"{twin} was not sent.", "tests.parity", spec.Root.At("tests.parity")));
        Result<ImmutableArray<Case>> cases = ReadCases(files);
        problems.AddRange(cases.Problems);
        if (problems.Count > 0)
            return problems.ToImmutableArray();
        ImmutableSortedSet<string> own = VersionContent.Paths(files.Folder, config.Value, artifact.Value);
        if (own.FirstOrDefault(path => files.Request.Files.All(file => file.Path != path)) is { } missing)
            return new Problem(Catalogue.FileMissingInDeploy, $"{missing} was not sent.", "files");
        ImmutableArray<FileReference> version = [.. files.Request.Files.Where(file => own.Contains(file.Path))];
        string runtime = VersionContent.RuntimeText(artifact.Value.Runtime, VersionContent.Python(config.Value, artifact.Value));
        VersionDraft draft = new(config.Value.Model, config.Value.Task, FileSet.Digest(version), runtime, artifact.Value.Path, config.Value.Contract, version);
        return new PreparedModel(files, target.Value, config.Value, artifact.Value, draft, cases.Value);
    }

    /// <summary>The folder of the version alone: what replicas see.</summary>
    public Task<Result<string>> VersionFolderAsync(PreparedModel model, CancellationToken cancellation) => folders.EnsureAsync(model.Draft.Files, cancellation);

    private static Result<ImmutableArray<Case>> ReadCases(SourceFiles files)
    {
        if (files.Spec.Root.Get<string>("tests.cases") is not { } path)
            return ImmutableArray<Case>.Empty;
        if (files.Request.Files.All(file => file.Path != path))
            return new Problem(Catalogue.FileMissingInDeploy, $"{path} was not sent.", "tests.cases", files.Spec.Root.At("tests.cases"));
        string beside = Path.GetDirectoryName(files.Request.SpecFile) ?? "";
        Result<IReadOnlyList<Case>> cases = CaseReader.Read(Path.Combine(files.Folder, path), Path.Combine(beside, path));
        return cases.Ok ? cases.Value.ToImmutableArray() : cases.Problems;
    }
}

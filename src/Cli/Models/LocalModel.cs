using System.Collections.Immutable;
using Raywright.Cli.CommandLine;
using Raywright.Core.Api;
using Raywright.Core.Artifacts;
using Raywright.Core.Cases;
using Raywright.Core.Errors;
using Raywright.Core.Planning;
using Raywright.Core.Spec;

namespace Raywright.Cli.Models;

/// <summary>A model folder, read and checked as far as that goes without a server.</summary>
/// <param name="SpecText">The spec as it is written.</param>
/// <param name="SpecFile">Its name in problems, as the person at the working folder would write it.</param>
/// <param name="Config">The spec resolved for the environment, contract joined with the artifact's.</param>
/// <param name="Files">Every file that the spec names.</param>
internal sealed record LocalModel(
    ModelFolder Folder,
    string SpecText,
    string SpecFile,
    ModelConfig Config,
    ArtifactDescription Artifact,
    ImmutableArray<FileReference> Files,
    ImmutableArray<Case> Cases)
{
    public string Name => Config.Model;

    public string PathOf(FileReference file) => Path.Combine(Folder.Folder, file.Path);

    /// <summary>The files of the version, which tests and spec are no part of.</summary>
    public ImmutableArray<FileReference> VersionFiles()
    {
        ImmutableSortedSet<string> own = VersionContent.Paths(Folder.Folder, Config, Artifact);
        return [.. Files.Where(file => own.Contains(file.Path))];
    }

    /// <summary>Everything that is wrong, at once, or the model.</summary>
    public static Result<LocalModel> Load(CliHost host, ModelFolder folder, string environment)
    {
        string shown = host.Shown(folder.Spec);
        if (!SpecRules.IsEnvironmentName(environment))
            return new Problem(Catalogue.SpecName, $"`{environment}` is no name for an environment.", "env");
        string text = File.ReadAllText(folder.Spec);
        Result<SpecDocument> spec = SpecReader.Read(text, shown);
        if (!spec.Ok)
            return spec.Problems;
        List<Problem> problems = [];
        Result<ArtifactDescription> artifact = ArtifactReader.Read(folder.Folder, spec.Value.Source);
        problems.AddRange(artifact.Problems.Select(problem => problem with { Location = problem.Location ?? spec.Value.Root.At("source") }));
        Result<ModelConfig> config = SpecResolver.Resolve(spec.Value, new EnvironmentConfig(environment), artifact.Ok ? artifact.Value.Contract : null);
        // An artifact that cannot be read declares nothing; that follows and is not said as well.
        problems.AddRange(config.Problems.Where(problem => artifact.Ok || problem.Definition != Catalogue.SpecMissingKey));
        ImmutableArray<Case> cases = ReadCases(host, folder, spec.Value, problems);
        if (problems.Count > 0)
            return problems.ToImmutableArray();
        Result<ImmutableArray<FileReference>> files = FileSet.Read(folder.Folder, VersionContent.Paths(folder.Folder, config.Value, artifact.Value).Concat(VersionContent.TestPaths(folder.Folder, config.Value.Tests)));
        return files.Ok
            ? new LocalModel(folder, text, shown, config.Value, artifact.Value, files.Value, cases)
            : files.Problems;
    }

    /// <summary>The model's name alone, where a spec says it; for commands that only need to know which one is meant.</summary>
    public static string? NameIn(string folder)
    {
        string spec = Path.Combine(folder, SpecReader.FileName);
        return File.Exists(spec) && SpecReader.Read(File.ReadAllText(spec), spec) is { Ok: true } read ? read.Value.Model : null;
    }

    /// <param name="note">Why, in the user's words.</param>
    /// <param name="trust">Digests of files that the user vouches for.</param>
    public DeployRequest Request(string? note, ImmutableArray<string> trust) => new(SpecText, SpecFile, Files, note, trust);

    private static ImmutableArray<Case> ReadCases(CliHost host, ModelFolder folder, SpecDocument spec, List<Problem> problems)
    {
        if (spec.Root.Get<string>("tests.cases") is not { } path)
            return [];
        Result<IReadOnlyList<Case>> cases = CaseReader.Read(Path.Combine(folder.Folder, path), host.Shown(Path.Combine(folder.Folder, path)));
        problems.AddRange(cases.Problems.Select(problem => problem with { Location = problem.Location ?? spec.Root.At("tests.cases") }));
        return cases.Ok ? [.. cases.Value] : [];
    }

}

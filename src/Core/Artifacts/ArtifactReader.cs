using System.Collections.Immutable;
using Raywright.Core.Artifacts.Onnx;
using Raywright.Core.Artifacts.Python;
using Raywright.Core.Contracts;
using Raywright.Core.Engines;
using Raywright.Core.Errors;

namespace Raywright.Core.Artifacts;

/// <summary>What an artifact says about itself.</summary>
/// <param name="Runtime">What runs it.</param>
/// <param name="Path">The file or folder to load, relative to the folder, with <c>/</c>.</param>
/// <param name="Contract">What it takes and gives, as far as it says so.</param>
/// <param name="Companions">Further files that it cannot be loaded without, relative to the folder.</param>
/// <param name="Producer">Tool that wrote it.</param>
/// <param name="Warnings">What speaks against serving it without forbidding it.</param>
/// <param name="Python">How Python runs it, as far as the artifact tells; null for what needs no Python.</param>
public sealed record ArtifactDescription(
    RuntimeKind Runtime,
    string Path,
    Contract Contract,
    ImmutableArray<string> Companions,
    string Producer,
    ImmutableArray<Problem> Warnings,
    PythonConfig? Python = null);

/// <summary>Reads artifacts without running anything of them.</summary>
public static class ArtifactReader
{
    /// <summary>Reads the file <paramref name="source"/> (relative to <paramref name="folder"/>), which a spec names.</summary>
    public static Result<ArtifactDescription> Read(string folder, string source)
    {
        if (source.Contains("://", StringComparison.Ordinal))
            return new Problem(Catalogue.SourceUnsupported, $"{source} names a registry.", Field: "source");
        string path = Path.Combine(folder, source);
        if (Directory.Exists(path))
            return PythonArtifact.FlavourOfFolder(path) is { } flavour
                ? PythonArtifact.ReadFolder(folder, source, flavour)
                : new Problem(Catalogue.RuntimeUnsupported, $"{source} is a folder, but none of MLflow or Hugging Face; the model file itself is needed.", Field: "source");
        return Path.GetExtension(source).ToLowerInvariant() switch
        {
            ".onnx" => ReadOnnx(folder, source),
            _ when !File.Exists(path) => new Problem(Catalogue.ArtifactMissing, $"There is no file {source}.", Field: "source"),
            _ => PythonArtifact.ReadFile(folder, source),
        };
    }

    private static Result<ArtifactDescription> ReadOnnx(string folder, string source)
    {
        string path = Path.Combine(folder, source);
        Result<OnnxModel> model = OnnxFile.Read(path);
        if (!model.Ok)
            return model.Problems;
        string home = Path.GetDirectoryName(path)!;
        Result<Contract> contract = ContractInference.Infer(model.Value);
        Problem[] findings = [.. OnnxChecks.Of(model.Value, home), .. contract.Problems];
        ImmutableArray<Problem> problems = [.. findings.Where(finding => finding.Definition != Catalogue.LocaleNeeded)];
        if (!problems.IsEmpty)
            return problems;
        string? inner = Path.GetDirectoryName(source);
        return new ArtifactDescription(
            RuntimeKind.Onnx,
            source.Replace('\\', '/'),
            contract.Value,
            [.. model.Value.ExternalData.Select(file => string.IsNullOrEmpty(inner) ? file : $"{inner}/{file}")],
            model.Value.Producer,
            [.. findings.Except(problems)]);
    }
}

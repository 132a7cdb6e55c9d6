using Raywright.Cli.CommandLine;
using Raywright.Core.Errors;
using Raywright.Core.Spec;

namespace Raywright.Cli.Models;

/// <summary>What a path on the command line means: the folder of a model, its spec, or a model file in it.</summary>
/// <param name="Folder">Full path.</param>
/// <param name="Spec">Full path of the spec, which may not exist yet.</param>
/// <param name="Source">The model file, relative to the folder, where it was named or is the only one.</param>
internal sealed record ModelFolder(string Folder, string Spec, string? Source)
{
    private static readonly string[] ModelExtensions = [".onnx"];

    public bool HasSpec => File.Exists(Spec);

    public static Result<ModelFolder> Find(CliHost host, string? path)
    {
        string full = host.FullPath(path ?? ".");
        if (Directory.Exists(full))
            return OfFolder(host, full);
        if (!File.Exists(full))
            return new Problem(Catalogue.NoModelHere, $"There is no {path}.");
        string folder = Path.GetDirectoryName(full)!;
        if (Path.GetExtension(full) is ".yaml" or ".yml")
            return new ModelFolder(folder, full, null);
        return new ModelFolder(folder, Path.Combine(folder, SpecReader.FileName), Path.GetFileName(full));
    }

    private static Result<ModelFolder> OfFolder(CliHost host, string folder)
    {
        string spec = Path.Combine(folder, SpecReader.FileName);
        if (File.Exists(spec))
            return new ModelFolder(folder, spec, null);
        string[] models = [.. Directory.EnumerateFiles(folder).Where(IsModel).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];
        return models switch
        {
            [var only] => new ModelFolder(folder, spec, only),
            [] => new Problem(Catalogue.NoModelHere, $"{host.Shown(folder)} has neither {SpecReader.FileName} nor a model file ({string.Join(", ", ModelExtensions)})."),
            _ => new Problem(Catalogue.SeveralModelsHere, $"{host.Shown(folder)} has {string.Join(", ", models)}.", Fix: $"Choose one: `raywright init {host.Shown(folder)} --source {models[0]}`."),
        };
    }

    private static bool IsModel(string file) => ModelExtensions.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase);
}

using System.Collections.Immutable;
using Raywright.Core.Artifacts;
using Raywright.Core.Artifacts.Python;
using Raywright.Core.Errors;

namespace Raywright.Core.Initialization;

/// <summary>Where a model was found.</summary>
/// <param name="Folder">Full path of the folder that the spec belongs in.</param>
/// <param name="Source">The model file, relative to it.</param>
/// <param name="Others">Further models beside it, relative to the folder.</param>
internal sealed record ModelLocation(string Folder, string Source, ImmutableArray<string> Others)
{
    private const string PreferredStem = "model";

    private static readonly Func<string, bool>[] Preferences =
    [
        model => model.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase),
        model => model.EndsWith(".py", StringComparison.Ordinal),
        _ => true,
    ];

    /// <summary>Folders below the model's own in which exporters put the file.</summary>
    private static readonly string[] Inner = ["onnx", "model"];

    private static readonly string[] OtherKinds = [".h5", ".keras", ".safetensors", ".cbm", ".tflite", ".pb"];

    /// <summary>
    /// The model's other form: a file of the same name, else the only other model. Another graph is another model, and code is no copy
    /// of anything.
    /// </summary>
    public string? Twin
    {
        get
        {
            string[] forms = [.. Others.Where(other => Path.GetExtension(other).ToLowerInvariant() is not (".onnx" or ".py"))];
            string[] namesakes = [.. forms.Where(other => Path.GetFileNameWithoutExtension(other) == Path.GetFileNameWithoutExtension(Source))];
            return namesakes.FirstOrDefault() ?? (forms is [var only] && Others.Length == 1 ? only : null);
        }
    }

    public static Result<ModelLocation> Find(string path, string? source)
    {
        string full = Path.GetFullPath(path);
        if (File.Exists(full))
            return OfFile(full, source);
        if (!Directory.Exists(full))
            return new Problem(Catalogue.ArtifactMissing, $"There is no file or folder {path}.", Field: "source");
        if (source is null && PythonArtifact.FlavourOfFolder(full) is not null)
            return new ModelLocation(full, ".", []);
        ImmutableArray<string> models = Models(full);
        if (source is not null)
            return OfSource(full, source.Replace('\\', '/'), models);
        string? chosen = Choose(models);
        if (chosen is not null)
            return new ModelLocation(full, chosen, models.Remove(chosen));
        return models.IsEmpty
            ? Nothing(full)
            : new Problem(Catalogue.ArtifactAmbiguous, $"{Path.GetFileName(full)} holds {string.Join(", ", models)}.", Field: "source", Fix: $"Choose one, for example `--source {models[0]}`.");
    }

    private static Result<ModelLocation> OfFile(string file, string? source)
    {
        string folder = Path.GetDirectoryName(file)!;
        string name = Path.GetFileName(file);
        return source is null || source == name
            ? new ModelLocation(folder, name, Models(folder).Remove(name))
            : new Problem(Catalogue.ArtifactAmbiguous, $"The path names {name}, and --source names {source}.", Field: "source", Fix: "Give the folder, or leave --source out.");
    }

    private static Result<ModelLocation> OfSource(string folder, string source, ImmutableArray<string> models)
    {
        if (!FileSet.IsSafePath(source))
            return new Problem(Catalogue.SpecPath, $"{source} does not lie below {folder}.", Field: "source");
        return File.Exists(Path.Combine(folder, source))
            ? new ModelLocation(folder, source, models.Remove(source))
            : new Problem(Catalogue.ArtifactMissing, $"There is no file {source}.", Field: "source", Fix: models.IsEmpty ? null : $"The folder holds {string.Join(", ", models)}.");
    }

    private static ImmutableArray<string> Models(string folder)
    {
        ImmutableArray<string> own = In(folder, "");
        return !own.IsEmpty ? own : Inner.Select(inner => In(folder, inner)).FirstOrDefault(found => !found.IsEmpty, []);
    }

    private static ImmutableArray<string> In(string folder, string inner)
    {
        string path = Path.Combine(folder, inner);
        if (!Directory.Exists(path))
            return [];
        string[] found = [.. Directory.EnumerateFiles(path)
            .Where(file => file.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase) || PythonArtifact.IsCandidate(file) || (inner.Length == 0 && IsCode(file)))
            .Select(file => inner.Length == 0 ? Path.GetFileName(file) : $"{inner}/{Path.GetFileName(file)}")
            .Order(StringComparer.Ordinal)];
        // A class that is fitted made the file beside it, and is not asked itself.
        string[] asked = [.. found.Where(file => !(file.EndsWith(".py", StringComparison.Ordinal) && PythonFolder.HoldsEstimator(Path.Combine(folder, file))))];
        return [.. asked.Length > 0 ? asked : found];
    }

    private static bool IsCode(string file) => file.EndsWith(".py", StringComparison.Ordinal) && PythonFolder.HoldsModel(file);

    /// <summary>A graph before a pickle: it runs without Python, and nothing in it can run code. Code before data: it says how the data are used.</summary>
    private static string? Choose(ImmutableArray<string> models)
    {
        foreach (Func<string, bool> kind in Preferences)
        {
            string[] fitting = [.. models.Where(kind)];
            if (fitting.Length > 0)
                return fitting.FirstOrDefault(model => Path.GetFileNameWithoutExtension(model) == PreferredStem) ?? (fitting is [var only] ? only : null);
        }
        return null;
    }

    /// <summary>No model: says what lies there instead, or where below it models lie.</summary>
    private static Problem Nothing(string folder)
    {
        string name = Path.GetFileName(folder);
        if (Directory.EnumerateFiles(folder).FirstOrDefault(file => OtherKinds.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase)) is { } other)
            return new Problem(Catalogue.RuntimeUnsupported, $"{name} holds {Path.GetFileName(other)}, which is not known here.", Field: "source");
        string[] below = [.. Directory.EnumerateDirectories(folder).Where(inner => !In(inner, "").IsEmpty).Select(inner => Path.GetFileName(inner)!).Order(StringComparer.Ordinal)];
        return new Problem(
            Catalogue.ArtifactNotFound,
            $"{name} holds no model file.",
            Field: "source",
            Fix: below.Length == 0 ? null : $"Models lie in {string.Join(", ", below.Take(10))}; name one of these folders.");
    }
}

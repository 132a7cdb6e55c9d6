using System.Collections.Immutable;
using System.IO.Compression;
using Raywright.Core.Contracts;
using Raywright.Core.Engines;
using Raywright.Core.Errors;

namespace Raywright.Core.Artifacts.Python;

/// <summary>
/// Tells by name and content which flavour a model of the Python world is. Nothing of it is run or unpickled: what it takes and
/// gives only the model itself can say, in a confined child.
/// </summary>
internal static class PythonArtifact
{
    private const int MostFiles = 1000;

    /// <summary>Whether a file by its name may be a model that Python loads.</summary>
    public static bool IsCandidate(string file) => Path.GetExtension(file).ToLowerInvariant() is
        ".joblib" or ".pkl" or ".pickle" or ".skops" or ".ubj" or ".bst" or ".pt" or ".pth" || FlavourOfText(file) is not null;

    /// <summary>Whether a folder is a model as a whole.</summary>
    public static PythonFlavour? FlavourOfFolder(string folder) =>
        File.Exists(Path.Combine(folder, "MLmodel")) ? PythonFlavour.Mlflow
        : File.Exists(Path.Combine(folder, "config.json")) && Directory.EnumerateFiles(folder, "*.safetensors").Any() ? PythonFlavour.HuggingFace
        : null;

    public static Result<ArtifactDescription> ReadFolder(string folder, string source, PythonFlavour flavour)
    {
        string root = source == "." ? folder : Path.Combine(folder, source);
        string[] files = [.. Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Where(file => !IsCache(Path.GetRelativePath(root, file))).Take(MostFiles + 1)];
        if (files.Length > MostFiles)
            return new Problem(Catalogue.ArtifactNotFound, $"{source} holds more than {MostFiles} files.", Field: "source");
        return Description(flavour, source, [.. files.Select(file => Path.GetRelativePath(folder, file).Replace('\\', '/')).Order(StringComparer.Ordinal)], ImmutableSortedDictionary<string, string>.Empty);
    }

    public static Result<ArtifactDescription> ReadFile(string folder, string source)
    {
        string path = Path.Combine(folder, source);
        try
        {
            return Flavour(path, source) is { } flavour
                ? Description(flavour, source, [], LibraryVersions.Of(flavour, path))
                : new Problem(Catalogue.RuntimeUnsupported, $"{source} is no model that is known here.", Field: "source");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Problem(Catalogue.ArtifactUnreadable, $"{source} cannot be read: {e.Message}", Field: "source");
        }
    }

    private static ArtifactDescription Description(PythonFlavour flavour, string source, ImmutableArray<string> companions, ImmutableSortedDictionary<string, string> libraries) =>
        new(RuntimeKind.Python, source.Replace('\\', '/'), Contract.None, companions, "", [], new PythonConfig { Flavour = flavour, Code = flavour == PythonFlavour.Class ? source.Replace('\\', '/') : null, Libraries = libraries });

    private static PythonFlavour? Flavour(string path, string source) => Path.GetExtension(source).ToLowerInvariant() switch
    {
        ".py" => PythonFlavour.Class,
        ".joblib" or ".pkl" or ".pickle" or ".skops" => PythonFlavour.Sklearn,
        ".ubj" or ".bst" => PythonFlavour.Xgboost,
        ".pt" or ".pth" => IsTorchScript(path) ? PythonFlavour.Torch : null,
        ".safetensors" => PythonFlavour.Torch,
        _ => FlavourOfText(path),
    };

    /// <summary>Boosters are saved as plain JSON and text.</summary>
    private static PythonFlavour? FlavourOfText(string path)
    {
        if (Path.GetExtension(path).ToLowerInvariant() is not (".json" or ".txt" or ".model") || !File.Exists(path))
            return null;
        Span<byte> start = stackalloc byte[64];
        using FileStream stream = File.OpenRead(path);
        ReadOnlySpan<byte> head = start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        return head.StartsWith("tree\n"u8) || head.StartsWith("tree\r\n"u8) ? PythonFlavour.Lightgbm
            : head.TrimStart(" \t\r\n"u8).StartsWith("{\"learner\""u8) ? PythonFlavour.Xgboost
            : null;
    }

    /// <summary>TorchScript is a zip archive with code in it; other checkpoints are pickles of weights without a model.</summary>
    private static bool IsTorchScript(string path)
    {
        try
        {
            using ZipArchive archive = ZipFile.OpenRead(path);
            return archive.Entries.Any(entry => entry.FullName.Contains("/code/", StringComparison.Ordinal));
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    private static bool IsCache(string relative) =>
        relative.Replace('\\', '/').Split('/').Any(part => part is "__pycache__" or ".git" or ".cache" || part.EndsWith(".pyc", StringComparison.Ordinal)) || relative == Spec.SpecReader.FileName;
}

using System.Collections.Immutable;
using System.Text;
using System.Text.RegularExpressions;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Core.Scanning;

namespace Raywright.Core.Artifacts.Python;

/// <summary>Which packages an artifact needs, and which versions of them wrote it. Read without running anything.</summary>
public static partial class LibraryVersions
{
    private const int TailLength = 256;

    /// <summary>Packages of the modules that pickles name; those that come with another are left out.</summary>
    private static readonly (string Module, string Package)[] Packages =
    [
        ("sklearn", "scikit-learn"), ("pandas", "pandas"), ("xgboost", "xgboost"), ("lightgbm", "lightgbm"), ("catboost", "catboost"), ("imblearn", "imbalanced-learn"), ("torch", "torch"),
    ];

    /// <summary>Packages by version; empty text where the artifact does not say which.</summary>
    /// <param name="flavour">Who loads it.</param>
    /// <param name="path">The file.</param>
    internal static ImmutableSortedDictionary<string, string> Of(PythonFlavour flavour, string path) => flavour switch
    {
        PythonFlavour.Sklearn => OfPickle(path),
        PythonFlavour.Xgboost => Only("xgboost", OfBooster(path)),
        PythonFlavour.Lightgbm => Only("lightgbm", ""),
        PythonFlavour.Torch => Only("torch", ""),
        _ => ImmutableSortedDictionary<string, string>.Empty,
    };

    /// <summary>
    /// What an installer is asked for. scikit-learn promises nothing across its minor versions; the others read what earlier ones
    /// wrote.
    /// </summary>
    public static string Requirement(string package, string version)
    {
        if (Numbers().Match(version) is not { Success: true } numbers)
            return package;
        return package == "scikit-learn" ? $"{package}=={numbers.Groups["minor"].Value}.*" : $"{package}>={numbers.Groups["minor"].Value}";
    }

    /// <summary>A warning for each package that runs in another version than the one that wrote the artifact.</summary>
    /// <param name="wrote">Of <see cref="PythonConfig.Libraries"/>.</param>
    /// <param name="runs">What the model's process has loaded.</param>
    public static IEnumerable<Problem> Mismatches(ImmutableSortedDictionary<string, string> wrote, ImmutableSortedDictionary<string, string> runs) => wrote
        .Where(pair => pair.Value.Length > 0 && runs.TryGetValue(pair.Key, out string? version) && version != pair.Value)
        .Select(pair => new Problem(Catalogue.LibraryDiffers, $"The model was saved with {pair.Key} {pair.Value} and runs with {runs[pair.Key]}.", "runtime.requirements"));

    private static ImmutableSortedDictionary<string, string> OfPickle(string path)
    {
        ScannedFile scanned = ArtifactScanner.Scan(path).Files[0];
        Dictionary<string, string> found = scanned.Libraries.Where(pair => pair.Value.Length == 0 || Numbers().IsMatch(pair.Value)).ToDictionary(StringComparer.Ordinal);
        foreach ((string module, string package) in Packages)
        {
            if (scanned.Globals.Any(name => name.StartsWith(module + ".", StringComparison.Ordinal)))
                found.TryAdd(package, "");
        }
        found.TryAdd(Path.GetExtension(path).Equals(".skops", StringComparison.OrdinalIgnoreCase) ? "skops" : "joblib", "");
        return found.ToImmutableSortedDictionary(StringComparer.Ordinal);
    }

    /// <summary>A booster's file ends with its version, as JSON or as UBJSON.</summary>
    private static string OfBooster(string path)
    {
        using FileStream file = File.OpenRead(path);
        file.Seek(-Math.Min(TailLength, file.Length), SeekOrigin.End);
        Span<byte> tail = stackalloc byte[TailLength];
        ReadOnlySpan<byte> end = tail[..file.ReadAtLeast(tail, tail.Length, throwOnEndOfStream: false)];
        int at = end.LastIndexOf("version"u8);
        if (at < 0)
            return "";
        // UBJSON: an array of three, each number one byte behind the letter of its type.
        ReadOnlySpan<byte> after = end[(at + "version".Length)..];
        int typed = after.IndexOf("\u0003i"u8);
        if (typed >= 0 && after.Length >= typed + 7 && after[typed + 3] == 'i' && after[typed + 5] == 'i')
            return $"{after[typed + 2]}.{after[typed + 4]}.{after[typed + 6]}";
        Match text = Listed().Match(Encoding.ASCII.GetString(after));
        return text.Success ? $"{text.Groups[1].Value}.{text.Groups[2].Value}.{text.Groups[3].Value}" : "";
    }

    private static ImmutableSortedDictionary<string, string> Only(string package, string version) =>
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal).Add(package, version);

    [GeneratedRegex(@"^(?<minor>\d{1,4}\.\d{1,4})(\.[0-9A-Za-z.+-]{1,30})?$", RegexOptions.ExplicitCapture)]
    private static partial Regex Numbers();

    [GeneratedRegex(@"^""\s*:\s*\[\s*(\d{1,4})\s*,\s*(\d{1,4})\s*,\s*(\d{1,4})\s*\]")]
    private static partial Regex Listed();
}

using System.Collections.Immutable;
using Raywright.Core.Artifacts;
using Raywright.Core.Engines;
using Raywright.Core.Spec;

namespace Raywright.Core.Planning;

/// <summary>What belongs to a version (DESIGN 5, Identity): artifact, code, requirements, wheels and <c>files</c>; not tests, spec or caches.</summary>
public static class VersionContent
{
    /// <summary>Paths relative to the spec's folder.</summary>
    /// <param name="folder">Where the files lie.</param>
    /// <param name="config">The spec.</param>
    /// <param name="artifact">The artifact that it names.</param>
    public static ImmutableSortedSet<string> Paths(string folder, ModelConfig config, ArtifactDescription artifact)
    {
        // A folder is its files.
        IEnumerable<string> paths = Directory.Exists(Path.Combine(folder, artifact.Path)) ? artifact.Companions : artifact.Companions.Prepend(artifact.Path);
        string?[] code = [config.Runtime?.Code, config.Runtime?.Requirements];
        return [.. paths.Concat(code.OfType<string>()).Concat(Wheels(folder, config.Runtime?.Wheels)).Concat(config.Files)];
    }

    /// <summary>What the runtime is told; null for an artifact that Python does not run.</summary>
    public static PythonConfig? Python(ModelConfig config, ArtifactDescription artifact)
    {
        if (artifact.Python is not { } python)
            return null;
        RuntimeConfig runtime = config.Runtime ?? new();
        return python with
        {
            Code = runtime.Code ?? python.Code,
            Requirements = runtime.Requirements,
            Wheels = runtime.Wheels,
            Python = runtime.Python,
            Arrays = runtime.Arrays,
            Network = runtime.Network,
        };
    }

    /// <summary>What runs an artifact, in one word or a few: part of a version's identity.</summary>
    public static string RuntimeText(RuntimeKind runtime, PythonConfig? python)
    {
        if (python is null)
            return runtime.ToString().ToLowerInvariant();
        IEnumerable<string> parts = [$"python {python.Flavour.ToString().ToLowerInvariant()}", python.Python == "current" ? "" : python.Python, python.Arrays == "plain" ? "" : python.Arrays, python.Network ? "network" : ""];
        return string.Join(", ", parts.Where(part => part.Length > 0));
    }

    /// <summary>Files that tests read: no part of the version, but sent with it.</summary>
    /// <param name="folder">Where the files lie.</param>
    /// <param name="tests">What is tested.</param>
    public static IEnumerable<string> TestPaths(string folder, TestsConfig tests)
    {
        if (tests.Cases is { } cases)
            yield return cases;
        if (tests.Parity is { } twin)
            yield return twin;
        if (tests.Unit is not { } command)
            yield break;
        string[] named = [.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => word.Trim('"', '\'').Split("::")[0].TrimEnd('/')).Where(word => FileSet.IsSafePath(word) && Path.Exists(Path.Combine(folder, word)))];
        foreach (string path in named.Length > 0 ? named : ["tests", "test"])
        {
            string full = Path.Combine(folder, path);
            IEnumerable<string> files = File.Exists(full) ? [full] : Directory.Exists(full) ? Directory.EnumerateFiles(full, "*", SearchOption.AllDirectories) : [];
            foreach (string file in files.Where(file => !file.Contains("__pycache__", StringComparison.Ordinal)))
                yield return Path.GetRelativePath(folder, file).Replace('\\', '/');
        }
        foreach (string file in Directory.EnumerateFiles(folder, "test*.py"))
            yield return Path.GetFileName(file);
    }

    private static IEnumerable<string> Wheels(string folder, string? wheels) => wheels is null || !Directory.Exists(Path.Combine(folder, wheels))
        ? []
        : Directory.EnumerateFiles(Path.Combine(folder, wheels), "*.whl").Select(file => $"{wheels}/{Path.GetFileName(file)}");
}

using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Raywright.Core.Artifacts;
using Raywright.Core.Engines;
using Raywright.Core.Spec;

namespace Raywright.Core.Initialization;

/// <summary>What lies beside a Python model and belongs to it, found without running anything.</summary>
/// <param name="Python">How it runs.</param>
/// <param name="Files">Data and modules that the code needs.</param>
/// <param name="LeftOut">What was not taken.</param>
internal sealed partial record PythonFolder(PythonConfig Python, ImmutableArray<string> Files, ImmutableArray<string> LeftOut)
{
    private const int MostFiles = 1000;
    private const string Main = "__main__.";
    private static readonly string[] Junk = ["README.md", "README.rst", "README.txt", "LICENSE", "Makefile", "setup.py", "conftest.py", SpecReader.FileName];
    private static readonly string[] JunkFolders = ["tests", "test", "docs", "notebooks", "__pycache__", "wheels", "node_modules", "venv", "env"];

    /// <summary>Whether a file holds a class that can be asked.</summary>
    public static bool HoldsModel(string file)
    {
        string text = File.ReadAllText(file);
        return ClassLine().IsMatch(text) && PredictLine().IsMatch(text);
    }

    /// <summary>Whether a class in a file is trained before it is asked.</summary>
    public static bool HoldsEstimator(string file) => FitLine().IsMatch(File.ReadAllText(file));

    /// <param name="folder">Where the model lies.</param>
    /// <param name="artifact">The model.</param>
    /// <param name="imports">Names that loading it looks up and that no library has.</param>
    public static PythonFolder Read(string folder, ArtifactDescription artifact, ImmutableArray<string> imports)
    {
        PythonConfig python = artifact.Python!;
        string? requirements = File.Exists(Path.Combine(folder, "requirements.txt")) ? "requirements.txt" : null;
        string? wheels = requirements is not null && Directory.Exists(Path.Combine(folder, "wheels")) && Directory.EnumerateFiles(Path.Combine(folder, "wheels"), "*.whl").Any() ? "wheels" : null;
        python = python with { Requirements = requirements, Wheels = wheels };
        if (python.Code is null && imports.IsEmpty)
            return new(python, [], []);
        string[] candidates = [.. Candidates(folder).Where(file => file != artifact.Path && file != requirements).Order(StringComparer.Ordinal)];
        python = python with { Code = python.Code ?? Script(folder, candidates, imports) };
        candidates = [.. candidates.Where(file => file != python.Code)];
        HashSet<string> taken = [.. candidates.Where(file => imports.Any(name => IsModule(file, name)))];
        Queue<string> code = new(python.Code is null ? taken : taken.Prepend(python.Code));
        while (code.TryDequeue(out string? file))
        {
            string text = File.ReadAllText(Path.Combine(folder, file));
            bool all = Listing().IsMatch(text);
            foreach (string candidate in candidates.Where(candidate => !taken.Contains(candidate) && (IsNamed(candidate, text) || (all && !candidate.EndsWith(".py", StringComparison.Ordinal)))))
            {
                taken.Add(candidate);
                if (candidate.EndsWith(".py", StringComparison.Ordinal))
                    code.Enqueue(candidate);
            }
        }
        return new(python, [.. taken.Order(StringComparer.Ordinal)], [.. candidates.Where(candidate => !taken.Contains(candidate))]);
    }

    /// <summary>The file that has everything which a pickle looks for in the script that saved it; null where it looks for nothing there.</summary>
    private static string? Script(string folder, string[] candidates, ImmutableArray<string> imports)
    {
        string[] names = [.. imports.Where(name => name.StartsWith(Main, StringComparison.Ordinal)).Select(name => name[Main.Length..].Split('.')[0]).Distinct(StringComparer.Ordinal)];
        return names.Length == 0 ? null : candidates.FirstOrDefault(file => file.EndsWith(".py", StringComparison.Ordinal)
            && File.ReadAllText(Path.Combine(folder, file)) is var text
            && names.All(name => Regex.IsMatch(text, $@"^(?:class|def)\s+{Regex.Escape(name)}\b", RegexOptions.Multiline)));
    }

    /// <summary>Whether a file is the module, or in the package, that a name is imported from.</summary>
    private static bool IsModule(string file, string name)
    {
        string root = name.Split('.')[0];
        return file == $"{root}.py" || (file.EndsWith(".py", StringComparison.Ordinal) && file.StartsWith(root + "/", StringComparison.Ordinal));
    }

    private static IEnumerable<string> Candidates(string folder) => Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 4 })
        .Select(file => Path.GetRelativePath(folder, file).Replace('\\', '/'))
        .Where(file => !Junk.Contains(file) && !file.EndsWith("cases.jsonl", StringComparison.Ordinal) && !file.EndsWith(".pyc", StringComparison.Ordinal)
            && !file.Split('/').Any(part => part.StartsWith('.')) && !file.Split('/').SkipLast(1).Any(part => JunkFolders.Contains(part)))
        .Take(MostFiles);

    /// <summary>A file by its name or by the folder that holds it; a module by its import.</summary>
    private static bool IsNamed(string candidate, string text)
    {
        string name = Path.GetFileName(candidate), top = candidate.Split('/')[0];
        if (candidate.EndsWith(".py", StringComparison.Ordinal))
        {
            string module = candidate.Contains('/') ? top : Path.GetFileNameWithoutExtension(name);
            return Regex.IsMatch(text, $@"^\s*(?:from|import)\s+\.?{Regex.Escape(module)}\b", RegexOptions.Multiline);
        }
        return text.Contains(name, StringComparison.Ordinal) || (top != name && Regex.IsMatch(text, $@"[""'/]{Regex.Escape(top)}[""'/]"));
    }

    [GeneratedRegex(@"^class\s+\w+", RegexOptions.Multiline)]
    private static partial Regex ClassLine();

    [GeneratedRegex(@"^\s+(?:async\s+)?def\s+predict\s*\(", RegexOptions.Multiline)]
    private static partial Regex PredictLine();

    [GeneratedRegex(@"^\s+def\s+fit\s*\(", RegexOptions.Multiline)]
    private static partial Regex FitLine();

    /// <summary>Code that looks into its folder may want anything that lies there.</summary>
    [GeneratedRegex(@"\b(?:glob|rglob|listdir|iterdir|scandir|walk)\s*\(")]
    private static partial Regex Listing();
}

using System.Collections.Immutable;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Raywright.Core.Errors;

namespace Raywright.Ray.Local;

/// <summary>Finds an environment with Ray by asking the interpreters of a person's shell, one after the other.</summary>
internal static class EnvironmentSearch
{
    private const int OldestMajor = 2;
    private const int OldestMinor = 54;

    /// <summary>Ray itself is not imported, which takes seconds; what its extra brings is, because half an installation shows there.</summary>
    private const string Question = """
        import importlib, importlib.metadata, json, sys
        sys.path[:] = [p for p in sys.path if p]
        def version(name):
            try:
                return importlib.metadata.version(name)
            except importlib.metadata.PackageNotFoundError:
                return None
        def missing(name):
            try:
                importlib.import_module(name)
                return False
            except Exception:
                return True
        ray = version("ray")
        print(json.dumps({"prefix": sys.prefix, "executable": sys.executable, "python": "%d.%d.%d" % sys.version_info[:3], "ray": ray,
            "missing": [m for m in ("uvicorn", "starlette", "fastapi") if missing(m)] if ray else []}))
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Where <see cref="EnvironmentMaker"/> makes one.</summary>
    public static string MadeIn(string home) => Path.Combine(Path.GetFullPath(home), "ray", "venv");

    public static string ProgramOf(string folder) => Path.Combine(folder, "bin", "python");

    public static async Task<Result<RayEnvironment>> FindAsync(string? folder, string home, IReadOnlyDictionary<string, string> caller, CancellationToken cancellation)
    {
        List<string> lacking = [];
        foreach ((string name, string program) in Candidates(folder, home, caller))
        {
            (RayEnvironment? found, string lack) = await LookAsync(program, caller, cancellation).ConfigureAwait(false);
            if (found is not null)
                return found;
            lacking.Add($"{name}: {lack}");
        }
        return new Problem(Catalogue.RayMissing, $"No Python here has ray[serve] {OldestMajor}.{OldestMinor} or later. {string.Join("; ", lacking)}.");
    }

    private static IEnumerable<(string Name, string Program)> Candidates(string? folder, string home, IReadOnlyDictionary<string, string> caller)
    {
        if (folder is not null)
        {
            // Somebody who names one wants no other.
            yield return (folder, ProgramOf(Path.GetFullPath(folder)));
            yield break;
        }
        foreach (string variable in new[] { "VIRTUAL_ENV", "CONDA_PREFIX" })
        {
            if (caller.GetValueOrDefault(variable) is { Length: > 0 } prefix)
                yield return ($"{variable} ({prefix})", ProgramOf(prefix));
        }
        if (RayVariables.OnPath("python3", caller) is { } first)
            yield return ($"python3 of the PATH ({first})", first);
        yield return ($"the one of this home ({MadeIn(home)})", ProgramOf(MadeIn(home)));
    }

    private static async Task<(RayEnvironment? Found, string Lack)> LookAsync(string program, IReadOnlyDictionary<string, string> caller, CancellationToken cancellation)
    {
        if (!File.Exists(program))
            return (null, $"there is no {program}");
        if (await AskAsync(program, caller, cancellation).ConfigureAwait(false) is not { } facts)
            return (null, $"{program} does not start or does not answer");
        if (facts.Ray is null)
            return (null, $"Python {facts.Python} without ray");
        if (!IsRecentEnough(facts.Ray))
            return (null, $"ray {facts.Ray} is too old");
        return facts.Missing.IsEmpty
            ? (new RayEnvironment(facts.Prefix, facts.Executable, facts.Ray, facts.Python), "")
            : (null, $"ray {facts.Ray} without its extra \"serve\" ({string.Join(", ", facts.Missing)} cannot be imported)");
    }

    public static bool IsRecentEnough(string version)
    {
        string[] parts = version.Split('.');
        return parts.Length > 1
            && int.TryParse(parts[0], CultureInfo.InvariantCulture, out int major)
            && int.TryParse(parts[1], CultureInfo.InvariantCulture, out int minor)
            && (major, minor).CompareTo((OldestMajor, OldestMinor)) >= 0;
    }

    private static async Task<PythonAnswer?> AskAsync(string program, IReadOnlyDictionary<string, string> caller, CancellationToken cancellation)
    {
        // In the root folder no file of somebody's is taken for a package.
        ProcessStartInfo start = new(program, ["-c", Question]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = "/" };
        RayVariables.PassOn(start, caller);
        try
        {
            using Process child = Process.Start(start)!;
            child.StandardInput.Close();
            using CancellationTokenSource overdue = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            overdue.CancelAfter(Patience);
            try
            {
                Task<string> complaints = child.StandardError.ReadToEndAsync(overdue.Token);
                string said = await child.StandardOutput.ReadToEndAsync(overdue.Token).ConfigureAwait(false);
                await complaints.ConfigureAwait(false);
                await child.WaitForExitAsync(overdue.Token).ConfigureAwait(false);
                return child.ExitCode == 0 ? JsonSerializer.Deserialize(said, LocalJson.Default.PythonAnswer) : null;
            }
            finally
            {
                if (!child.HasExited)
                    child.Kill();
            }
        }
        catch (Exception e) when (e is Win32Exception or JsonException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return null;
        }
    }
}

/// <summary>What an interpreter says about itself.</summary>
/// <param name="Ray">Null where it is not installed.</param>
/// <param name="Missing">Of what Serve needs, the modules that cannot be imported.</param>
internal sealed record PythonAnswer(string Prefix, string Executable, string Python, string? Ray, ImmutableArray<string> Missing);

using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Raywright.Core.Errors;

namespace Raywright.Engine.Python;

/// <summary>A Python that is installed here.</summary>
/// <param name="Path">The executable.</param>
/// <param name="Facts">What it says about itself.</param>
internal sealed record PythonInterpreter(string Path, PythonFacts Facts)
{
    private const string Question = """
        import json, site, sys
        print(json.dumps({"version": "%d.%d.%d" % sys.version_info[:3], "folders": [sys.prefix, sys.base_prefix, sys.exec_prefix] + [p for p in sys.path if p],
            "userBase": site.getuserbase() if site.ENABLE_USER_SITE else None}))
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly ConcurrentDictionary<(string, DateTime), PythonInterpreter> Known = new();

    /// <summary>The interpreter that <c>runtime.python</c> means.</summary>
    /// <param name="wanted"><c>current</c>: of the active environment, else the first in the PATH; or a version such as <c>3.11</c>.</param>
    public static async Task<Result<PythonInterpreter>> FindAsync(string wanted, CancellationToken cancellation)
    {
        List<string> tried = [];
        foreach (string candidate in Candidates(wanted).Distinct(StringComparer.Ordinal))
        {
            if (await AskAsync(candidate, cancellation).ConfigureAwait(false) is not { } found)
            {
                tried.Add($"{candidate} does not start");
                continue;
            }
            if (wanted == "current" || found.Facts.Version.StartsWith(wanted + ".", StringComparison.Ordinal))
                return found;
            tried.Add($"{candidate} is {found.Facts.Version}");
        }
        string what = wanted == "current" ? "no active environment, and no python3 in the PATH" : $"none of version {wanted}";
        return new Problem(Catalogue.PythonMissing, $"There is {what}{(tried.Count == 0 ? "" : $" ({string.Join(", ", tried)})")}.", Field: "runtime.python");
    }

    private static IEnumerable<string> Candidates(string wanted)
    {
        string program = OperatingSystem.IsWindows() ? @"Scripts\python.exe" : "bin/python";
        foreach (string variable in new[] { "VIRTUAL_ENV", "CONDA_PREFIX" })
        {
            if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } prefix && File.Exists(System.IO.Path.Combine(prefix, program)))
                yield return System.IO.Path.Combine(prefix, program);
        }
        string[] names = wanted == "current" ? ["python3", "python"] : [$"python{wanted}", "python3", "python"];
        foreach (string name in names)
        {
            if (OnPath(name) is { } found)
                yield return found;
        }
    }

    internal static string? OnPath(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(System.IO.Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => System.IO.Path.Combine(folder, OperatingSystem.IsWindows() ? name + ".exe" : name))
        .FirstOrDefault(File.Exists);

    /// <summary>Null where it does not start. What was said once holds as long as the file does not change.</summary>
    public static async Task<PythonInterpreter?> AskAsync(string path, CancellationToken cancellation)
    {
        (string, DateTime) key = (path, File.GetLastWriteTimeUtc(path));
        if (Known.TryGetValue(key, out PythonInterpreter? known))
            return known;
        ProcessStartInfo start = new(path, ["-c", Question]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = System.IO.Path.GetTempPath() };
        try
        {
            using Process? child = Process.Start(start);
            if (child is null)
                return null;
            child.StandardInput.Close();
            using CancellationTokenSource overdue = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            overdue.CancelAfter(Patience);
            try
            {
                Task<string> said = child.StandardOutput.ReadToEndAsync(overdue.Token);
                await child.StandardError.ReadToEndAsync(overdue.Token).ConfigureAwait(false);
                await child.WaitForExitAsync(overdue.Token).ConfigureAwait(false);
                PythonFacts? facts = child.ExitCode == 0 ? JsonSerializer.Deserialize(await said.ConfigureAwait(false), PythonJson.Default.PythonFacts) : null;
                return facts is null ? null : Known[key] = new PythonInterpreter(path, facts);
            }
            finally
            {
                if (!child.HasExited)
                    child.Kill();
            }
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or JsonException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return null;
        }
    }
}

/// <param name="Version">Three numbers.</param>
/// <param name="Folders">What has to be readable for it to run: prefixes and module search path.</param>
/// <param name="UserBase">Where packages of the user alone lie; null where they are not used.</param>
internal sealed record PythonFacts(string Version, ImmutableArray<string> Folders, string? UserBase);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.Never)]
[JsonSerializable(typeof(PythonFacts))]
[JsonSerializable(typeof(ImmutableArray<UnmetRequirement>))]
[JsonSerializable(typeof(InstallOrder))]
[JsonSerializable(typeof(InstallEvent))]
[JsonSerializable(typeof(InstalledEnvironment))]
[JsonSerializable(typeof(ChildOrder))]
[JsonSerializable(typeof(ChildEvent))]
[JsonSerializable(typeof(UnitTestOrder))]
internal sealed partial class PythonJson : JsonSerializerContext;

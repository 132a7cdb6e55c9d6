using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Raywright.Core.Engines;
using Raywright.Core.Errors;

namespace Raywright.Engine.Python;

/// <summary>
/// Virtual environments by what is installed in them: one is made once for a set of requirements, a Python and a set of wheels,
/// and used by every version that asks for the same. The interpreter in use is enough where it has everything already.
/// </summary>
/// <param name="root">Folder that holds them.</param>
/// <param name="clock">For the time that an installation takes.</param>
/// <param name="tell">Hears what takes long, a sentence each.</param>
internal sealed class PackageEnvironments(string root, TimeProvider clock, Action<string>? tell = null)
{
    private const string Complete = "complete.json";
    private const int LastLines = 6;
    private static readonly TimeSpan InstallPatience = TimeSpan.FromMinutes(15);

    /// <summary>What pip and uv read; nothing else of the server's own environment reaches code of packages.</summary>
    private static readonly string[] PassedOn = ["PATH", "HOME", "USER", "LANG", "TMPDIR", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"];
    private static readonly ConcurrentDictionary<string, SemaphoreSlim> Making = new(StringComparer.Ordinal);

    /// <summary>The interpreter with everything that the model asks for.</summary>
    /// <param name="python">What it asks for.</param>
    /// <param name="folder">The version's files.</param>
    /// <param name="cancellation">Leaves nothing half made behind.</param>
    public async Task<Result<PythonInterpreter>> EnsureAsync(PythonConfig python, string folder, CancellationToken cancellation)
    {
        Result<PythonInterpreter> found = await PythonInterpreter.FindAsync(python.Python, cancellation).ConfigureAwait(false);
        if (!found.Ok || python.Requirements is null)
            return found;
        string requirements = Path.Combine(folder, python.Requirements);
        Result<ImmutableArray<string>> unmet = await UnmetAsync(found.Value, requirements, cancellation).ConfigureAwait(false);
        if (!unmet.Ok)
            return unmet.Problems;
        if (unmet.Value.IsEmpty)
            return found;
        string[] wheels = python.Wheels is null ? [] : [.. Directory.EnumerateFiles(Path.Combine(folder, python.Wheels), "*.whl").Order(StringComparer.Ordinal)];
        string place = Path.Combine(root, Key(found.Value, requirements, wheels));
        SemaphoreSlim gate = Making.GetOrAdd(place, _ => new SemaphoreSlim(1, 1));
        await gate.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (!File.Exists(Path.Combine(place, Complete)) && await MakeAsync(place, found.Value, requirements, wheels, unmet.Value, cancellation).ConfigureAwait(false) is { } problem)
                return problem;
            // Its time tells which one nobody has used for long.
            Directory.SetLastWriteTimeUtc(place, clock.GetUtcNow().UtcDateTime);
            return await PythonInterpreter.AskAsync(ProgramOf(place), cancellation).ConfigureAwait(false) is { } ready
                ? ready
                : new Problem(Catalogue.PackagesFailed, $"The environment in {place} does not start any more.", Fix: "Delete the folder; it is made again.");
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Removes environments that nobody has used since <paramref name="before"/>.</summary>
    public void Collect(DateTime before)
    {
        if (!Directory.Exists(root))
            return;
        foreach (string place in Directory.EnumerateDirectories(root))
        {
            if (Directory.GetLastWriteTimeUtc(place) < before)
                Directory.Delete(place, recursive: true);
        }
    }

    private static string Key(PythonInterpreter python, string requirements, string[] wheels)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{python.Path} {python.Facts.Version}\n"));
        foreach (string line in File.ReadLines(requirements).Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#').Order(StringComparer.Ordinal))
            hash.AppendData(Encoding.UTF8.GetBytes(line + "\n"));
        foreach (string wheel in wheels)
            hash.AppendData(SHA256.HashData(File.ReadAllBytes(wheel)));
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }

    /// <summary>Which requirements the interpreter does not meet, each with the reason.</summary>
    private async Task<Result<ImmutableArray<string>>> UnmetAsync(PythonInterpreter python, string requirements, CancellationToken cancellation)
    {
        string boot = "import sys; sys.path.insert(0, sys.argv.pop(1)); from raywright_runtime.requirements import main; main()";
        (int status, string output) = await RunAsync(python.Path, ["-c", boot, Path.Combine(AppContext.BaseDirectory, "python"), requirements], cancellation).ConfigureAwait(false);
        if (status != 0)
            return new Problem(Catalogue.PackagesFailed, $"The requirements cannot be read: {Last(output)}", Field: "runtime.requirements");
        return JsonSerializer.Deserialize(output, PythonJson.Default.ImmutableArrayString);
    }

    private async Task<Problem?> MakeAsync(string place, PythonInterpreter python, string requirements, string[] wheels, ImmutableArray<string> unmet, CancellationToken cancellation)
    {
        long start = clock.GetTimestamp();
        tell?.Invoke($"making a Python {python.Facts.Version} environment: {string.Join(", ", unmet)}");
        if (Directory.Exists(place))
            Directory.Delete(place, recursive: true);
        Directory.CreateDirectory(root);
        string? uv = PythonInterpreter.OnPath("uv");
        bool made = false;
        try
        {
            (int status, string output) = uv is null
                ? await RunAsync(python.Path, ["-m", "venv", place], cancellation).ConfigureAwait(false)
                : await RunAsync(uv, ["venv", "--quiet", "--python", python.Path, place], cancellation).ConfigureAwait(false);
            if (status == 0)
                (status, output) = await InstallAsync(place, uv, requirements, wheels, cancellation).ConfigureAwait(false);
            if (status != 0)
                return new Problem(Catalogue.PackagesFailed, $"{(uv is null ? "pip" : "uv")} ended with status {status}: {Last(output)}", Field: "runtime.requirements");
            long bytes = new DirectoryInfo(place).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.LinkTarget is null ? file.Length : 0);
            string summary = string.Create(CultureInfo.InvariantCulture, $"{bytes >> 20} MiB in {clock.GetElapsedTime(start).TotalSeconds:0.0} s");
            await File.WriteAllTextAsync(Path.Combine(place, Complete), JsonSerializer.Serialize(summary, PythonJson.Default.String), cancellation).ConfigureAwait(false);
            tell?.Invoke($"the environment is made: {summary}");
            made = true;
            return null;
        }
        finally
        {
            if (!made && Directory.Exists(place))
                Directory.Delete(place, recursive: true);
        }
    }

    /// <summary>From the wheels alone where they are enough: then no index is asked, and none need be reachable.</summary>
    private async Task<(int Status, string Output)> InstallAsync(string place, string? uv, string requirements, string[] wheels, CancellationToken cancellation)
    {
        List<string> install = uv is null
            ? [ProgramOf(place), "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", "-r", requirements]
            : [uv, "pip", "install", "--quiet", "--python", ProgramOf(place), "-r", requirements];
        if (wheels.Length == 0)
            return await RunAsync(install[0], [.. install.Skip(1)], cancellation).ConfigureAwait(false);
        string links = Path.GetDirectoryName(wheels[0])!;
        (int status, string output) = await RunAsync(install[0], [.. install.Skip(1), "--no-index", "--find-links", links], cancellation).ConfigureAwait(false);
        return status == 0 ? (status, output) : await RunAsync(install[0], [.. install.Skip(1), "--find-links", links], cancellation).ConfigureAwait(false);
    }

    private async Task<(int Status, string Output)> RunAsync(string program, ImmutableArray<string> arguments, CancellationToken cancellation)
    {
        ProcessStartInfo start = new(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = Path.GetTempPath() };
        start.Environment.Clear();
        foreach ((string name, string value) in Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>().Select(entry => ((string)entry.Key, (string)entry.Value!)))
        {
            if (PassedOn.Contains(name) || name.StartsWith("PIP_", StringComparison.Ordinal) || name.StartsWith("UV_", StringComparison.Ordinal))
                start.Environment[name] = value;
        }
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        using Process child = Process.Start(start)!;
        child.StandardInput.Close();
        using CancellationTokenSource overdue = new(InstallPatience, clock);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(overdue.Token, cancellation);
        try
        {
            Task<string> errors = child.StandardError.ReadToEndAsync(either.Token);
            string output = await child.StandardOutput.ReadToEndAsync(either.Token).ConfigureAwait(false);
            string complaints = await errors.ConfigureAwait(false);
            await child.WaitForExitAsync(either.Token).ConfigureAwait(false);
            return (child.ExitCode, child.ExitCode == 0 ? output : output + complaints);
        }
        finally
        {
            if (!child.HasExited)
                child.Kill(entireProcessTree: true);
        }
    }

    private static string Last(string output) => string.Join(" ", output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).TakeLast(LastLines));

    private static string ProgramOf(string place) => OperatingSystem.IsWindows() ? Path.Combine(place, "Scripts", "python.exe") : Path.Combine(place, "bin", "python");
}

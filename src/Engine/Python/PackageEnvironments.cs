using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Raywright.Core.Artifacts.Python;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Core.Probing;

namespace Raywright.Engine.Python;

/// <summary>
/// Virtual environments by what is installed in them: one is made once for a set of requirements, a Python and a set of wheels,
/// and used by every version that asks for the same. The interpreter in use is enough where it has everything already.
/// </summary>
/// <param name="root">Folder that holds them, in the home of the server.</param>
/// <param name="clock">For the time that an installation takes.</param>
/// <param name="tell">Hears what takes long, a sentence each.</param>
internal sealed class PackageEnvironments(string root, TimeProvider clock, Action<string>? tell = null)
{
    private const string Complete = "complete.json";
    private const string Failed = ".failed";
    private const int MostListed = 6;

    /// <summary>Where nothing has been installed yet, to say about how long it takes: bytes a second, of a common connection.</summary>
    private const double AssumedSpeed = 8 << 20;
    private const string Boot = "import runpy, sys; sys.path.insert(0, sys.argv.pop(1)); runpy.run_module(sys.argv.pop(1), run_name='__main__')";
    private const UnixFileMode OfOthers = UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
    private static readonly TimeSpan InstallPatience = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan FailureLife = TimeSpan.FromDays(1);
    private static readonly TimeSpan LockPace = TimeSpan.FromMilliseconds(200);

    /// <summary>The interpreter with everything that the model asks for.</summary>
    /// <param name="python">What it asks for.</param>
    /// <param name="folder">The version's files.</param>
    /// <param name="cancellation">Leaves nothing half made behind.</param>
    public async Task<Result<PythonInterpreter>> EnsureAsync(PythonConfig python, string folder, CancellationToken cancellation)
    {
        Result<PythonInterpreter> found = await PythonInterpreter.FindAsync(python.Python, cancellation).ConfigureAwait(false);
        string? file = python.Requirements is { } requirements ? Path.Combine(folder, requirements) : null;
        string[] shown = [.. python.Libraries.Select(pair => LibraryVersions.Requirement(pair.Key, pair.Value))];
        if (!found.Ok || (file is null && shown.Length == 0))
            return found;
        Result<ImmutableArray<UnmetRequirement>> unmet = await UnmetAsync(found.Value, file, shown, cancellation).ConfigureAwait(false);
        if (!unmet.Ok)
            return unmet.Problems;
        if (unmet.Value.IsEmpty)
            return found;
        string[] wheels = python.Wheels is null ? [] : [.. Directory.EnumerateFiles(Path.Combine(folder, python.Wheels), "*.whl").Order(StringComparer.Ordinal)];
        string place = Path.Combine(root, Key(found.Value, file, shown, wheels));
        using FileStream held = await LockAsync(place, cancellation).ConfigureAwait(false);
        if (!File.Exists(Path.Combine(place, Complete)))
        {
            bool enough = IsEnough(unmet.Value);
            if (enough && HasFailed(place))
                return found;
            if (await MakeAsync(place, found.Value, file, shown, wheels, unmet.Value, cancellation).ConfigureAwait(false) is { } problem)
            {
                if (!enough)
                    return problem;
                await File.WriteAllTextAsync(place + Failed, problem.Detail, cancellation).ConfigureAwait(false);
                tell?.Invoke($"it could not be made, so that what is installed is used: {problem.Detail}");
                return found;
            }
        }
        // Its time tells which one nobody has used for long.
        Directory.SetLastWriteTimeUtc(place, clock.GetUtcNow().UtcDateTime);
        return await PythonInterpreter.AskAsync(ProgramOf(place), cancellation).ConfigureAwait(false) is { } ready
            ? ready
            : new Problem(Catalogue.PackagesFailed, $"The environment in {place} does not start any more.", Fix: "Delete the folder; it is made again.");
    }

    /// <summary>Removes environments that nobody has used since <paramref name="before"/>.</summary>
    public void Collect(DateTime before)
    {
        if (!Directory.Exists(root))
            return;
        foreach (string place in Directory.EnumerateDirectories(root))
        {
            // Whoever holds it is using it.
            using FileStream? held = TryLock(place);
            if (held is not null && Directory.GetLastWriteTimeUtc(place) < before)
                Directory.Delete(place, recursive: true);
        }
    }

    /// <summary>
    /// Whether the model may be tried without an environment that could not be made: each library is there, in another version than
    /// the one that wrote the artifact. That it differs is said where the model is loaded.
    /// </summary>
    private static bool IsEnough(ImmutableArray<UnmetRequirement> unmet) => unmet.All(one => one is { Shown: true, Found: not null });

    /// <summary>Whether the same was tried not long ago: a deploy loads a model several times, and all of them on the same versions.</summary>
    private bool HasFailed(string place) => File.Exists(place + Failed) && clock.GetUtcNow().UtcDateTime - File.GetLastWriteTimeUtc(place + Failed) < FailureLife;

    /// <summary>One process at a time makes an environment; the system lets go of the lock of one that dies.</summary>
    private async Task<FileStream> LockAsync(string place, CancellationToken cancellation)
    {
        Directory.CreateDirectory(root);
        for (bool told = false; ; told = true)
        {
            if (TryLock(place) is { } held)
                return held;
            if (!told)
                tell?.Invoke("waiting for another process, which makes the same environment");
            await Task.Delay(LockPace, clock, cancellation).ConfigureAwait(false);
        }
    }

    private static FileStream? TryLock(string place)
    {
        try
        {
            return new FileStream(place + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static string Key(PythonInterpreter python, string? file, string[] shown, string[] wheels)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{python.Path} {python.Facts.Version}\n"));
        IEnumerable<string> lines = file is null ? [] : File.ReadLines(file).Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#');
        foreach (string line in lines.Concat(shown).Order(StringComparer.Ordinal))
            hash.AppendData(Encoding.UTF8.GetBytes(line + "\n"));
        foreach (string wheel in wheels)
            hash.AppendData(SHA256.HashData(File.ReadAllBytes(wheel)));
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }

    private static async Task<Result<ImmutableArray<UnmetRequirement>>> UnmetAsync(PythonInterpreter python, string? file, string[] shown, CancellationToken cancellation)
    {
        using Process child = Start(python, "requirements", [file ?? "", .. shown]);
        child.StandardInput.Close();
        using CancellationTokenRegistration end = cancellation.Register(child.Kill);
        Task<string> complaints = child.StandardError.ReadToEndAsync(CancellationToken.None);
        string output = await child.StandardOutput.ReadToEndAsync(CancellationToken.None).ConfigureAwait(false);
        await child.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        cancellation.ThrowIfCancellationRequested();
        return child.ExitCode == 0
            ? JsonSerializer.Deserialize(output, PythonJson.Default.ImmutableArrayUnmetRequirement)
            : new Problem(Catalogue.PackagesFailed, $"The requirements cannot be read: {(await complaints.ConfigureAwait(false)).Trim()}", Field: "runtime.requirements");
    }

    private async Task<Problem?> MakeAsync(string place, PythonInterpreter python, string? file, string[] shown, string[] wheels, ImmutableArray<UnmetRequirement> unmet, CancellationToken cancellation)
    {
        long start = clock.GetTimestamp();
        string what = $"a Python {python.Facts.Version} environment for {string.Join(", ", unmet.Take(MostListed))}{(unmet.Length > MostListed ? $" and {unmet.Length - MostListed} more" : "")}";
        tell?.Invoke($"making {what}");
        if (Directory.Exists(place))
            Directory.Delete(place, recursive: true);
        DirectoryInfo scratch = Directory.CreateTempSubdirectory("raywright-");
        bool made = false;
        try
        {
            InstallOrder order = new(place, scratch.FullName, PythonInterpreter.OnPath("uv"), file, [.. shown], wheels.Length > 0 ? Path.GetDirectoryName(wheels[0]) : null, Hidden());
            if (await InstallAsync(python, order, what, cancellation).ConfigureAwait(false) is { } problem)
                return problem;
            InstalledEnvironment installed = new(
                new DirectoryInfo(place).EnumerateFiles("*", SearchOption.AllDirectories).Sum(each => each.LinkTarget is null ? each.Length : 0),
                Math.Round(clock.GetElapsedTime(start).TotalSeconds, 1));
            await File.WriteAllTextAsync(Path.Combine(place, Complete), JsonSerializer.Serialize(installed, PythonJson.Default.InstalledEnvironment), cancellation).ConfigureAwait(false);
            tell?.Invoke(string.Create(CultureInfo.InvariantCulture, $"the environment is made: {installed.Bytes >> 20} MiB in {installed.Seconds:0.0} s"));
            made = true;
            return null;
        }
        finally
        {
            RunFolder.Remove(scratch.FullName);
            if (!made)
                RunFolder.Remove(place);
        }
    }

    /// <summary>The home that the environments lie in, which is its owner's alone; a folder that others may enter holds no secrets.</summary>
    private ImmutableArray<string> Hidden()
    {
        string home = Path.GetDirectoryName(Path.GetFullPath(root))!;
        return OperatingSystem.IsWindows() || (File.GetUnixFileMode(home) & OfOthers) == 0 ? [home] : [];
    }

    /// <summary>Null where it has worked. The installer and all that it started end with its standard input.</summary>
    private async Task<Problem?> InstallAsync(PythonInterpreter python, InstallOrder order, string what, CancellationToken cancellation)
    {
        using CancellationTokenSource overdue = new(InstallPatience, clock);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(overdue.Token, cancellation);
        using Process child = Start(python, "install", []);
        Task<string> complaints = child.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await child.StandardInput.WriteLineAsync(JsonSerializer.Serialize(order, PythonJson.Default.InstallOrder).AsMemory(), either.Token).ConfigureAwait(false);
            await child.StandardInput.FlushAsync(either.Token).ConfigureAwait(false);
            while (await child.StandardOutput.ReadLineAsync(either.Token).ConfigureAwait(false) is { } line)
            {
                InstallEvent said = JsonSerializer.Deserialize(line, PythonJson.Default.InstallEvent)!;
                if (said.Event == "plan")
                    tell?.Invoke($"making {what}: {Extent(said.Packages)}");
                else
                    return said.Event == "made" ? null : new Problem(Catalogue.PackagesFailed, said.Detail ?? "", Field: "runtime.requirements");
            }
            return new Problem(Catalogue.PackagesFailed, $"The installer ended without a word. {await complaints.ConfigureAwait(false)}".Trim(), Field: "runtime.requirements");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new Problem(Catalogue.PackagesFailed, string.Create(CultureInfo.InvariantCulture, $"Installing took longer than {InstallPatience.TotalMinutes:0} minutes."), Field: "runtime.requirements");
        }
        finally
        {
            child.StandardInput.Close();
            await child.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    /// <summary>How much is fetched and about how long that takes, by the environments that were made here before.</summary>
    private string Extent(ImmutableArray<PlannedPackage> packages)
    {
        string count = $"{packages.Length} package{(packages.Length == 1 ? "" : "s")}";
        long known = packages.Sum(package => package.Bytes ?? 0);
        if (known == 0)
            return $"{count}, of unknown size";
        InstalledEnvironment[] before = [.. Directory.EnumerateFiles(root, Complete, new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1 })
            .Select(file => JsonSerializer.Deserialize(File.ReadAllText(file), PythonJson.Default.InstalledEnvironment)!)];
        double seconds = before.Sum(one => one.Seconds), speed = seconds > 0 ? before.Sum(one => one.Bytes) / seconds : AssumedSpeed;
        string atLeast = packages.Any(package => package.Bytes is null) ? "at least " : "";
        return string.Create(CultureInfo.InvariantCulture, $"{count}, {atLeast}{Math.Max(1, known >> 20)} MiB to fetch, about {Math.Max(1, known / speed):0} s");
    }

    private static Process Start(PythonInterpreter python, string module, ImmutableArray<string> arguments)
    {
        ProcessStartInfo start = new(python.Path, ["-c", Boot, Path.Combine(AppContext.BaseDirectory, "python"), $"raywright_runtime.{module}", .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        ChildVariables.Restrict(start);
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        return Process.Start(start)!;
    }

    private static string ProgramOf(string place) => OperatingSystem.IsWindows() ? Path.Combine(place, "Scripts", "python.exe") : Path.Combine(place, "bin", "python");
}

using System.ComponentModel;
using System.Diagnostics;
using Raywright.Core.Errors;

namespace Raywright.Ray.Local;

/// <summary>
/// Makes the environment of a home. One process at a time makes it, and a file says that it is whole: without the file it is made again.
/// </summary>
internal sealed class EnvironmentMaker(string home, IReadOnlyDictionary<string, string> caller, Action<string> tell, TimeProvider clock)
{
    private const string Package = $"ray[serve]=={RayEnvironment.InstalledVersion}";
    private const string Complete = "complete";
    private const int LastWords = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(20);
    private readonly string place = EnvironmentSearch.MadeIn(home);

    public async Task<Result<RayEnvironment>> MakeAsync(CancellationToken cancellation)
    {
        try
        {
            HomeFiles.MakeFolder(home);
            await using FileStream held = await HeldLock.TakeAsync(place + ".lock", () => tell("waiting for another process, which installs Ray here"), clock, cancellation).ConfigureAwait(false);
            if (File.Exists(Path.Combine(place, Complete)) && await EnvironmentSearch.FindAsync(place, home, caller, cancellation).ConfigureAwait(false) is { Ok: true } made)
                return made;
            return await MakeAnewAsync(cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Problem(Catalogue.RayInstallFailed, $"The environment cannot be written: {e.Message}");
        }
    }

    private async Task<Result<RayEnvironment>> MakeAnewAsync(CancellationToken cancellation)
    {
        if (RayVariables.OnPath("python3", caller) is not { } python)
            return new Problem(Catalogue.RayInstallFailed, "There is no python3 in the PATH to make an environment with.", Fix: "Install Python 3.10 or later.");
        if (Directory.Exists(place))
            Directory.Delete(place, recursive: true);
        bool whole = false;
        try
        {
            tell($"installing {Package} into {place}");
            foreach (string[] command in Commands(python))
            {
                if (await RunAsync(command, cancellation).ConfigureAwait(false) is { } problem)
                    return problem;
            }
            Result<RayEnvironment> made = await EnvironmentSearch.FindAsync(place, home, caller, cancellation).ConfigureAwait(false);
            if (!made.Ok)
                return new Problem(Catalogue.RayInstallFailed, $"Everything was installed, and yet: {made.Problems[0].Detail}");
            await File.WriteAllTextAsync(Path.Combine(place, Complete), Package + "\n", cancellation).ConfigureAwait(false);
            whole = true;
            return made;
        }
        finally
        {
            if (!whole && Directory.Exists(place))
                Directory.Delete(place, recursive: true);
        }
    }

    private string[][] Commands(string python)
    {
        string inside = EnvironmentSearch.ProgramOf(place);
        return RayVariables.OnPath("uv", caller) is { } uv
            ? [[uv, "venv", "--python", python, place], [uv, "pip", "install", "--python", inside, Package]]
            : [[python, "-m", "venv", place], [inside, "-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--progress-bar", "off", Package]];
    }

    /// <summary>Null where it has worked.</summary>
    private async Task<Problem?> RunAsync(string[] command, CancellationToken cancellation)
    {
        ProcessStartInfo start = new(command[0], command[1..]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        RayVariables.PassOn(start, caller);
        using CancellationTokenSource overdue = new(Patience, clock);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(overdue.Token, cancellation);
        Queue<string> last = [];
        try
        {
            using Process child = Process.Start(start)!;
            child.StandardInput.Close();
            try
            {
                await Task.WhenAll(HearAsync(child.StandardOutput, last, either.Token), HearAsync(child.StandardError, last, either.Token)).ConfigureAwait(false);
                await child.WaitForExitAsync(either.Token).ConfigureAwait(false);
                return child.ExitCode == 0 ? null : new Problem(Catalogue.RayInstallFailed, $"`{string.Join(' ', command)}` ended with {child.ExitCode}. It said last: {string.Join(" | ", last)}");
            }
            finally
            {
                if (!child.HasExited)
                {
                    child.Kill(entireProcessTree: true);
                    await child.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
                }
            }
        }
        catch (Win32Exception e)
        {
            return new Problem(Catalogue.RayInstallFailed, $"{command[0]} does not start: {e.Message}");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new Problem(Catalogue.RayInstallFailed, $"It took longer than {Patience.TotalMinutes:0} minutes.");
        }
    }

    private async Task HearAsync(StreamReader output, Queue<string> last, CancellationToken cancellation)
    {
        while (await output.ReadLineAsync(cancellation).ConfigureAwait(false) is { } line)
        {
            if (string.IsNullOrWhiteSpace(line))
                continue;
            lock (last)
            {
                last.Enqueue(line.Trim());
                if (last.Count > LastWords)
                    last.Dequeue();
                tell(line.TrimEnd());
            }
        }
    }
}

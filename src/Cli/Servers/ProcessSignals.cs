using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Raywright.Cli.Servers;

/// <summary>Asks processes to end.</summary>
internal static class ProcessSignals
{
    private const int Terminate = 15;
    private const int Kill = 9;

    public static bool IsAlive(int pid) => Signal(pid, 0) == 0 && !IsZombie(pid);

    /// <summary>Asks a process to end, and waits for that. False where it still runs after <paramref name="patience"/>.</summary>
    public static async Task<bool> TerminateAsync(int pid, TimeSpan patience, TimeProvider clock, CancellationToken cancellation)
    {
        _ = Signal(pid, Terminate);
        return await GoneAsync(pid, patience, clock, cancellation).ConfigureAwait(false);
    }

    public static async Task<bool> KillAsync(int pid, TimeSpan patience, TimeProvider clock)
    {
        _ = Signal(pid, Kill);
        return await GoneAsync(pid, patience, clock, CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Whether the process is the one that started at an instant, and not a later one with the same ID.</summary>
    public static bool StartedAround(int pid, DateTimeOffset instant)
    {
        try
        {
            using Process process = Process.GetProcessById(pid);
            TimeSpan apart = instant - new DateTimeOffset(process.StartTime);
            return apart > TimeSpan.FromSeconds(-5) && apart < TimeSpan.FromMinutes(2);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    /// <summary>A process that has ended but that its parent has not asked about, as is left in a container without an init.</summary>
    private static bool IsZombie(int pid)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[(stat.LastIndexOf(')') + 1)..].TrimStart().StartsWith('Z');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static async Task<bool> GoneAsync(int pid, TimeSpan patience, TimeProvider clock, CancellationToken cancellation)
    {
        long start = clock.GetTimestamp();
        while (IsAlive(pid))
        {
            if (clock.GetElapsedTime(start) > patience)
                return false;
            await Task.Delay(TimeSpan.FromMilliseconds(25), clock, cancellation).ConfigureAwait(false);
        }
        return true;
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Signal(int pid, int signal);
}

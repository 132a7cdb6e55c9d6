using System.Runtime.InteropServices;

namespace Raywright.EndToEnd.Harness;

/// <summary>Signals to single processes, and what the system says about them.</summary>
internal static class Signals
{
    public const int Hangup = 1;
    public const int Interrupt = 2;
    public const int Kill = 9;
    public const int Terminate = 15;

    public static void Send(int pid, int signal) => _ = SendSignal(pid, signal);

    /// <summary>Whether a process runs; one that has ended and is not yet collected by its parent does not.</summary>
    public static bool IsAlive(int pid) => State(pid) is { } state && state != 'Z' && state != 'X';

    /// <summary>Processes that run and whose command line holds <paramref name="text"/>.</summary>
    public static IEnumerable<int> WithCommandLine(string text) => All().Where(pid => IsAlive(pid) && Read($"/proc/{pid}/cmdline").Contains(text, StringComparison.Ordinal));

    /// <summary>Processes that run and that <paramref name="parent"/> started.</summary>
    public static int[] ChildrenOf(int parent) => [.. All().Where(pid => IsAlive(pid) && ParentOf(pid) == parent)];

    private static int ParentOf(int pid) => Fields(pid) is [_, { } parent, ..] ? int.Parse(parent, System.Globalization.CultureInfo.InvariantCulture) : 0;

    private static char? State(int pid) => Fields(pid) is [{ Length: > 0 } state, ..] ? state[0] : null;

    /// <summary>What follows the name in <c>/proc/PID/stat</c>: state, parent and more.</summary>
    private static string[] Fields(int pid)
    {
        string stat = Read($"/proc/{pid}/stat");
        return stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    private static IEnumerable<int> All() =>
        Directory.EnumerateDirectories("/proc").Select(path => int.TryParse(Path.GetFileName(path), out int pid) ? pid : 0).Where(pid => pid > 0);

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int pid, int signal);
}

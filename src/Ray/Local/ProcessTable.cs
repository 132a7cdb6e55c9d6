using System.Globalization;
using System.Runtime.InteropServices;

namespace Raywright.Ray.Local;

/// <summary>One row of the kernel's list of processes.</summary>
/// <param name="Id">Its number, which another process gets some time after this one has ended.</param>
/// <param name="Started">Clock ticks from boot to its start: number and start together are one process only.</param>
/// <param name="Session">Number of the process that opened its session.</param>
/// <param name="State">The kernel's letter.</param>
internal readonly record struct ProcessRow(int Id, long Started, int Session, char State)
{
    /// <summary>A zombie has ended; it is only listed until its parent has asked how.</summary>
    public bool Lives => State is not ('Z' or 'X' or 'x');
}

/// <summary>What <c>/proc</c> says about processes.</summary>
internal static class ProcessTable
{
    /// <summary>Another one after each start of the machine, so that ticks from boot mean the same only within one.</summary>
    public static string Boot() => File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();

    /// <summary>Null where there is none of that number.</summary>
    public static ProcessRow? Find(int id)
    {
        try
        {
            return Parse(File.ReadAllText($"/proc/{id.ToString(CultureInfo.InvariantCulture)}/stat"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It ended between two looks.
            return null;
        }
    }

    public static bool Lives(int id, long started) => Find(id) is { Lives: true } row && row.Started == started;

    /// <summary>All that run.</summary>
    public static List<ProcessRow> Living()
    {
        List<ProcessRow> rows = [];
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out int id) && Find(id) is { Lives: true } row)
                rows.Add(row);
        }
        return rows;
    }

    /// <summary>Reads a <c>stat</c> line. The name in it is in parentheses and may hold anything, parentheses and spaces too.</summary>
    public static ProcessRow? Parse(string stat)
    {
        int open = stat.IndexOf('(', StringComparison.Ordinal), close = stat.LastIndexOf(')');
        if (open < 0 || close < open)
            return null;
        string[] rest = stat[(close + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        // The kernel's numbering counts from 1 and the first two are number and name: 3 is the state, 6 the session, 22 the start.
        return rest.Length > 19
            && int.TryParse(stat.AsSpan(0, open), CultureInfo.InvariantCulture, out int id)
            && int.TryParse(rest[3], CultureInfo.InvariantCulture, out int session)
            && long.TryParse(rest[19], CultureInfo.InvariantCulture, out long started)
            ? new ProcessRow(id, started, session, rest[0][0])
            : null;
    }

    /// <summary>What its open files are; empty where it has ended or is another user's.</summary>
    public static List<string> OpenFiles(int id)
    {
        List<string> files = [];
        try
        {
            foreach (string descriptor in Directory.EnumerateFileSystemEntries($"/proc/{id.ToString(CultureInfo.InvariantCulture)}/fd"))
            {
                if (File.ResolveLinkTarget(descriptor, returnFinalTarget: false) is { } target)
                    files.Add(target.FullName);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It ended between two looks.
        }
        return files;
    }

    /// <summary>Whether it was started with this environment variable. A process that changes its title may overwrite them.</summary>
    public static bool HasVariable(int id, ReadOnlySpan<byte> variable)
    {
        try
        {
            ReadOnlySpan<byte> all = File.ReadAllBytes($"/proc/{id.ToString(CultureInfo.InvariantCulture)}/environ");
            foreach (Range one in all.Split((byte)0))
            {
                if (all[one].SequenceEqual(variable))
                    return true;
            }
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    public static void AskToEnd(ProcessRow process) => Send(process, 15);

    public static void Kill(ProcessRow process) => Send(process, 9);

    private static void Send(ProcessRow process, int signal)
    {
        if (Lives(process.Id, process.Started))
            _ = Signal(process.Id, signal);
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Signal(int id, int signal);
}

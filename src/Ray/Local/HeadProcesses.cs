using System.Text;

namespace Raywright.Ray.Local;

/// <summary>
/// Which processes belong to a head, known by two signs. All but jobs are in the session of <c>ray start</c>; jobs have sessions of
/// their own, but inherit a variable that names the head's folder. A number of a session alone proves nothing: it may be used again.
/// </summary>
/// <param name="folder">Of the head.</param>
/// <param name="leader">Number of <c>ray start</c>; 0 where it is not known.</param>
/// <param name="started">When that one started.</param>
internal sealed class HeadProcesses(string folder, int leader, long started)
{
    /// <summary>The variable that tells.</summary>
    public const string Variable = "RAYWRIGHT_HEAD";

    private readonly byte[] mark = Mark(folder);

    /// <summary>Those of a recorded head. Its first process is looked for where a crash came before its number was noted.</summary>
    public static HeadProcesses Of(HeadRecord head)
    {
        if (head.ProcessId > 0)
            return new(head.Folder, head.ProcessId, head.Started);
        ProcessRow first = ProcessTable.Living().Where(process => process.Id == process.Session && ProcessTable.HasVariable(process.Id, Mark(head.Folder))).MinBy(process => process.Started);
        return new(head.Folder, first.Id, first.Started);
    }

    public bool LeaderLives => leader > 0 && ProcessTable.Lives(leader, started);

    /// <summary>All that run now.</summary>
    public List<ProcessRow> Living()
    {
        List<ProcessRow> all = ProcessTable.Living();
        HashSet<int> marked = [.. all.Where(process => ProcessTable.HasVariable(process.Id, mark)).Select(process => process.Id)];
        // Whoever opened a session as one of ours has only ours in it. One that has not yet opened its own is still in the caller's.
        HashSet<int> sessions = [.. marked];
        if (leader > 0 && (LeaderLives || all.Any(process => process.Session == leader && IsOurs(process, marked))))
            sessions.Add(leader);
        return [.. all.Where(process => marked.Contains(process.Id) || sessions.Contains(process.Session))];
    }

    /// <summary>The first one is told to end, and ends the others; where there is none, all are told.</summary>
    public void AskToEnd()
    {
        List<ProcessRow> living = Living();
        ProcessRow[] first = [.. living.Where(process => process.Id == leader && process.Started == started)];
        foreach (ProcessRow process in first.Length > 0 ? first : [.. living])
            ProcessTable.AskToEnd(process);
    }

    private static byte[] Mark(string folder) => Encoding.UTF8.GetBytes($"{Variable}={folder}");

    public void Kill() => Living().ForEach(ProcessTable.Kill);

    /// <summary>Parts of the dashboard write their title over their variables; they have logs open in the folder.</summary>
    private bool IsOurs(ProcessRow process, HashSet<int> marked) =>
        marked.Contains(process.Id) || ProcessTable.OpenFiles(process.Id).Exists(file => file.StartsWith(folder + "/", StringComparison.Ordinal));
}

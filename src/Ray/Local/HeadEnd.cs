namespace Raywright.Ray.Local;

/// <summary>Ends a head, and nothing else.</summary>
internal static class HeadEnd
{
    /// <summary>A clean end takes about four seconds, and longer on a machine that is busy.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>When <c>ray start</c> is gone the others end by themselves within about four seconds, or never.</summary>
    private static readonly TimeSpan WithoutLeader = TimeSpan.FromSeconds(6);

    /// <summary>What is killed is gone at once, except where the kernel waits for a device.</summary>
    private static readonly TimeSpan LastPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);

    /// <param name="record">Says which.</param>
    /// <param name="home">Whose it is.</param>
    /// <param name="clean">Whether it is told to end and has time for it. One that has never answered has nothing to bring to an end.</param>
    /// <returns>What does not end; empty where all is gone, folder and record too.</returns>
    public static async Task<List<ProcessRow>> EndAsync(HeadRecord record, HomeFiles home, bool clean, TimeProvider clock, CancellationToken cancellation)
    {
        if (record.Boot == ProcessTable.Boot())
        {
            HeadProcesses processes = HeadProcesses.Of(record);
            bool ended = clean && await EndByThemselvesAsync(processes, clock, cancellation).ConfigureAwait(false);
            if (!ended && !await KillAsync(processes, clock, cancellation).ConfigureAwait(false))
                return processes.Living();
        }
        HeadFolder.Remove(record.Folder);
        File.Delete(home.Token);
        File.Delete(home.Record);
        return [];
    }

    private static async Task<bool> EndByThemselvesAsync(HeadProcesses processes, TimeProvider clock, CancellationToken cancellation)
    {
        processes.AskToEnd();
        long start = clock.GetTimestamp(), led = start;
        while (clock.GetElapsedTime(start) < Patience && clock.GetElapsedTime(led) < WithoutLeader)
        {
            if (processes.LeaderLives)
                led = clock.GetTimestamp();
            else if (processes.Living().Count == 0)
                return true;
            await Task.Delay(Pace, clock, cancellation).ConfigureAwait(false);
        }
        return false;
    }

    private static async Task<bool> KillAsync(HeadProcesses processes, TimeProvider clock, CancellationToken cancellation)
    {
        long start = clock.GetTimestamp();
        do
        {
            // Again and again: one that is just being started is missed by a blow.
            processes.Kill();
            if (processes.Living().Count == 0)
                return true;
            await Task.Delay(Pace, clock, cancellation).ConfigureAwait(false);
        }
        while (clock.GetElapsedTime(start) < LastPatience);
        return false;
    }
}

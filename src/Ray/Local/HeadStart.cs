using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Raywright.Core.Errors;

namespace Raywright.Ray.Local;

/// <summary>Starts a head and waits until it answers. Whoever calls holds the home's lock, and nothing of an earlier head is left.</summary>
/// <param name="choose">Gives ports that are free.</param>
internal sealed class HeadStart(RayEnvironment environment, HomeFiles home, LocalHeadSettings settings, IReadOnlyDictionary<string, string> caller, Func<HeadPorts> choose, Action<string> tell, TimeProvider clock)
{
    private const int Tries = 3;
    private const int TokenDigits = 64;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);

    /// <summary>A look at who listens reads the files of every process of the head: not ten times a second.</summary>
    private static readonly TimeSpan LookPace = TimeSpan.FromSeconds(1);

    public RayEnvironment Environment => environment;

    public HomeFiles Home => home;

    public LocalHeadSettings Settings => settings;

    public Action<string> Tell => tell;

    public TimeProvider Clock => clock;

    public async Task<Result<(HeadRecord Head, string Token)>> RunAsync(CancellationToken cancellation)
    {
        for (int tried = 1; ; tried++)
        {
            string token = RandomNumberGenerator.GetHexString(TokenDigits, lowercase: true);
            HeadPorts ports = choose();
            HeadRecord head = new(ProcessTable.Boot(), HeadFolder.Make(), ports, environment, settings, 0, 0, Session: null);
            bool started = false;
            try
            {
                (HeadRecord now, Problem? problem) = await StartAsync(head, token, cancellation).ConfigureAwait(false);
                head = now;
                started = problem is null;
                if (problem is null)
                    return (head, token);
                await EndAsync(head).ConfigureAwait(false);
                // Nothing of ours is left to hold a port.
                bool byPorts = problem.Definition == Catalogue.LocalHeadPorts || (problem.Definition != Catalogue.LocalHeadExposed && head.Ports.AnyTaken());
                if (!byPorts)
                    return problem;
                if (tried == Tries)
                    return new Problem(Catalogue.LocalHeadPorts, $"Ports that were free were taken {Tries} times before Ray had them. {problem.Detail}");
                tell($"a port was taken by another program; trying others ({tried + 1} of {Tries})");
            }
            finally
            {
                // Cancelled, or a folder that cannot be written: what has started is known by the folder alone.
                if (!started)
                    await EndAsync(head).ConfigureAwait(false);
            }
        }
    }

    /// <summary>By what was recorded last, which knows more than the record at the beginning.</summary>
    private async Task EndAsync(HeadRecord head) =>
        await HeadEnd.EndAsync(HeadRecord.Read(home) is { } last && last.Folder == head.Folder ? last : head, home, clean: false, clock, CancellationToken.None).ConfigureAwait(false);

    private async Task<(HeadRecord Head, Problem? Problem)> StartAsync(HeadRecord head, string token, CancellationToken cancellation)
    {
        head.Write(home);
        HomeFiles.WritePrivate(home.Token, token);
        HomeFiles.WritePrivate(home.Log, "");
        try
        {
            // What it says goes to the log and its end is seen in the list of processes: nothing of this object is needed any more.
            using Process process = Process.Start(HeadCommand.Of(head, home, caller))!;
            head = head with { ProcessId = process.Id, Started = ProcessTable.Find(process.Id)?.Started ?? 0 };
        }
        catch (Win32Exception e)
        {
            return (head, new Problem(Catalogue.LocalHeadDied, $"{environment.Python} does not start: {e.Message}"));
        }
        head.Write(home);
        tell(string.Create(CultureInfo.InvariantCulture, $"starting Ray {environment.RayVersion} (process {head.ProcessId})"));
        (string? session, Problem? problem) = await AnswerAsync(head, token, cancellation).ConfigureAwait(false);
        if (session is null)
            return (head, problem);
        head = head with { Session = session };
        head.Write(home);
        return (head, Listeners(head));
    }

    /// <summary>The name of the session when the dashboard answers.</summary>
    private async Task<(string? Session, Problem? Problem)> AnswerAsync(HeadRecord head, string token, CancellationToken cancellation)
    {
        Uri dashboard = LocalHead.AtLoopback(head.Ports.Dashboard);
        HashSet<string> suspects = [];
        long start = clock.GetTimestamp(), looked = start;
        while (clock.GetElapsedTime(start) < Patience)
        {
            if (!ProcessTable.Lives(head.ProcessId, head.Started))
                return (null, new Problem(Catalogue.LocalHeadDied, $"`ray start` of Ray {environment.RayVersion} ended. It said last: {HeadLog.LastWords(home.Log)}"));
            // Another head may have the port by now, and answer whoever asks: ours is the one that its own folder names.
            if (await HeadQuestion.SessionAsync(dashboard, token, clock, cancellation).ConfigureAwait(false) is { } session && session == SessionIn(head.Folder))
                return (session, null);
            if (clock.GetElapsedTime(looked) > LookPace)
            {
                looked = clock.GetTimestamp();
                ListeningSocket[] foreign = [.. Foreign(head)];
                // Seen twice: one that was closed between two looks belongs to nobody.
                if (foreign.FirstOrDefault(socket => suspects.Contains(socket.Inode)) is { Inode: not null } taken)
                    return (null, Taken(taken));
                suspects = [.. foreign.Select(socket => socket.Inode)];
            }
            await Task.Delay(Pace, clock, cancellation).ConfigureAwait(false);
        }
        return (null, new Problem(Catalogue.LocalHeadSilent, $"The dashboard of Ray {environment.RayVersion} did not answer within {Patience.TotalSeconds:0} s. The log says last: {HeadLog.LastWords(home.Log)}"));
    }

    private static Problem Taken(ListeningSocket socket) => new(Catalogue.LocalHeadPorts, $"Another program listens at {socket}.");

    private static IEnumerable<ListeningSocket> Foreign(HeadRecord head)
    {
        HashSet<int> ports = [.. head.Ports.All];
        ListeningSocket[] listening = [.. ListeningSockets.All().Where(socket => ports.Contains(socket.Port))];
        return listening.Except(ListeningSockets.HeldBy(listening, HeadProcesses.Of(head).Living()));
    }

    /// <summary>
    /// Ray answers although a part of it has not got its port, and then fails at the first job. Whoever reaches a port of Ray can run
    /// code, so that this is looked at too and not only asked for.
    /// </summary>
    private Problem? Listeners(HeadRecord head)
    {
        if (Foreign(head).Intersect(Foreign(head)).FirstOrDefault() is { Inode: not null } taken)
            return Taken(taken);
        List<ListeningSocket> own = ListeningSockets.HeldBy(ListeningSockets.All(), HeadProcesses.Of(head).Living());
        return own.Find(socket => !socket.IsLoopback) is { Inode: not null } open
            ? new Problem(Catalogue.LocalHeadExposed, $"Ray {environment.RayVersion} listened at {open}.")
            : null;
    }

    private static string? SessionIn(string folder) =>
        new DirectoryInfo(Path.Combine(HeadFolder.ForRay(folder), "session_latest")).LinkTarget is { } target ? Path.GetFileName(target) : null;
}

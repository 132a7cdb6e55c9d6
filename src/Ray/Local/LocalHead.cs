using System.Globalization;
using Raywright.Core.Errors;

namespace Raywright.Ray.Local;

/// <summary>
/// The one head that a home owns. It outlives the process that started it, which finds it again; only <see cref="StopAsync"/> and
/// <see cref="StopRecordedAsync"/> end it.
/// </summary>
public sealed class LocalHead : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(250);
    private readonly HeadRecord head;
    private readonly HomeFiles home;
    private readonly TimeProvider clock;
    private readonly CancellationTokenSource disposed = new();

    private LocalHead(HeadRecord head, string token, HomeFiles home, TimeProvider clock)
    {
        this.head = head;
        this.home = home;
        this.clock = clock;
        Token = token;
        Exited = WatchAsync();
    }

    /// <summary>Of the dashboard, which wants the token.</summary>
    public Uri Dashboard => AtLoopback(head.Ports.Dashboard);

    /// <summary>Where Serve's proxy is to listen. Nobody does until Serve is started with this port.</summary>
    public Uri Serve => AtLoopback(head.Ports.Serve);

    /// <summary>Whoever has it can run code as this user.</summary>
    public string Token { get; }

    /// <summary>What <c>ray start</c> writes; the logs of its parts lie in <see cref="SessionFolder"/>.</summary>
    public string LogPath => home.Log;

    /// <summary>Ray's own folder of this life of the cluster, with <c>logs</c> in it.</summary>
    public string SessionFolder => Path.Combine(HeadFolder.ForRay(head.Folder), Session);

    /// <summary>Ray's name for this life of the cluster.</summary>
    public string Session => head.Session!;

    /// <summary>Of <c>ray start</c>, and of the session that its processes are in.</summary>
    public int ProcessId => head.ProcessId;

    /// <summary>The environment that the head and all models in it run in.</summary>
    public RayEnvironment Environment => head.Environment;

    /// <summary>Done when the head has ended, whoever ended it; cancelled when this object is disposed before.</summary>
    public Task Exited { get; }

    /// <summary>
    /// The head of this home: the one that runs where it answers and is what is asked for; else what is left of it is ended and one is
    /// started, in three to six seconds.
    /// </summary>
    /// <param name="environment">That it runs in.</param>
    /// <param name="home">The home of the server; two homes have two heads.</param>
    /// <param name="settings">What it may use.</param>
    /// <param name="tell">Hears what takes long, a sentence each.</param>
    /// <param name="clock">For all that is waited for.</param>
    /// <param name="cancellation">Leaves nothing half started.</param>
    public static Task<Result<LocalHead>> StartAsync(RayEnvironment environment, string home, LocalHeadSettings settings, Action<string> tell, TimeProvider clock, CancellationToken cancellation) =>
        StartAsync(new HeadStart(environment, new HomeFiles(Path.GetFullPath(home)), settings, RayVariables.OfThisProcess(), HeadPorts.Choose, tell, clock), cancellation);

    internal static async Task<Result<LocalHead>> StartAsync(HeadStart start, CancellationToken cancellation)
    {
        if (!OperatingSystem.IsLinux())
            return new Problem(Catalogue.LocalRayUnsupported, $"This is {System.Runtime.InteropServices.RuntimeInformation.OSDescription}.");
        try
        {
            HomeFiles.MakePrivate(start.Home.Folder);
            await using FileStream held = await HeldLock.TakeAsync(start.Home.Lock, () => start.Tell("waiting for another process, which starts or stops Ray here"), start.Clock, cancellation).ConfigureAwait(false);
            if (HeadRecord.Read(start.Home) is { } last)
            {
                if (await FindAsync(last, start, cancellation).ConfigureAwait(false) is { } running)
                    return running;
                // Where its first process has ended already, the others have nothing to bring to an end.
                List<ProcessRow> staying = await HeadEnd.EndAsync(last, start.Home, clean: last.Session is not null && HeadProcesses.Of(last).LeaderLives, start.Clock, cancellation).ConfigureAwait(false);
                if (staying.Count > 0)
                    return new Problem(Catalogue.LocalHeadStays, $"Processes {string.Join(", ", staying.Select(process => process.Id.ToString(CultureInfo.InvariantCulture)))} do not end.");
            }
            Result<(HeadRecord Head, string Token)> started = await start.RunAsync(cancellation).ConfigureAwait(false);
            return started.Ok ? new LocalHead(started.Value.Head, started.Value.Token, start.Home, start.Clock) : started.Problems;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Problem(Catalogue.LocalHeadFolder, e.Message);
        }
    }

    /// <summary>Ends the head and all that runs in it, and waits until it is gone; its folder goes too.</summary>
    /// <returns>Whether all is gone.</returns>
    public Task<bool> StopAsync(CancellationToken cancellation) => EndAsync(home, mine: head, clock, cancellation);

    /// <summary>Ends the head of a home whose server is gone.</summary>
    /// <param name="home">The home of the server.</param>
    /// <param name="clock">For the wait until it is gone.</param>
    /// <returns>Whether nothing of it runs any more; also where there was none.</returns>
    public static Task<bool> StopRecordedAsync(string home, TimeProvider clock, CancellationToken cancellation) =>
        EndAsync(new HomeFiles(Path.GetFullPath(home)), mine: null, clock, cancellation);

    /// <summary>Lets go of the head, which goes on.</summary>
    public async ValueTask DisposeAsync()
    {
        await disposed.CancelAsync().ConfigureAwait(false);
        await Exited.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        disposed.Dispose();
    }

    internal static Uri AtLoopback(int port) => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"));

    private static async Task<bool> EndAsync(HomeFiles home, HeadRecord? mine, TimeProvider clock, CancellationToken cancellation)
    {
        if (!OperatingSystem.IsLinux() || !File.Exists(home.Record))
            return true;
        await using FileStream held = await HeldLock.TakeAsync(home.Lock, () => { }, clock, cancellation).ConfigureAwait(false);
        HeadRecord? recorded = HeadRecord.Read(home);
        // Another head may have followed this one in the meantime.
        if (recorded is null || (mine is not null && mine.Folder != recorded.Folder))
            return true;
        return (await HeadEnd.EndAsync(recorded, home, clean: true, clock, cancellation).ConfigureAwait(false)).Count == 0;
    }

    /// <summary>The head that the record names, where it can be used.</summary>
    private static async Task<LocalHead?> FindAsync(HeadRecord last, HeadStart start, CancellationToken cancellation)
    {
        if (last.Session is null || last.Boot != ProcessTable.Boot() || !ProcessTable.Lives(last.ProcessId, last.Started) || !File.Exists(start.Home.Token))
            return null;
        if (last.Environment != start.Environment || last.Settings != start.Settings)
        {
            start.Tell("Ray runs with another environment or other settings; it is started again");
            return null;
        }
        string token = await File.ReadAllTextAsync(start.Home.Token, cancellation).ConfigureAwait(false);
        long began = start.Clock.GetTimestamp();
        do
        {
            // A machine that is busy may keep it from answering for a while.
            if (await HeadQuestion.SessionAsync(AtLoopback(last.Ports.Dashboard), token, start.Clock, cancellation).ConfigureAwait(false) is { } session)
                return session == last.Session ? new LocalHead(last, token, start.Home, start.Clock) : null;
            await Task.Delay(Pace, start.Clock, cancellation).ConfigureAwait(false);
        }
        while (ProcessTable.Lives(last.ProcessId, last.Started) && start.Clock.GetElapsedTime(began) < Patience);
        start.Tell("Ray runs and does not answer; it is started again");
        return null;
    }

    private async Task WatchAsync()
    {
        while (ProcessTable.Lives(head.ProcessId, head.Started))
            await Task.Delay(Pace, clock, disposed.Token).ConfigureAwait(false);
    }
}

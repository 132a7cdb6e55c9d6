using Raywright.Core.Errors;
using Raywright.Ray;
using Raywright.Ray.Local;
using Raywright.Server.Hosting;

namespace Raywright.Server.Computes;

/// <summary>The Ray cluster that this server starts on its machine: one a home, started when it is first wanted, and again when it dies.</summary>
public sealed partial class LocalClusters(ServerHome home, TimeProvider clock, ILogger<LocalClusters> log) : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);
    private readonly CancellationTokenSource stopping = new();
    private readonly SemaphoreSlim starting = new(1, 1);
    private LocalHead? head;
    private ClusterPlace? place;
    private Task care = Task.CompletedTask;

    /// <summary>Where the cluster is, now and after each new start.</summary>
    /// <param name="python">Folder of the environment; null to look for one.</param>
    /// <param name="install">Whether one may be made where none is found.</param>
    /// <param name="tell">Hears what takes long, a sentence each.</param>
    /// <param name="cancellation">Leaves nothing half started.</param>
    public async Task<Result<ClusterPlace>> EnsureAsync(string? python, bool install, Action<string> tell, CancellationToken cancellation)
    {
        await starting.WaitAsync(cancellation);
        try
        {
            if (place is not null)
                return place;
            Result<RayEnvironment> environment = await RayEnvironment.FindAsync(python, home.Path, cancellation);
            if (!environment.Ok && install && python is null)
                environment = await RayEnvironment.MakeAsync(home.Path, tell, clock, cancellation);
            if (!environment.Ok)
                return environment.Problems;
            tell($"starting Ray {environment.Value.RayVersion} of {environment.Value.Folder}");
            Result<LocalHead> started = await LocalHead.StartAsync(environment.Value, home.Path, new LocalHeadSettings(), tell, clock, cancellation);
            if (!started.Ok)
                return started.Problems;
            head = started.Value;
            place = new ClusterPlace(AddressOf(head));
            care = CareAsync(environment.Value, head, place);
            LogStarted(head.Dashboard, head.ProcessId);
            return place;
        }
        finally
        {
            starting.Release();
        }
    }

    /// <summary>The environment that it runs in; null where it does not run.</summary>
    public RayEnvironment? Environment => head?.Environment;

    /// <summary>Ends the cluster, where there is one.</summary>
    public async Task StopAsync(CancellationToken cancellation)
    {
        await starting.WaitAsync(cancellation);
        try
        {
            if (head is { } running)
            {
                (head, place) = (null, null);
                await running.StopAsync(cancellation);
                await running.DisposeAsync();
            }
        }
        finally
        {
            starting.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await StopAsync(CancellationToken.None);
        await care.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stopping.Dispose();
        starting.Dispose();
    }

    /// <summary>Starts it again each time that it ends by itself; whoever uses it finds it at its new place.</summary>
    private async Task CareAsync(RayEnvironment environment, LocalHead running, ClusterPlace place)
    {
        while (true)
        {
            await running.Exited.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            TimeSpan pause = FirstPause;
            while (true)
            {
                await starting.WaitAsync(stopping.Token);
                try
                {
                    // Stopped on purpose.
                    if (head != running)
                        return;
                    LogEnded(running.ProcessId);
                    Result<LocalHead> again = await LocalHead.StartAsync(environment, home.Path, new LocalHeadSettings(), _ => { }, clock, stopping.Token);
                    if (again.Ok)
                    {
                        await running.DisposeAsync();
                        head = running = again.Value;
                        place.Address = AddressOf(running);
                        LogStarted(running.Dashboard, running.ProcessId);
                        break;
                    }
                    LogNotStarted(again.Problems[0].Detail);
                }
                finally
                {
                    starting.Release();
                }
                await Task.Delay(pause, clock, stopping.Token);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }

    private static ClusterAddress AddressOf(LocalHead head) => new(head.Dashboard, head.Serve, head.Token, Private: true);

    [LoggerMessage(Level = LogLevel.Information, Message = "Local Ray runs: dashboard {Dashboard}, process {Process}")]
    private partial void LogStarted(Uri dashboard, int process);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Local Ray, process {Process}, has ended; it is started again")]
    private partial void LogEnded(int process);

    [LoggerMessage(Level = LogLevel.Error, Message = "Local Ray does not start: {Reason}")]
    private partial void LogNotStarted(string reason);
}

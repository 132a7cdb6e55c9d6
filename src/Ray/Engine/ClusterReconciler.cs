using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Raywright.Core.Errors;
using Raywright.Ray.Agent;
using Raywright.Ray.Configuration;
using Raywright.Ray.Dashboard;

namespace Raywright.Ray.Engine;

/// <summary>
/// Makes a cluster what is desired, turn after turn: each looks at what runs, and does what is missing. Nothing is remembered that
/// could be looked up, so that a cluster that was started anew, or that somebody changed by hand, becomes right by itself.
/// </summary>
internal sealed partial class ClusterReconciler : IAsyncDisposable
{
    private static readonly TimeSpan BusyPace = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan QuietPace = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan WatchWait = TimeSpan.FromSeconds(20);

    /// <summary>Serve lists a replica a moment after it announced itself.</summary>
    private static readonly TimeSpan ListingDelay = TimeSpan.FromSeconds(10);

    /// <summary>A replica that Serve counts but that nobody announces or reaches for so long is asked through the proxy.</summary>
    private static readonly TimeSpan DirectPatience = TimeSpan.FromSeconds(5);

    /// <summary>The same again would not help.</summary>
    private static readonly ImmutableArray<ErrorDefinition> Final = [Catalogue.AgentFailed, Catalogue.RayConfigRefused, Catalogue.RayConfigHalfApplied, Catalogue.RayPackageTooLarge];
    private readonly string name;
    private readonly ClusterPlace place;
    private readonly Installation installation;
    private readonly DashboardClient dashboard;
    private readonly AgentClient agent;
    private readonly IClusterWriter writer;
    private readonly ConcurrentDictionary<string, RayRevision> desired;
    private readonly TimeProvider clock;
    private readonly ILogger log;
    private readonly CancellationTokenSource stopping = new();
    private readonly SemaphoreSlim poked = new(0, 1);
    private readonly ConcurrentDictionary<string, (AnnouncedReplica Replica, long At)> announced = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> runningUnreached = new(StringComparer.Ordinal);
    private int started;
    private Task running = Task.CompletedTask;
    private Task watching = Task.CompletedTask;

    public ClusterReconciler(
        string name, ClusterPlace place, Installation installation, DashboardClient dashboard, AgentClient agent, IClusterWriter writer,
        ConcurrentDictionary<string, RayRevision> desired, TimeProvider clock, ILogger log) =>
        (this.name, this.place, this.installation, this.dashboard, this.agent, this.writer, this.desired, this.clock, this.log) =
        (name, place, installation, dashboard, agent, writer, desired, clock, log);

    /// <summary>From the first time that somebody says what is desired: before, nothing may be taken for superfluous.</summary>
    public void Start()
    {
        if (Interlocked.Exchange(ref started, 1) == 0)
        {
            running = Task.Run(RunAsync);
            if (writer.Detour is null)
                watching = Task.Run(WatchAsync);
        }
        Poke();
    }

    /// <summary>The next turn begins now.</summary>
    public void Poke()
    {
        try
        {
            poked.Release();
        }
        catch (SemaphoreFullException)
        {
            // One is due already.
        }
    }

    /// <summary>Somebody asks a revision whose last replica has gone: it gets one without waiting for the next turn.</summary>
    public void Wake(RayRevision revision)
    {
        if (!revision.TryWake())
            return;
        _ = Task.Run(async () =>
        {
            Problem? problem = await writer.WakeAsync(revision, stopping.Token).ConfigureAwait(false);
            if (problem is null)
                problem = (await dashboard.ScaleAsync(revision.Id, ServeConfiguration.DeploymentName, revision.Wanted, stopping.Token).ConfigureAwait(false)).Problems.FirstOrDefault();
            if (problem is not null)
                revision.Suffer(problem);
            Poke();
        });
    }

    /// <summary>Deletes what is ours, the agent last.</summary>
    public async Task<Result<bool>> LeaveAsync(CancellationToken cancellation)
    {
        Result<ServeDetails> seen = await dashboard.ApplicationsAsync(cancellation).ConfigureAwait(false);
        if (!seen.Ok)
            return seen.Problems;
        string[] ours = [.. seen.Value.Applications.Where(pair => IsOurs(pair.Value)).Select(pair => pair.Key)];
        if (ours.Length > 0 && await writer.DeleteAsync(ours, cancellation).ConfigureAwait(false) is { } problem)
            return problem;
        // Its answer may be lost with it.
        if (seen.Value.Applications.ContainsKey(installation.Application))
            await agent.DeleteAsync(installation.Application, cancellation).ConfigureAwait(false);
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll([running, watching, .. desired.Values.Select(revision => revision.Applying ?? Task.CompletedTask)]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stopping.Dispose();
        poked.Dispose();
    }

    private async Task RunAsync()
    {
        TimeSpan pause = BusyPace;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                Problem? trouble = await TurnAsync().ConfigureAwait(false);
                pause = trouble is null ? (IsBusy ? BusyPace : QuietPace) : pause * 2 < LongestPause ? pause * 2 : LongestPause;
                if (trouble is not null)
                    Suffer(trouble);
                await poked.WaitAsync(pause, stopping.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // A bug of ours must not end the care for a cluster.
                LogTurnFailed(e, name);
                await Task.Delay(QuietPace, clock, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private bool IsBusy => desired.Values.Any(revision => revision.Failure is null && (revision.Target.ReadyReplicas != revision.Wanted || (revision.Target.Detour is not null && writer.Detour is null) || revision.Applying is { IsCompleted: false }));

    private void Suffer(Problem trouble)
    {
        foreach (RayRevision revision in desired.Values)
            revision.Suffer(trouble);
    }

    /// <summary>One look, and what follows from it; a problem of the whole cluster.</summary>
    private async Task<Problem?> TurnAsync()
    {
        Result<ServeDetails> seen = await dashboard.ApplicationsAsync(stopping.Token).ConfigureAwait(false);
        if (!seen.Ok)
            return seen.Problems[0];
        IReadOnlyDictionary<string, ApplicationDetails> applications = seen.Value.Applications;
        if (!desired.IsEmpty || applications.Values.Any(IsOurs))
        {
            if (await writer.ReadyAsync(_ => { }, stopping.Token).ConfigureAwait(false) is { } notReady)
                return notReady;
        }
        string[] superfluous = [.. applications.Where(pair => !desired.ContainsKey(pair.Key) && pair.Value.Status != ApplicationStatus.Deleting && IsOurs(pair.Value)).Select(pair => pair.Key)];
        if (superfluous.Length > 0 && await writer.DeleteAsync(superfluous, stopping.Token).ConfigureAwait(false) is { } kept)
            LogNotDeleted(name, kept.Detail);
        Prune(applications);
        foreach (RayRevision revision in desired.Values)
        {
            ApplicationDetails? application = applications.GetValueOrDefault(revision.Id);
            if (revision.Applying is { IsCompleted: false } || revision.Failure is not null)
                continue;
            if (application is null)
                revision.Applying = Task.Run(() => DeployAsync(revision));
            else if ((application.Deployments.Count > 0 || application.DeployedAppConfig is not null) && !IsOurs(application))
                revision.Fail(new(Catalogue.ClusterNameTaken, $"{name} runs an application {revision.Id} that is not of this installation."));
            else
                await CareAsync(revision, application).ConfigureAwait(false);
        }
        return null;
    }

    /// <summary>Whether an application was put there by an installation.</summary>
    internal static bool IsOf(ApplicationDetails application, Installation installation) =>
        application.Deployments.Values.Any(deployment => deployment.DeploymentConfig is { } config && IsOf(config, installation))
        || (application.DeployedAppConfig is { } declared && IsDeclaredBy(declared, installation));

    /// <summary>Whether an application was declared by an installation: it says so before anything of it is built.</summary>
    internal static bool IsDeclaredBy(JsonElement declared, Installation installation) =>
        declared is { ValueKind: JsonValueKind.Object } && declared.TryGetProperty("deployments", out JsonElement deployments)
        && deployments.ValueKind == JsonValueKind.Array && deployments.EnumerateArray().Any(deployment => IsOf(deployment, installation));

    private static bool IsOf(JsonElement config, Installation installation) =>
        config.ValueKind == JsonValueKind.Object
        && config.TryGetProperty("user_config", out JsonElement user) && user.ValueKind == JsonValueKind.Object
        && user.TryGetProperty("raywright", out JsonElement mark) && mark.ValueKind == JsonValueKind.Object
        && mark.TryGetProperty("installation", out JsonElement whose) && whose.ValueKind == JsonValueKind.String && whose.GetString() == installation.Application;

    private bool IsOurs(ApplicationDetails application) => IsOf(application, installation);

    private async Task DeployAsync(RayRevision revision)
    {
        try
        {
            Problem? problem = await writer.DeployAsync(revision, stopping.Token).ConfigureAwait(false);
            if (problem is null)
                revision.Say($"deployed to {name}");
            else if (Final.Contains(problem.Definition))
                revision.Fail(problem);
            else
                revision.Suffer(problem);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The next server goes on.
        }
        catch (Exception e)
        {
            LogTurnFailed(e, name);
            revision.Suffer(new(Catalogue.AgentFailed, e.Message));
        }
        Poke();
    }

    /// <summary>An application that is there: how it is, how many replicas it has, and whether they can be reached.</summary>
    private async Task CareAsync(RayRevision revision, ApplicationDetails application)
    {
        DeploymentDetails? deployment = application.Deployments.Values.FirstOrDefault();
        await revision.Target.AnnounceAsync([.. announced.Values.Where(one => one.Replica.Revision == revision.Id).Select(one => one.Replica)], stopping.Token).ConfigureAwait(false);
        if (revision.Target.ReadyReplicas == 0 && application.Status == ApplicationStatus.DeployFailed)
            revision.Fail(Diagnosis.Of(application, deployment)!);
        else if (Diagnosis.Of(application, deployment) is { } problem)
            revision.Suffer(problem);
        else if (deployment is { Replicas: [{ State: ReplicaState.Starting, NodeId: null }, ..] } && clock.GetElapsedTime(revision.Since) > DirectPatience && revision.Target.ReadyReplicas == 0)
            revision.Suffer(new(Catalogue.ClusterPending, $"{revision.Id} is {Diagnosis.Waiting(revision.Source.Revision.Resources)}."));
        else
            revision.Suffer(null);
        if (deployment is null)
            return;
        await DetourAsync(revision, deployment).ConfigureAwait(false);
        if (deployment.TargetNumReplicas is { } target && target != revision.Wanted && application.Status == ApplicationStatus.Running)
        {
            Result<bool> scaled = await dashboard.ScaleAsync(revision.Id, deployment.Name ?? ServeConfiguration.DeploymentName, revision.Wanted, stopping.Token).ConfigureAwait(false);
            if (!scaled.Ok)
                revision.Suffer(scaled.Problems[0]);
        }
    }

    private async Task DetourAsync(RayRevision revision, DeploymentDetails deployment)
    {
        int run = deployment.Replicas.Count(replica => replica.State == ReplicaState.Running);
        if (run == 0 || revision.Target.DirectReplicas > 0)
        {
            runningUnreached.TryRemove(revision.Id, out _);
            revision.Target.EndDetour();
            return;
        }
        long since = runningUnreached.GetOrAdd(revision.Id, _ => clock.GetTimestamp());
        if ((writer.Detour is null && clock.GetElapsedTime(since) < DirectPatience) || place.Address.Serve.Scheme != Uri.UriSchemeHttp)
            return;
        string why = writer.Detour ?? (revision.Target.Unreached is { } reason ? $"replicas cannot be reached directly: {reason}" : "no replica has announced itself");
        if (revision.Target.Detour is null)
            revision.Say($"asked through Serve's proxy: {why}");
        string? against = await revision.Target.DetourAsync(new DnsEndPoint(place.Address.Serve.Host, place.Address.Serve.Port), why, run, stopping.Token).ConfigureAwait(false);
        if (against is null)
            revision.Tell();
        else
            revision.Suffer(new(Catalogue.ServeUnreachable, $"Serve's proxy at {place.Address.Serve} does not lead to {revision.Id}: {against}."));
    }

    /// <summary>Who announced itself and is not in Serve's list any more is gone.</summary>
    private void Prune(IReadOnlyDictionary<string, ApplicationDetails> applications)
    {
        Dictionary<string, ReplicaState> listed = applications.Values.SelectMany(application => application.Deployments.Values).SelectMany(deployment => deployment.Replicas)
            .Where(replica => replica.ReplicaId is not null).GroupBy(replica => replica.ReplicaId!, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.First().State, StringComparer.Ordinal);
        foreach ((string id, (AnnouncedReplica replica, long at)) in announced)
        {
            if (listed.TryGetValue(id, out ReplicaState state))
            {
                if (state == ReplicaState.Stopping && !replica.Leaving)
                    announced[id] = (replica with { Leaving = true }, at);
            }
            else if (clock.GetElapsedTime(at) > ListingDelay)
            {
                announced.TryRemove(id, out _);
            }
        }
    }

    /// <summary>Hears from the agent who announces itself, as it happens.</summary>
    private async Task WatchAsync()
    {
        AgentState? known = null;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                Result<AgentState> state = await agent.StateAsync(known, WatchWait, stopping.Token).ConfigureAwait(false);
                if (!state.Ok)
                {
                    await Task.Delay(BusyPace, clock, stopping.Token).ConfigureAwait(false);
                    continue;
                }
                known = state.Value;
                await HearAsync(known).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                LogTurnFailed(e, name);
                await Task.Delay(QuietPace, clock, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task HearAsync(AgentState state)
    {
        foreach (AnnouncedReplica replica in state.Replicas)
            announced[replica.Replica] = (replica, announced.TryGetValue(replica.Replica, out (AnnouncedReplica, long At) before) ? before.At : clock.GetTimestamp());
        foreach (ReplicaFailure failure in state.Failures)
        {
            if (desired.TryGetValue(failure.Revision, out RayRevision? failed) && failed.Target.ReadyReplicas == 0)
            {
                foreach (string line in (failure.Trace ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries))
                    failed.Say(line);
                failed.Fail(Diagnosis.Of(failure));
            }
        }
        await Task.WhenAll(desired.Values.Select(async revision =>
        {
            ImmutableArray<AnnouncedReplica> own = [.. announced.Values.Where(one => one.Replica.Revision == revision.Id).Select(one => one.Replica)];
            await revision.Target.AnnounceAsync(own, stopping.Token).ConfigureAwait(false);
            revision.Tell();
        })).ConfigureAwait(false);
        if (!state.Missing.IsEmpty)
            await SendMissingAsync([.. state.Missing]).ConfigureAwait(false);
    }

    /// <summary>An agent that was started on another node has no files.</summary>
    private async Task SendMissingAsync(HashSet<string> missing)
    {
        foreach (RayRevision revision in desired.Values)
        {
            foreach ((Core.Api.FileReference file, Func<Stream> open) in await revision.FilesAsync(stopping.Token).ConfigureAwait(false))
            {
                if (missing.Remove(file.Sha256))
                    await agent.PushAsync(file.Sha256, open, null, stopping.Token).ConfigureAwait(false);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The care for the compute {Compute} failed")]
    private partial void LogTurnFailed(Exception exception, string compute);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Compute}: applications that nobody wants any more are still there: {Reason}")]
    private partial void LogNotDeleted(string compute, string reason);
}

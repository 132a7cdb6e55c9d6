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
    private const string NotScaled = "Ray Serve does not scale it yet";

    private static readonly TimeSpan BusyPace = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan QuietPace = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>A replica that Serve counts but that nobody announces or reaches for so long is asked through the proxy.</summary>
    private static readonly TimeSpan DirectPatience = TimeSpan.FromSeconds(5);

    /// <summary>What was put right and is wrong again is put right again after this: whoever else writes there may write on.</summary>
    private static readonly TimeSpan RepairPause = TimeSpan.FromSeconds(30);

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
    private readonly Announcements announcements;
    private readonly AgentWatch watch;
    private readonly ConcurrentDictionary<string, long> runningUnreached = new(StringComparer.Ordinal);

    /// <summary>What was begun and goes on beside the turns, also for a revision that is not desired any more.</summary>
    private readonly ConcurrentDictionary<Task, bool> underWay = new();

    /// <summary>What this process has had deployed: while Serve builds an application, nothing in its list says whose it is.</summary>
    private readonly ConcurrentDictionary<string, bool> deployed = new(StringComparer.Ordinal);
    private TaskCompletionSource poked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int started;
    private Task running = Task.CompletedTask;
    private Task watching = Task.CompletedTask;

    public ClusterReconciler(
        string name, ClusterPlace place, Installation installation, DashboardClient dashboard, AgentClient agent, IClusterWriter writer,
        ConcurrentDictionary<string, RayRevision> desired, TimeProvider clock, ILogger log)
    {
        (this.name, this.place, this.installation, this.dashboard, this.agent, this.writer, this.desired, this.clock, this.log) =
            (name, place, installation, dashboard, agent, writer, desired, clock, log);
        announcements = new(clock);
        watch = new(name, agent, desired, announcements, clock, log);
    }

    /// <summary>From the first time that somebody says what is desired: before, nothing may be taken for superfluous.</summary>
    public void Start()
    {
        if (Interlocked.Exchange(ref started, 1) == 0)
        {
            running = Task.Run(RunAsync);
            if (writer.Detour is null)
                watching = Task.Run(() => watch.RunAsync(stopping.Token));
        }
        Poke();
    }

    /// <summary>The next turn begins now.</summary>
    public void Poke() => Volatile.Read(ref poked).TrySetResult();

    /// <summary>Somebody asks a revision whose last replica has gone: it gets one without waiting for the next turn.</summary>
    public void Wake(RayRevision revision)
    {
        if (!revision.TryWake())
            return;
        _ = Begin(async () =>
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
        // What is being deployed would come after us.
        await Task.WhenAll(underWay.Keys).WaitAsync(cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellation.ThrowIfCancellationRequested();
        Result<ServeDetails> seen = await dashboard.ApplicationsAsync(cancellation).ConfigureAwait(false);
        if (!seen.Ok)
            return seen.Problems;
        string[] ours = [.. seen.Value.Applications.Where(pair => IsOurs(pair.Key, pair.Value)).Select(pair => pair.Key)];
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
        await Task.WhenAll([running, watching, .. underWay.Keys]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stopping.Dispose();
    }

    private Task Begin(Func<Task> work)
    {
        Task begun = stopping.IsCancellationRequested ? Task.CompletedTask : Task.Run(work);
        underWay[begun] = true;
        return begun.ContinueWith(ended => underWay.TryRemove(ended, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private async Task RunAsync()
    {
        TimeSpan pause = BusyPace;
        while (!stopping.IsCancellationRequested)
        {
            // Before the look: what is said while it is taken asks for another.
            TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
            Volatile.Write(ref poked, asked);
            try
            {
                Problem? trouble = await TurnAsync().ConfigureAwait(false);
                pause = trouble is null ? (IsBusy ? BusyPace : QuietPace) : pause * 2 < LongestPause ? pause * 2 : LongestPause;
                if (trouble is not null)
                    Suffer(trouble);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // A bug of ours must not end the care for a cluster.
                LogTurnFailed(e, name);
                pause = QuietPace;
            }
            await asked.Task.WaitAsync(pause, clock, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private bool IsBusy => desired.Values.Any(revision => revision.Failure is null && (revision.Target.ReadyReplicas != revision.Wanted || (revision.Target.Detour is not null && writer.Detour is null) || revision.IsApplying));

    private void Suffer(Problem trouble)
    {
        foreach (RayRevision revision in desired.Values)
            revision.Suffer(trouble);
    }

    /// <summary>One look, and what follows from it; a problem of the whole cluster.</summary>
    private async Task<Problem?> TurnAsync()
    {
        // Before the look, which knows nothing of what was there when others came to be desired.
        RayRevision[] looked = [.. desired.Values];
        Result<ServeDetails> seen = await dashboard.ApplicationsAsync(stopping.Token).ConfigureAwait(false);
        if (!seen.Ok)
            return seen.Problems[0];
        IReadOnlyDictionary<string, ApplicationDetails> applications = seen.Value.Applications;
        // First, and for all: who has gone is asked no more, whatever else cannot be done now.
        announcements.Compare(applications);
        await Task.WhenAll(desired.Values.Select(revision => revision.Target.AnnounceAsync(announcements.Of(revision.Id), stopping.Token))).ConfigureAwait(false);
        foreach (RayRevision revision in looked.Where(revision => applications.GetValueOrDefault(revision.Id) is null or { Status: ApplicationStatus.Deleting }))
            Lose(revision);
        if (!desired.IsEmpty || applications.Any(pair => IsOurs(pair.Key, pair.Value)))
        {
            if (await writer.ReadyAsync(_ => { }, stopping.Token).ConfigureAwait(false) is { } notReady)
                return notReady;
        }
        string[] superfluous = [.. applications.Where(pair => !desired.ContainsKey(pair.Key) && pair.Value.Status != ApplicationStatus.Deleting && IsOurs(pair.Key, pair.Value)).Select(pair => pair.Key)];
        if (superfluous.Length > 0 && await writer.DeleteAsync(superfluous, stopping.Token).ConfigureAwait(false) is { } kept)
            LogNotDeleted(name, kept.Detail);
        foreach (RayRevision revision in looked.Where(revision => desired.ContainsKey(revision.Id) && !revision.IsApplying))
            await MakeRightAsync(revision, applications.GetValueOrDefault(revision.Id)).ConfigureAwait(false);
        return null;
    }

    private async Task MakeRightAsync(RayRevision revision, ApplicationDetails? application)
    {
        if (application is { Deployments.Count: > 0 } or { DeployedAppConfig: not null } && !IsOf(application, installation))
        {
            revision.Fail(new(Catalogue.ClusterNameTaken, $"{name} runs an application {revision.Id} that is not of this installation."));
            return;
        }
        if (revision.Failure is { } failure)
        {
            // Ray goes on trying for a while after the first replica has failed.
            if (failure.Definition == Catalogue.ClusterNameTaken || revision.Target.ReadyReplicas > 0)
                revision.Recover();
            else if (!revision.IsDue)
                return;
            else if (application is null or { Status: ApplicationStatus.Deleting })
                revision.TryAgain();
            else
            {
                // What was looked at is no more: the next look goes on.
                if (await writer.DeleteAsync([revision.Id], stopping.Token).ConfigureAwait(false) is { } kept)
                    LogNotDeleted(name, kept.Detail);
                else
                    revision.TryAgain();
                return;
            }
        }
        // Not only once it has gone: Ray waits with a replica that never got a node for as long as with one that has requests to answer.
        if (application is null or { Status: ApplicationStatus.Deleting })
            revision.Applying = Begin(() => DeployAsync(revision, null));
        else if (revision.Failure is null)
            await CareAsync(revision, application).ConfigureAwait(false);
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

    private bool IsOurs(string id, ApplicationDetails application) =>
        IsOf(application, installation) || (application is { Deployments.Count: 0, Source: not ApplicationSource.Declarative } && deployed.ContainsKey(id));

    /// <param name="revision">What is deployed.</param>
    /// <param name="why">Why it is deployed although it is there; null where it was not.</param>
    private async Task DeployAsync(RayRevision revision, string? why)
    {
        try
        {
            deployed[revision.Id] = true;
            Problem? problem = await writer.DeployAsync(revision, stopping.Token).ConfigureAwait(false);
            if (problem is null)
            {
                revision.Say(why is null ? $"deployed to {name}" : $"deployed to {name} anew, because {why}");
                revision.Repaired(why);
            }
            else if (Final.Contains(problem.Definition) && why is null)
            {
                revision.Fail(problem);
            }
            else
            {
                revision.Suffer(problem);
            }
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

    /// <summary>Serve does not have it: what was said of its replicas holds no more.</summary>
    private void Lose(RayRevision revision)
    {
        runningUnreached.TryRemove(revision.Id, out _);
        revision.IsPlaced = false;
        revision.Target.EndDetour();
        revision.Tell();
    }

    /// <summary>An application that is there: how it is, how many replicas it has, and whether they can be reached.</summary>
    private async Task CareAsync(RayRevision revision, ApplicationDetails application)
    {
        DeploymentDetails? deployment = application.Deployments.Values.FirstOrDefault();
        bool gaveUp = application.Status == ApplicationStatus.DeployFailed || deployment?.Status == DeploymentStatus.DeployFailed;
        if (revision.Target.DirectReplicas == 0 && gaveUp)
            revision.Fail(Diagnosis.Of(application, deployment)!);
        else if (Diagnosis.Of(application, deployment) is { } problem)
            revision.Suffer(problem);
        else if (deployment is { Replicas: [{ State: ReplicaState.Starting, NodeId: null }, ..] } && clock.GetElapsedTime(revision.Since) > DirectPatience && revision.Target.ReadyReplicas == 0)
            revision.Suffer(new(Catalogue.ClusterPending, $"{revision.Id} is {Diagnosis.Waiting(revision.Source.Revision.Resources)}."));
        else
            revision.Suffer(null);
        if (deployment is null)
        {
            Lose(revision);
            return;
        }
        revision.IsPlaced = application.Status != ApplicationStatus.Deploying;
        await DetourAsync(revision, deployment).ConfigureAwait(false);
        if (Mends(revision, application, deployment, gaveUp))
            return;
        // Not only while it runs: one whose replicas do not all fit deploys for ever, and fewer may be what is wanted now.
        bool counts = !gaveUp && (application.Status != ApplicationStatus.Deploying || revision.Wanted > 0 || revision.Trouble is not null);
        if (counts && deployment.TargetNumReplicas is { } target && target != revision.Wanted)
        {
            Result<bool> scaled = await dashboard.ScaleAsync(revision.Id, deployment.Name ?? ServeConfiguration.DeploymentName, revision.Wanted, stopping.Token).ConfigureAwait(false);
            // Serve does not scale what came back before all of it had gone, but takes it with another number.
            if (!scaled.Ok && scaled.Problems[0].Definition == Catalogue.RayScalingRefused && revision.Wanted > 0 && revision.IsToRepair(NotScaled, RepairPause))
                revision.Applying = Begin(() => DeployAsync(revision, NotScaled));
            else if (!scaled.Ok)
                revision.Suffer(scaled.Problems[0]);
        }
    }

    /// <summary>
    /// What came back is compared with what was sent; where somebody has changed it, it is deployed again. So it is where Ray has
    /// given up on a part of the replicas, for which it does nothing more by itself.
    /// </summary>
    private bool Mends(RayRevision revision, ApplicationDetails application, DeploymentDetails deployment, bool gaveUp)
    {
        revision.Drift = Drift.Of(revision.Configuration, application, deployment);
        string? why = revision.Drift is { } drift ? $"somebody had changed it: {drift}"
            : gaveUp && revision.Failure is null ? "Ray Serve gave up on a part of its replicas"
            : null;
        if (why is null || revision.Failure is not null || !revision.IsToRepair(why, RepairPause))
            return false;
        if (gaveUp)
            revision.Attempt++;
        revision.Applying = Begin(() => DeployAsync(revision, why));
        return true;
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

    [LoggerMessage(Level = LogLevel.Error, Message = "The care for the compute {Compute} failed")]
    private partial void LogTurnFailed(Exception exception, string compute);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Compute}: applications that nobody wants any more are still there: {Reason}")]
    private partial void LogNotDeleted(string compute, string reason);
}

using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Raywright.Core.Errors;
using Raywright.Ray.Dashboard;

namespace Raywright.Ray.Agent;

/// <summary>Who we are in a cluster: nothing of another installation there is touched.</summary>
/// <param name="Application">Name of the agent's application, and beginning of nothing else there, e.g. <c>raywright-0a1b2c3d</c>.</param>
/// <param name="Secret">Of which every token is made; visible ASCII.</param>
public sealed record Installation(string Application, string Secret)
{
    /// <summary>What the agent, or the replicas of a revision, want to see. The cluster only ever has its digest.</summary>
    public string Token(string of) => Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes(of)));

    public string AgentToken => Token("agent");

    /// <summary>Lower-case hex SHA-256 of a token.</summary>
    public static string Digest(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    public override string ToString() => Application;
}

/// <summary>
/// Puts the agent into a cluster by a job whose command carries its source: no package is left there that could be lost, and the
/// job ends as soon as the agent runs.
/// </summary>
/// <param name="dashboard">Takes the job.</param>
/// <param name="agent">Tells when it runs.</param>
/// <param name="installation">Whose agent it is.</param>
/// <param name="place">Where Serve is to listen, if it does not run yet.</param>
/// <param name="package">Has the source.</param>
/// <param name="clock">For the wait.</param>
internal sealed class AgentInstallation(
    DashboardClient dashboard, AgentClient agent, Installation installation, ClusterPlace place, RuntimePackage package, TimeProvider clock) : IDisposable
{
    private const string ProxyLocation = "EveryNode";

    /// <summary>Ray's words.</summary>
    private const string NotYet = "No available agent to submit job";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(200);

    /// <summary>After the job has ended well; an agent that does not answer then was taken away, or does not come.</summary>
    private static readonly TimeSpan PatienceAfterJob = TimeSpan.FromSeconds(20);
    private readonly SemaphoreSlim one = new(1, 1);

    /// <summary>The agent of this version; installed where there is none, or another.</summary>
    public async Task<Result<AgentState>> EnsureAsync(Action<string> tell, CancellationToken cancellation)
    {
        Result<AgentState> there = await agent.StateAsync(null, TimeSpan.Zero, cancellation).ConfigureAwait(false);
        if (IsSettled(there))
            return there;
        // Two jobs at once would put one agent in the place of the other.
        await one.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            // Asked again also because one answer may be lost, and a new agent has forgotten who runs.
            await Task.Delay(Pace, clock, cancellation).ConfigureAwait(false);
            there = await agent.StateAsync(null, TimeSpan.Zero, cancellation).ConfigureAwait(false);
            if (IsSettled(there))
                return there;
            tell("our agent is put into the cluster");
            return await InstallAsync(cancellation).ConfigureAwait(false);
        }
        finally
        {
            one.Release();
        }
    }

    public void Dispose() => one.Dispose();

    private bool IsSettled(Result<AgentState> there) => there.Ok ? there.Value.Agent == package.AgentVersion : there.Problems[0].Definition == Catalogue.AgentRefused;

    private async Task<Result<AgentState>> InstallAsync(CancellationToken cancellation)
    {
        if (place.Address.Private)
            await StartServeAsync(cancellation).ConfigureAwait(false);
        long start = clock.GetTimestamp();
        Result<string> job = await SubmitAsync().ConfigureAwait(false);
        // A dashboard answers some seconds before its nodes take jobs.
        while (!job.Ok && job.Problems[0].Detail.Contains(NotYet, StringComparison.Ordinal) && clock.GetElapsedTime(start) < Patience)
        {
            await Task.Delay(Pace, clock, cancellation).ConfigureAwait(false);
            job = await SubmitAsync().ConfigureAwait(false);
        }
        if (!job.Ok)
            return job.Problems;
        long? ended = null;
        while (clock.GetElapsedTime(start) < Patience && (ended is null || clock.GetElapsedTime(ended.Value) < PatienceAfterJob))
        {
            await Task.Delay(Pace, clock, cancellation).ConfigureAwait(false);
            Result<AgentState> state = await agent.StateAsync(null, TimeSpan.Zero, cancellation).ConfigureAwait(false);
            if (state.Ok && state.Value.Agent == package.AgentVersion)
                return state;
            Result<JobDetails> seen = await dashboard.JobAsync(job.Value, cancellation).ConfigureAwait(false);
            if (seen is { Ok: true, Value: { Status: JobStatus.Failed or JobStatus.Stopped } failed })
                return new Problem(Catalogue.AgentNotInstalled, $"The job {job.Value} that installs the agent ended: {await LastWordsAsync(job.Value, failed, cancellation).ConfigureAwait(false)}");
            // The cluster is another one by now, and nobody installs anything.
            if (!seen.Ok && seen.Problems[0].Definition == Catalogue.RayJobUnknown)
                return seen.Problems;
            if (seen is { Ok: true, Value.Status: JobStatus.Succeeded })
                ended ??= clock.GetTimestamp();
        }
        return new Problem(Catalogue.AgentNotInstalled, string.Create(
            CultureInfo.InvariantCulture, $"The agent was put into the cluster, but nothing of ours answered at {place.Address.Serve} within {Patience.TotalSeconds:0} s."));

        Task<Result<string>> SubmitAsync() => dashboard.SubmitJobAsync(new JobRequest(Command(), $"{installation.Application}-{Guid.NewGuid():n}"), cancellation);
    }

    /// <summary>
    /// By the dashboard, whose job lives as long as the head. Ray ends the spare processes of a job that has ended, and one that installs
    /// the agent ends at once. Elsewhere the job starts Serve: an empty list would remove what somebody declares in the same moment.
    /// </summary>
    private async Task StartServeAsync(CancellationToken cancellation)
    {
        if (await dashboard.ApplicationsAsync(cancellation).ConfigureAwait(false) is not { Ok: true, Value: { Started: false, Applications.Count: 0 } })
            return;
        JsonObject nothing = new()
        {
            ["proxy_location"] = ProxyLocation,
            ["http_options"] = new JsonObject { ["host"] = place.Address.ServeHost, ["port"] = place.Address.Serve.Port },
            ["applications"] = new JsonArray(),
        };
        // Where it fails, the job says why.
        await dashboard.PutApplicationsAsync(Encoding.UTF8.GetBytes(nothing.ToJsonString()), cancellation).ConfigureAwait(false);
    }

    private async Task<string> LastWordsAsync(string job, JobDetails ended, CancellationToken cancellation)
    {
        Result<string> log = await dashboard.JobLogsAsync(job, cancellation).ConfigureAwait(false);
        return (log.Ok ? log.Value.Split('\n').LastOrDefault(line => !string.IsNullOrWhiteSpace(line)) : null) ?? ended.Message ?? "it said nothing";
    }

    private string Command()
    {
        AgentSettings settings = new(installation.Application, package.AgentVersion, Installation.Digest(installation.AgentToken), ProxyLocation, place.Address.ServeHost, place.Address.Serve.Port);
        using MemoryStream packed = new();
        using (ZLibStream zlib = new(packed, CompressionLevel.SmallestSize, leaveOpen: true))
            zlib.Write(package.AgentSource);
        string source = Convert.ToBase64String(packed.ToArray());
        string words = Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(settings, AgentJson.Default.AgentSettings));
        return $"python -c \"import base64,json,zlib;exec(zlib.decompress(base64.b64decode('{source}')));install(json.loads(base64.b64decode('{words}')))\"";
    }
}

using System.Collections.Immutable;
using System.Globalization;
using Raywright.Core.Errors;
using Raywright.Ray.Agent;
using Raywright.Ray.Configuration;

namespace Raywright.Ray.Engine;

/// <summary>Applications one at a time, by our agent in the cluster: others and theirs are not involved.</summary>
internal sealed class AgentWriter(string name, AgentClient agent, AgentInstallation installing) : IClusterWriter
{
    public string? Detour => null;

    public async Task<Problem?> ReadyAsync(Action<string> tell, CancellationToken cancellation) =>
        (await installing.EnsureAsync(tell, cancellation).ConfigureAwait(false)).Problems.FirstOrDefault();

    public async Task<ImmutableArray<Problem>> PreflightAsync(RayRevision revision, Action<string> tell, CancellationToken cancellation)
    {
        Result<AgentState> state = await installing.EnsureAsync(tell, cancellation).ConfigureAwait(false);
        if (!state.Ok)
            return state.Problems;
        List<Problem> against = [.. Diagnosis.Python(revision.Source.Revision, state.Value.Python)];
        if (await PushAsync(revision, tell, cancellation).ConfigureAwait(false) is { } notSent)
            return [.. against, notSent];
        Result<PackageAnswer> packages = await agent.PreflightAsync(await revision.OrderAsync(cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);
        against.AddRange(packages.Problems);
        if (packages.Ok && packages.Value is { Unresolved: { } why, Enough: false })
            against.Add(new(Catalogue.ClusterPackages, $"{string.Join(", ", packages.Value.Unmet.Select(one => one.Requirement))}: {why}", "runtime.requirements"));
        else if (packages.Ok && packages.Value is { Unresolved: null, Unmet.Length: > 0 })
            tell($"replicas install {string.Join(", ", packages.Value.Unmet.Select(one => one.Requirement))} first");
        return [.. against];
    }

    public async Task<Problem?> DeployAsync(RayRevision revision, CancellationToken cancellation)
    {
        if (await PushAsync(revision, revision.Say, cancellation).ConfigureAwait(false) is { } problem)
            return problem;
        return (await agent.ApplyAsync(revision.Id, await revision.ApplicationAsync(cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false)).Problems.FirstOrDefault();
    }

    /// <summary>The agent has its files, and says where it lacks one.</summary>
    public Task<Problem?> WakeAsync(RayRevision revision, CancellationToken cancellation) => Task.FromResult<Problem?>(null);

    public async Task<Problem?> DeleteAsync(IReadOnlyCollection<string> applications, CancellationToken cancellation)
    {
        foreach (string application in applications)
        {
            Result<AgentRefusal> deleted = await agent.DeleteAsync(application, cancellation).ConfigureAwait(false);
            if (!deleted.Ok)
                return deleted.Problems[0] with { Detail = $"{application}: {deleted.Problems[0].Detail}" };
        }
        return null;
    }

    /// <summary>Brings the files of a revision to the agent; what is wrong, or null.</summary>
    private async Task<Problem?> PushAsync(RayRevision revision, Action<string> tell, CancellationToken cancellation)
    {
        foreach ((Core.Api.FileReference file, Func<Stream> open) in await revision.FilesAsync(cancellation).ConfigureAwait(false))
        {
            Action<long, long>? sent = file.Size < 64 << 20 ? null : (have, all) => tell(string.Create(CultureInfo.InvariantCulture, $"{file.Path}: {have >> 20} of {all >> 20} MiB sent to {name}"));
            Result<bool> pushed = await agent.PushAsync(file.Sha256, open, sent, cancellation).ConfigureAwait(false);
            if (!pushed.Ok)
                return pushed.Problems[0];
        }
        return null;
    }
}

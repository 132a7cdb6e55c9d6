using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Raywright.Core.Errors;
using Raywright.Ray.Agent;
using Raywright.Ray.Configuration;
using Raywright.Ray.Dashboard;

namespace Raywright.Ray.Engine;

/// <summary>
/// Applications through the list of declared ones, for a cluster that takes no jobs. Ray has no way to say "only if the list is still
/// the one I read", so that this is refused while others write it, unless that was accepted; and each list is read back.
/// </summary>
internal sealed partial class ListWriter(string name, ClusterPlace place, Installation installation, DashboardClient dashboard, bool shares, ILogger log) : IClusterWriter, IDisposable
{
    private readonly SemaphoreSlim writing = new(1, 1);

    public string? Detour => "applications are declared there, and nothing of ours in the cluster says where replicas listen";

    public Task<Problem?> ReadyAsync(Action<string> tell, CancellationToken cancellation) => Task.FromResult<Problem?>(null);

    /// <summary>Why the list may not be written now; null where it may.</summary>
    public async Task<Problem?> AgainstAsync(CancellationToken cancellation)
    {
        Result<DeclaredList> list = await ReadAsync(cancellation).ConfigureAwait(false);
        return list.Ok ? Against(list.Value) : list.Problems[0];
    }

    public async Task<ImmutableArray<Problem>> PreflightAsync(RayRevision revision, Action<string> tell, CancellationToken cancellation)
    {
        List<Problem> against = [];
        Result<string> python = await dashboard.PythonVersionAsync(cancellation).ConfigureAwait(false);
        against.AddRange(python.Ok ? Diagnosis.Python(revision.Source.Revision, python.Value) : python.Problems);
        if (await AgainstAsync(cancellation).ConfigureAwait(false) is { } others)
            against.Add(others);
        Result<ReplicaPackage> package = await revision.PackageAsync(cancellation).ConfigureAwait(false);
        against.AddRange(package.Problems);
        if (against.Count == 0 && await SendAsync(package.Value, tell, cancellation).ConfigureAwait(false) is { } notSent)
            against.Add(notSent);
        return [.. against];
    }

    public async Task<Problem?> DeployAsync(RayRevision revision, CancellationToken cancellation)
    {
        Result<ReplicaPackage> package = await revision.PackageAsync(cancellation).ConfigureAwait(false);
        if (!package.Ok)
            return package.Problems[0];
        if (await SendAsync(package.Value, revision.Say, cancellation).ConfigureAwait(false) is { } notSent)
            return notSent;
        ServeSettings settings = new()
        {
            Installation = installation.Application,
            WorkingDirectory = $"gcs://{package.Value.Name}",
            TokenDigest = Installation.Digest(installation.Token(revision.Id)),
        };
        ServeConfiguration configuration = ServeConfiguration.Of(revision.Source.Revision with { Replicas = revision.Wanted }, settings);
        JsonElement application = JsonElement.Parse(configuration.Application.ToJson());
        return await ChangeAsync(list => list.With(revision.Id, application), cancellation).ConfigureAwait(false);
    }

    /// <summary>Ray deletes a package that no replica uses.</summary>
    public async Task<Problem?> WakeAsync(RayRevision revision, CancellationToken cancellation)
    {
        Result<ReplicaPackage> package = await revision.PackageAsync(cancellation).ConfigureAwait(false);
        return package.Ok ? await SendAsync(package.Value, revision.Say, cancellation).ConfigureAwait(false) : package.Problems[0];
    }

    public Task<Problem?> DeleteAsync(IReadOnlyCollection<string> applications, CancellationToken cancellation) =>
        ChangeAsync(list => list.Without(applications), cancellation);

    public void Dispose() => writing.Dispose();

    private async Task<Problem?> SendAsync(ReplicaPackage package, Action<string> tell, CancellationToken cancellation)
    {
        // Asking keeps it for ten minutes, in which the application that uses it can start.
        Result<bool> there = await dashboard.HasPackageAsync(package.Name, cancellation).ConfigureAwait(false);
        if (!there.Ok || there.Value)
            return there.Problems.FirstOrDefault();
        using MemoryStream zip = new();
        package.WriteTo(zip);
        tell($"{package.Name} is sent to {name}");
        Result<bool> sent = await dashboard.UploadPackageAsync(package.Name, zip.GetBuffer().AsMemory(0, (int)zip.Length), cancellation).ConfigureAwait(false);
        if (sent.Ok)
            sent = await dashboard.HasPackageAsync(package.Name, cancellation).ConfigureAwait(false);
        return sent.Ok && !sent.Value ? new Problem(Catalogue.RayFailed, $"{dashboard.Address} took {package.Name} and does not have it.") : sent.Problems.FirstOrDefault();
    }

    private async Task<Problem?> ChangeAsync(Func<DeclaredList, DeclaredList> change, CancellationToken cancellation)
    {
        await writing.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            Result<DeclaredList> before = await ReadAsync(cancellation).ConfigureAwait(false);
            if (!before.Ok)
                return before.Problems[0];
            if (Against(before.Value) is { } others)
                return others;
            DeclaredList wanted = change(before.Value);
            ReadOnlyMemory<byte> body = wanted.ToJson(place.Address);
            Result<bool> put = await dashboard.PutApplicationsAsync(body, cancellation).ConfigureAwait(false);
            // What was stopped in the middle is put right by the whole.
            if (!put.Ok && put.Problems[0].Definition == Catalogue.RayConfigHalfApplied)
                put = await dashboard.PutApplicationsAsync(body, cancellation).ConfigureAwait(false);
            if (!put.Ok)
                return put.Problems[0];
            Result<DeclaredList> after = await ReadAsync(cancellation).ConfigureAwait(false);
            return after.Ok ? Compare(before.Value, wanted, after.Value) : after.Problems[0];
        }
        finally
        {
            writing.Release();
        }
    }

    private async Task<Result<DeclaredList>> ReadAsync(CancellationToken cancellation)
    {
        Result<ServeDetails> details = await dashboard.ApplicationsAsync(cancellation).ConfigureAwait(false);
        return details.Ok ? DeclaredList.Read(details.Value) : details.Problems;
    }

    private Problem? Against(DeclaredList list)
    {
        string[] others = [.. list.Applications.Where(one => !IsOurs(one.Config)).Select(one => one.Name).Order(StringComparer.Ordinal)];
        return shares || others.Length == 0
            ? null
            : new(Catalogue.RayListShared, $"On {name} applications are declared by others: {string.Join(", ", others.Take(5))}{(others.Length > 5 ? " and more" : "")}.");
    }

    /// <summary>What is otherwise than it was sent, and what somebody did at the same time.</summary>
    private Problem? Compare(DeclaredList before, DeclaredList sent, DeclaredList after)
    {
        foreach ((string application, JsonElement config) in sent.Applications.Where(one => IsOurs(one.Config)))
        {
            if (after[application] is not { } kept)
                return Differs($"{application} was declared and is not: somebody sent another list at the same time.");
            if (DeclaredList.Lost(config, kept) is { } lost)
                return Differs($"{application} was declared with `{lost}`, and Ray has it otherwise or not at all.");
        }
        string[] known = [.. before.Applications.Select(one => one.Name), .. before.Leaving, .. sent.Applications.Select(one => one.Name)];
        string[] declared = [.. after.Applications.Select(one => one.Name).Except(known)], removed = [.. after.Leaving.Except(known)];
        if (declared.Length + removed.Length == 0)
            return null;
        string words = string.Join(" ", (string[])
        [
            .. declared.Length > 0 ? [$"Somebody declared {string.Join(", ", declared)} on {name} at the same time."] : (string[])[],
            .. removed.Length > 0 ? [$"Somebody had just declared {string.Join(", ", removed)} on {name}, which is removed by that: declare it again."] : (string[])[],
        ]);
        LogOthers(words);
        return shares ? null : Differs(words);
    }

    private bool IsOurs(JsonElement config) => ClusterReconciler.IsDeclaredBy(config, installation);

    private static Problem Differs(string words) => new(Catalogue.RayListDiffers, words, RetryAfter: TimeSpan.FromSeconds(1));

    [LoggerMessage(Level = LogLevel.Warning, Message = "The list of declared applications was written by two: {Words}")]
    private partial void LogOthers(string words);
}

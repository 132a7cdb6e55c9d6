using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using Raywright.Core;
using Raywright.Core.Api;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Core.Replicas;
using Raywright.Ray.Agent;
using Raywright.Ray.Configuration;
using Raywright.Ray.Replicas;

namespace Raywright.Ray.Engine;

/// <summary>A desired revision: what is to run, how it is reached, and what is known of it.</summary>
internal sealed class RayRevision : IDisposable
{
    private const int MostLines = 2000;
    private readonly Installation installation;
    private readonly RuntimePackage package;
    private readonly TimeProvider clock;
    private readonly Queue<ReplicaLogLine> lines = new();
    private int wanted;
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public RayRevision(RevisionSource source, Installation installation, RuntimePackage package, HttpClient http, TimeProvider clock)
    {
        (Source, this.installation, this.package, this.clock) = (source, installation, package, clock);
        Target = new RayTarget(source.Revision, installation.Token(source.Revision.Id), http, clock);
        Wanted = source.Revision.Replicas;
        Since = clock.GetTimestamp();
    }

    public RevisionSource Source { get; }

    public string Id => Source.Revision.Id;

    public RayTarget Target { get; }

    /// <summary>Replicas that are to run.</summary>
    public int Wanted
    {
        get => Volatile.Read(ref wanted);
        set => Volatile.Write(ref wanted, value);
    }

    /// <summary>When it was asked for, by the clock's timestamps.</summary>
    public long Since { get; }

    /// <summary>The application that is being deployed for it now; null where none is.</summary>
    public Task? Applying { get; set; }

    /// <summary>Why it cannot run as it is: nothing is tried until it is asked for anew.</summary>
    public Problem? Failure { get; private set; }

    /// <summary>Why it does not run now; it may do so later.</summary>
    public Problem? Trouble { get; private set; }

    public RevisionState State => new(
        Id,
        Target.ReadyReplicas > 0 || (Wanted == 0 && Failure is null && Trouble is null) ? RevisionHealth.Healthy
        : Failure is not null ? RevisionHealth.Unhealthy
        : RevisionHealth.Starting,
        Target.ReadyReplicas,
        Target.ReadyReplicas > 0 ? null : Failure ?? Trouble,
        Target.Detour is { } why ? $"Asked through Serve's proxy, which is slower: {why}." : null);

    /// <summary>Completes at the next change of anything.</summary>
    public Task Changed => Volatile.Read(ref changed).Task;

    public void Fail(Problem problem)
    {
        if (Failure is null)
            Say($"not running: {problem.Detail}");
        Failure = problem;
        Tell();
    }

    public void Suffer(Problem? problem)
    {
        if (problem is not null && problem.Detail != Trouble?.Detail)
            Say(problem.Detail);
        Trouble = problem;
        Tell();
    }

    /// <summary>Whether it had no replica and now is to have one: true for one caller.</summary>
    public bool TryWake() => Interlocked.CompareExchange(ref wanted, 1, 0) == 0;

    /// <summary>Who waits looks again.</summary>
    public void Tell()
    {
        Target.Problem = Failure ?? Trouble;
        Interlocked.Exchange(ref changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }

    /// <summary>A line of the engine's own in the revision's log.</summary>
    public void Say(string text) => Add([new(clock.NowMicros(), "engine", text)]);

    public void Add(IEnumerable<ReplicaLogLine> more)
    {
        lock (lines)
        {
            foreach (ReplicaLogLine line in more)
            {
                if (lines.Count == MostLines)
                    lines.Dequeue();
                lines.Enqueue(line);
            }
        }
    }

    public ImmutableArray<ReplicaLogLine> Lines()
    {
        lock (lines)
            return [.. lines];
    }

    /// <summary>Every file that the cluster has to have, with its size and how it is read here.</summary>
    public async Task<IReadOnlyList<(FileReference File, Func<Stream> Open)>> FilesAsync(CancellationToken cancellation)
    {
        List<(FileReference, Func<Stream>)> files = [(new FileReference("runtime.zip", package.Zip.Length, package.Digest), () => new MemoryStream(package.Zip, writable: false))];
        foreach (PackageFile file in await VersionAsync(cancellation).ConfigureAwait(false))
            files.Add((file.File, file.Open));
        return files;
    }

    /// <summary>The same as one package.</summary>
    public async Task<Result<ReplicaPackage>> PackageAsync(CancellationToken cancellation) =>
        ReplicaPackage.Of(package.Files, await VersionAsync(cancellation).ConfigureAwait(false));

    public async Task<Agent.ReplicaOrder> OrderAsync(CancellationToken cancellation)
    {
        RevisionConfig revision = Source.Revision;
        PythonConfig? python = revision.Python;
        IReadOnlyList<(FileReference File, Func<Stream> Open)> files = await FilesAsync(cancellation).ConfigureAwait(false);
        return new(
            Id, revision.Model, revision.Digest,
            [.. files.Skip(1).Select(one => new OrderedFile(one.File.Path, one.File.Sha256, one.File.Size))],
            new OrderedFile("runtime.zip", package.Digest, package.Zip.Length),
            revision.Artifact,
            python is null ? "onnx" : JsonSerializer.Serialize(python.Flavour, AgentJson.Default.PythonFlavour).Trim('"'),
            python?.Code, python?.Arrays ?? "numpy",
            ReplicaContract.Of(revision.Contract),
            ModelVariables.Of(revision),
            Installation.Digest(installation.Token(Id)),
            python?.Requirements,
            Configuration.ReplicaOrder.Libraries(python),
            python?.Wheels);
    }

    public void Dispose() => Target.Dispose();

    private async Task<ImmutableArray<PackageFile>> VersionAsync(CancellationToken cancellation) =>
    [
        .. (Source.Files.IsDefault ? await HashAsync(cancellation).ConfigureAwait(false) : Source.Files)
            .Select(file => new PackageFile(file, () => File.OpenRead(Path.Combine(Source.Folder, file.Path)))),
    ];

    private async Task<ImmutableArray<FileReference>> HashAsync(CancellationToken cancellation)
    {
        ImmutableArray<FileReference>.Builder files = ImmutableArray.CreateBuilder<FileReference>();
        foreach (string path in Directory.EnumerateFiles(Source.Folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            using FileStream file = File.OpenRead(path);
            string digest = Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellation).ConfigureAwait(false));
            files.Add(new(Path.GetRelativePath(Source.Folder, path).Replace('\\', '/'), file.Length, digest));
        }
        return files.ToImmutable();
    }
}

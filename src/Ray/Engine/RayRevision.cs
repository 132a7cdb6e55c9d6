using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Raywright.Core;
using Raywright.Core.Api;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Core.Replicas;
using Raywright.Ray.Agent;
using Raywright.Ray.Configuration;
using Raywright.Ray.Replicas;
using ReplicaOrder = Raywright.Ray.Agent.ReplicaOrder;

namespace Raywright.Ray.Engine;

/// <summary>A desired revision: what is to run, how it is reached, and what is known of it.</summary>
internal sealed class RayRevision : IDisposable
{
    private const int MostLines = 2000;
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(10);
    private readonly Installation installation;
    private readonly RuntimePackage package;
    private readonly TimeProvider clock;
    private readonly Queue<ReplicaLogLine> lines = new();
    private int wanted;
    private int failures;
    private long failedAt;
    private (string? Why, long At) repaired;
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public RayRevision(RevisionSource source, Installation installation, RuntimePackage package, HttpClient http, TimeProvider clock)
    {
        (Source, this.installation, this.package, this.clock) = (source, installation, package, clock);
        Configuration = ServeConfiguration.Of(source.Revision, new ServeSettings { Installation = installation.Application });
        Target = new RayTarget(source.Revision, installation.Token(source.Revision.Id), http, clock);
        Wanted = source.Revision.Replicas;
        Since = clock.GetTimestamp();
    }

    public RevisionSource Source { get; }

    public string Id => Source.Revision.Id;

    /// <summary>What is sent, but for the number of replicas.</summary>
    public ServeConfiguration Configuration { get; }

    public RayTarget Target { get; }

    /// <summary>Replicas that are to run.</summary>
    public int Wanted
    {
        get => Volatile.Read(ref wanted);
        set => Volatile.Write(ref wanted, value);
    }

    /// <summary>When it was asked for, by the clock's timestamps.</summary>
    public long Since { get; }

    /// <summary>The application that is being deployed for it now.</summary>
    public Task? Applying { get; set; }

    public bool IsApplying => Applying is { IsCompleted: false };

    /// <summary>Whether Serve has it and has built it, with replicas or without.</summary>
    public bool IsPlaced { get; set; }

    /// <summary>Grows where Ray has given up: what is the same as before it does not try again.</summary>
    public int Attempt { get; set; }

    /// <summary>What somebody has changed of it in the cluster, in words.</summary>
    public string? Drift { get; set; }

    /// <summary>Why it cannot run as it is; it is tried again after a pause, which grows, or when it is asked for anew.</summary>
    public Problem? Failure { get; private set; }

    /// <summary>Why it does not run now; it may do so later.</summary>
    public Problem? Trouble { get; private set; }

    /// <summary>Whether what failed may be tried again: a node may have come, or a disk been emptied.</summary>
    public bool IsDue => clock.GetElapsedTime(failedAt) >= (failures > 5 ? LongestPause : FirstPause * (1 << Math.Max(0, failures - 1)));

    public RevisionState State => new(
        Id,
        Target.ReadyReplicas > 0 || (Wanted == 0 && IsPlaced && Failure is null && Trouble is null) ? RevisionHealth.Healthy
        : Failure is not null ? RevisionHealth.Unhealthy
        : RevisionHealth.Starting,
        Target.ReadyReplicas,
        Target.ReadyReplicas > 0 ? null : Failure ?? Trouble,
        Note);

    private string? Note => (Target.Detour, Drift) switch
    {
        (null, null) => null,
        ({ } why, null) => $"Asked through Serve's proxy, which is slower: {why}.",
        (null, { } drift) => $"Somebody changed it in the cluster: {drift}.",
        ({ } why, { } drift) => $"Asked through Serve's proxy, which is slower: {why}. Somebody changed it in the cluster: {drift}.",
    };

    /// <summary>Completes at the next change of anything.</summary>
    public Task Changed => Volatile.Read(ref changed).Task;

    public void Fail(Problem problem)
    {
        if (Failure is null)
        {
            Say($"not running: {problem.Detail}");
            (failures, failedAt) = (failures + 1, clock.GetTimestamp());
        }
        Failure = problem;
        Tell();
    }

    /// <summary>It runs after all, or what stood against it has gone.</summary>
    public void Recover()
    {
        (Failure, failures) = (null, 0);
        Tell();
    }

    /// <summary>It is deployed anew; why it had failed is told until more is known.</summary>
    public void TryAgain()
    {
        Say("tried again");
        (Failure, Trouble) = (null, Failure);
        Tell();
    }

    /// <summary>It was deployed; null where it had not been there.</summary>
    public void Repaired(string? why) => repaired = (why, clock.GetTimestamp());

    /// <summary>Whether it is to be deployed for a reason: at once, and again after a pause where that did not help.</summary>
    public bool IsToRepair(string why, TimeSpan pause) => repaired.Why != why || clock.GetElapsedTime(repaired.At) > pause;

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
            Ray.Configuration.ReplicaOrder.Libraries(python),
            python?.Wheels);
    }

    /// <summary>As the agent deploys it.</summary>
    public async Task<AgentApplication> ApplicationAsync(CancellationToken cancellation)
    {
        ServeConfiguration configuration = ServeConfiguration.Of(Source.Revision with { Replicas = Wanted }, new ServeSettings { Installation = installation.Application });
        JsonNode options = JsonNode.Parse(configuration.Options.ToJson())!;
        // Replicas take it without a start.
        if (Attempt > 0)
            options["user_config"]!["raywright"]!["attempt"] = Attempt;
        return new(configuration.RoutePrefix, ServeConfiguration.DeploymentName, Id, await OrderAsync(cancellation).ConfigureAwait(false), JsonElement.Parse(options.ToJsonString()));
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

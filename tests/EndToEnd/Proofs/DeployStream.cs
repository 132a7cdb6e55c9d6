using System.Collections.Concurrent;
using Raywright.Core.Api;
using Raywright.Core.Api.Client;
using Raywright.Core.Errors;
using Raywright.EndToEnd.Harness;

namespace Raywright.EndToEnd.Proofs;

/// <summary>An operation that the server has acknowledged.</summary>
/// <param name="Release">What was deployed; null means that the endpoint was deleted.</param>
internal sealed record Acknowledged(string Id, string Target, Release? Release);

/// <summary>A client that deploys without pause into several endpoints and remembers what was acknowledged.</summary>
internal sealed class DeployStream(Sandbox sandbox, int seed)
{
    private static readonly (string Environment, string Model)[] Endpoints = [("dev", "one"), ("staging", "one"), ("dev", "two"), ("prod", "three")];
    private readonly ConcurrentDictionary<string, Release> releases = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<Acknowledged> acknowledged = [];
    private int numbers;
    private int rounds;

    public static IEnumerable<string> Targets => Endpoints.Select(endpoint => $"{endpoint.Environment}/{endpoint.Model}");

    /// <summary>In the order of the acknowledgements of each endpoint.</summary>
    public IReadOnlyCollection<Acknowledged> All => acknowledged;

    /// <summary>Completes at each acknowledgement.</summary>
    public Action? Heard { get; set; }

    /// <summary>What has this model file.</summary>
    public Release Of(string digest) => releases[digest];

    /// <summary>Deploys until it is cancelled, or until the server is gone.</summary>
    public Task RunAsync(CancellationToken cancellation)
    {
        int round = Interlocked.Increment(ref rounds);
        Uri server = new(sandbox.Announced!.Url);
        string key = sandbox.AdminKey;
        return Task.WhenAll(Endpoints.Select((endpoint, index) => Task.Run(() => StreamAsync(endpoint, server, key, new Random((seed * 31) + (round * 7) + index), cancellation), CancellationToken.None)));
    }

    private async Task StreamAsync((string Environment, string Model) endpoint, Uri server, string key, Random random, CancellationToken cancellation)
    {
        using RaywrightClient client = new(server, key, TimeProvider.System);
        try
        {
            while (true)
            {
                Release? release = random.NextDouble() < 0.1 ? null : Choose(endpoint.Model, random);
                Result<Operation> begun = release is null
                    ? await client.DeleteEndpointAsync(endpoint.Environment, endpoint.Model, cancellation)
                    : await release.DeployAsync(client, endpoint.Environment, cancellation);
                if (!begun.Ok && begun.Problems[0].Definition.Exit == ExitCode.NotFound)
                    continue;
                if (!begun.Ok)
                    return;
                acknowledged.Enqueue(new(begun.Value.Id, begun.Value.Target, release));
                Heard?.Invoke();
                // Now and then another one is asked for before this one has ended.
                if (random.NextDouble() < 0.7)
                    await EndedAsync(client, begun.Value.Id, cancellation);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
        }
    }

    private static async Task EndedAsync(RaywrightClient client, string id, CancellationToken cancellation)
    {
        await foreach (Result<Operation> next in client.FollowOperationAsync(id, new FollowOptions(TimeSpan.Zero), cancellation))
        {
            if (!next.Ok)
                return;
        }
    }

    /// <summary>A new version mostly, an earlier one often, one that fails its case now and then.</summary>
    private Release Choose(string model, Random random)
    {
        Release[] known = [.. releases.Values.Where(release => release.Model == model && release.Sound)];
        double dice = random.NextDouble();
        if (dice < 0.4 && known.Length > 0)
            return known[random.Next(known.Length)];
        Release made = Release.Write(sandbox, model, Interlocked.Increment(ref numbers), sound: dice < 0.9);
        releases[made.Digest] = made;
        return made;
    }
}

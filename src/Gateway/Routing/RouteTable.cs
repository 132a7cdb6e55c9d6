using System.Collections.Frozen;

namespace Raywright.Gateway.Routing;

/// <summary>
/// What the gateway serves: an immutable snapshot, swapped whole, so that a request sees one consistent picture and the hot path
/// takes no lock.
/// </summary>
public sealed class RouteTable
{
    public static readonly RouteTable Empty = new(0, []);

    private readonly FrozenDictionary<string, FrozenDictionary<string, EndpointRoute>> environments;

    /// <param name="version">Rises with each table.</param>
    /// <param name="endpoints">All endpoints.</param>
    public RouteTable(long version, IEnumerable<EndpointRoute> endpoints)
    {
        Version = version;
        Endpoints = [.. endpoints];
        environments = Endpoints.GroupBy(endpoint => endpoint.Environment, StringComparer.Ordinal)
            .ToFrozenDictionary(group => group.Key, group => group.ToFrozenDictionary(endpoint => endpoint.Model, StringComparer.Ordinal), StringComparer.Ordinal);
    }

    public long Version { get; }

    public IReadOnlyList<EndpointRoute> Endpoints { get; }

    public EndpointRoute? Find(ReadOnlySpan<char> environment, ReadOnlySpan<char> model) =>
        environments.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(environment, out FrozenDictionary<string, EndpointRoute>? models)
        && models.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(model, out EndpointRoute? endpoint)
            ? endpoint
            : null;
}

/// <summary>One endpoint: its traffic among revisions. Weights sum to 100; none means that nothing is ready.</summary>
public sealed class EndpointRoute(string environment, string model, IReadOnlyList<WeightedRevision> traffic, bool isPublic = false)
{
    private uint turn;

    public string Environment => environment;

    public string Model => model;

    /// <summary>The name in key patterns and logs.</summary>
    public string Path { get; } = $"{environment}/{model}";

    public IReadOnlyList<WeightedRevision> Traffic => traffic;

    /// <summary>Whether it answers without a key.</summary>
    public bool IsPublic => isPublic;

    /// <summary>
    /// The revision for the next request, by weight. The multiples of the golden ratio spread evenly, so that even ten requests
    /// split as the weights say, without a random number.
    /// </summary>
    public RevisionRoute? Next()
    {
        if (traffic.Count <= 1)
            return traffic.Count == 1 ? traffic[0].Revision : null;
        uint point = (uint)((Interlocked.Increment(ref turn) * 2654435769u * 100ul) >> 32);
        foreach (WeightedRevision share in traffic)
        {
            if (point < share.Weight)
                return share.Revision;
            point -= (uint)share.Weight;
        }
        return traffic[^1].Revision;
    }

    public RevisionRoute? Pinned(int version) => traffic.FirstOrDefault(share => share.Revision.Config.Version == version)?.Revision;
}

public sealed record WeightedRevision(RevisionRoute Revision, int Weight);

/// <summary>Holds the current table. The control plane publishes; requests read.</summary>
public sealed class RouteTableStore
{
    private RouteTable current = RouteTable.Empty;

    public RouteTable Current => Volatile.Read(ref current);

    public void Publish(RouteTable table) => Volatile.Write(ref current, table);
}

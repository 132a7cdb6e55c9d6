using System.Collections.Immutable;

namespace Raywright.Core.Api;

/// <summary>A place where replicas run.</summary>
/// <param name="Kind"><c>embedded</c> or <c>ray</c>.</param>
/// <param name="Local">Whether the cluster is one that this server starts and stops.</param>
/// <param name="Dashboard">Address of Ray's dashboard; null for the embedded one.</param>
/// <param name="Serve">Address of Ray Serve's proxy; null for the embedded one.</param>
/// <param name="State"><c>ready</c>, <c>starting</c>, or <c>unreachable</c>.</param>
/// <param name="Mode">How replicas are reached: <c>in process</c>, <c>direct</c>, <c>proxy</c>, or <c>declared</c>, which is by the proxy alone; null where that is not known yet.</param>
/// <param name="Software">E.g. <c>Ray 2.60.0, Python 3.11.7</c>.</param>
/// <param name="Environments">Names of the environments that use it.</param>
/// <param name="Revisions">How many run there now.</param>
/// <param name="Nodes">Empty where they are not known.</param>
/// <param name="Problem">Why it cannot be used.</param>
public sealed record ComputeInfo(
    string Name,
    string Kind,
    bool Local,
    string? Dashboard,
    string? Serve,
    string State,
    string? Mode,
    string? Software,
    ImmutableArray<string> Environments,
    int Revisions,
    ImmutableArray<NodeInfo> Nodes,
    ProblemDetails? Problem = null)
{
    /// <summary>Name of the compute that is the server's own process.</summary>
    public const string Embedded = "embedded";
}

/// <param name="Id">The cluster's name for it.</param>
/// <param name="Address">IP address, as the cluster knows it.</param>
/// <param name="Cpus">In all, whoever uses them.</param>
/// <param name="MemoryBytes">In all.</param>
public sealed record NodeInfo(string Id, string Address, bool Head, double Cpus, double Gpus, long MemoryBytes);

/// <summary>Adds a Ray cluster. Nothing is stored unless it can be used.</summary>
/// <param name="Name">A DNS label of at most 30 characters, not <c>embedded</c>.</param>
/// <param name="Dashboard">Address of Ray's dashboard. Left out for a local one.</param>
/// <param name="Serve">Address of Ray Serve's proxy; the dashboard's host and port 8000 where it is left out.</param>
/// <param name="Token">Of Ray's token authentication.</param>
/// <param name="Headers">Sent with each request, for what stands in front of the cluster.</param>
/// <param name="Authority">PEM of the certificates to trust instead of the system's.</param>
/// <param name="Local">The server starts a cluster of its own on its machine.</param>
/// <param name="Python">For a local one: folder of a virtual environment with Ray; found where it is left out.</param>
/// <param name="Install">For a local one: whether an environment with Ray may be made where none is found.</param>
/// <param name="Declare">Applications are declared even where jobs are allowed.</param>
/// <param name="ShareList">It is accepted that others declare applications too: what both do at the same time may be lost.</param>
public sealed record ComputeRequest(
    string Name,
    string? Dashboard = null,
    string? Serve = null,
    string? Token = null,
    ImmutableSortedDictionary<string, string>? Headers = null,
    string? Authority = null,
    bool Local = false,
    string? Python = null,
    bool Install = false,
    bool Declare = false,
    bool ShareList = false);

/// <summary>What of an environment is to change; what is left out stays.</summary>
/// <param name="Compute">Where revisions that are deployed from now on run.</param>
public sealed record EnvironmentChange(string? Compute = null);

/// <summary>What of an endpoint is to change; what is left out stays.</summary>
/// <param name="Min">Fewest replicas; 0 lets the last one go while nobody asks.</param>
/// <param name="Max">Most replicas.</param>
public sealed record EndpointChange(int? Min = null, int? Max = null);

using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Raywright.Core.Engines;
using Raywright.Core.Replicas;

namespace Raywright.Ray.Agent;

/// <summary>What the agent knows (docs/reference/agent-protocol.md).</summary>
/// <param name="Agent">Version of the agent's source.</param>
/// <param name="Generation">Changes when the agent has forgotten everything.</param>
/// <param name="Sequence">Grows with each change in one generation.</param>
/// <param name="Ray">Version of Ray.</param>
/// <param name="Python">Version of the cluster's Python.</param>
/// <param name="Missing">Digests of files that a replica asked for and the agent does not have.</param>
public sealed record AgentState(
    string Agent, string Generation, long Sequence, string Ray, string Python,
    ImmutableArray<AnnouncedReplica> Replicas, ImmutableArray<ReplicaFailure> Failures, ImmutableArray<string> Missing)
{
    // One of another version may leave some out.
    public ImmutableArray<AnnouncedReplica> Replicas { get; init; } = Replicas.IsDefault ? [] : Replicas;

    public ImmutableArray<ReplicaFailure> Failures { get; init; } = Failures.IsDefault ? [] : Failures;

    public ImmutableArray<string> Missing { get; init; } = Missing.IsDefault ? [] : Missing;
}

/// <summary>A replica that listens.</summary>
/// <param name="Address">IP address of its node, as the cluster knows it.</param>
/// <param name="Leaving">Whether it answers only what it has accepted.</param>
public sealed record AnnouncedReplica(
    string Revision, string Replica, string Address, int Port, int Process, bool Streams, double LoadMs,
    ImmutableSortedDictionary<string, string> Versions, bool Leaving = false);

/// <summary>A replica that could not load its model.</summary>
/// <param name="Kind">Name of the exception.</param>
/// <param name="Where">Line of the user's code, e.g. <c>model.py:12</c>.</param>
/// <param name="Trace">The stack, its end.</param>
/// <param name="Times">How often that has happened.</param>
public sealed record ReplicaFailure(string Revision, string Replica, string Kind, string Detail, string? Where, string? Trace, int Times);

internal sealed record AgentSettings(string Application, string Version, string TokenDigest, string ProxyLocation, string Host, int Port);

/// <summary>How much of a file the agent has.</summary>
internal sealed record AgentFile(long Size, bool Complete);

internal sealed record AgentRefusal(string? Error, string? Kind, ImmutableArray<string>? Missing);

/// <summary>An application as the agent deploys it.</summary>
/// <param name="Options">Keyword arguments of <c>serve.deployment</c>.</param>
internal sealed record AgentApplication(string Route, string Deployment, string Version, ReplicaOrder Order, JsonElement Options);

/// <summary>What a replica is told.</summary>
/// <param name="Version">Digest of the version's files.</param>
/// <param name="Flavour">One of <c>raywright_runtime.flavours</c>.</param>
internal sealed record ReplicaOrder(
    string Revision, string Model, string Version, ImmutableArray<OrderedFile> Files, OrderedFile Runtime, string Artifact, string Flavour, string? Code,
    string Arrays, ReplicaContract Contract, ImmutableSortedDictionary<string, string> Variables, string TokenDigest, string? Requirements, ImmutableArray<string> Libraries,
    string? Wheels);

internal sealed record OrderedFile(string Path, string Digest, long Size);

/// <param name="Unmet">What is missing or there in another version.</param>
/// <param name="Unresolved">Why pip cannot get it; null where it can.</param>
/// <param name="Enough">Whether the model may be tried as it is.</param>
internal sealed record PackageAnswer(ImmutableArray<UnmetPackage> Unmet, string? Unresolved, bool Enough);

internal sealed record UnmetPackage(string Requirement, string? Found, bool Shown);

internal sealed record AgentReachOrder(ImmutableArray<string> Packages);

internal sealed record AgentReach(ImmutableArray<ReachedNode> Nodes);

/// <summary>A listener on a node, and what is installed there; or why there is none.</summary>
internal sealed record ReachedNode(string Node, string? Address, int Port, string? Python, string? Ray, ImmutableSortedDictionary<string, string>? Packages, string? Problem);

/// <param name="Autoscales">Whether nodes come and go by themselves.</param>
/// <param name="Types">Empty where they are not known.</param>
internal sealed record NodeTypes(bool Autoscales, ImmutableArray<NodeType> Types);

/// <param name="Resources">What one such node has, by Ray's names.</param>
/// <param name="Most">How many there may be.</param>
internal sealed record NodeType(string Name, ImmutableSortedDictionary<string, double> Resources, int Most);

/// <summary>What a replica says of itself when it is well.</summary>
internal sealed record LiveReplica(bool Streams);

/// <param name="Lines">Number, UTC microseconds, stream, text, request ID.</param>
internal sealed record RecentLines(ImmutableArray<JsonElement> Lines);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AgentState))]
[JsonSerializable(typeof(AgentSettings))]
[JsonSerializable(typeof(AgentFile))]
[JsonSerializable(typeof(AgentRefusal))]
[JsonSerializable(typeof(AgentApplication))]
[JsonSerializable(typeof(ReplicaOrder))]
[JsonSerializable(typeof(PackageAnswer))]
[JsonSerializable(typeof(RecentLines))]
[JsonSerializable(typeof(LiveReplica))]
[JsonSerializable(typeof(AgentReachOrder))]
[JsonSerializable(typeof(AgentReach))]
[JsonSerializable(typeof(NodeTypes))]
[JsonSerializable(typeof(PythonFlavour))]
internal sealed partial class AgentJson : JsonSerializerContext;

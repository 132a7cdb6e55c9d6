using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Raywright.Core.Contracts;

namespace Raywright.Core.Api;

/// <param name="Version">Version of the product.</param>
/// <param name="Url">Address of app, control API and gateway.</param>
public sealed record ServerInfo(string Version, int Pid, long StartedAt, string Url, string Home, string Role, string Store);

public sealed record EnvironmentInfo(string Name, bool Production, string Compute);

public sealed record ModelInfo(string Name, string? Task, int LatestVersion, long CreatedAt, ImmutableSortedDictionary<string, int> Aliases);

/// <param name="Endpoints">Where it runs now: <c>dev</c>, <c>prod</c> …</param>
public sealed record VersionInfo(
    string Model,
    int Number,
    string Digest,
    string Runtime,
    long SizeBytes,
    Contract Contract,
    ImmutableArray<FileReference> Files,
    ImmutableArray<EvidenceInfo> Evidence,
    ImmutableArray<string> Endpoints,
    long CreatedAt,
    string? CreatedBy);

/// <param name="Kind"><c>cases</c>, <c>unit</c>, <c>quality</c>, <c>parity</c>, <c>scan</c>.</param>
public sealed record EvidenceInfo(string Kind, bool Passed, string Summary, int Executed, int Failed, ImmutableSortedDictionary<string, double> Figures, long At);

/// <summary>One endpoint as it is now.</summary>
/// <param name="State">Health of what serves, in one word.</param>
/// <param name="Reason">Why it is not well, in words a person can act on; or what is unusual about how it runs.</param>
/// <param name="Url">Address for the neutral body.</param>
/// <param name="Traffic">What serves now; weights sum to 100.</param>
/// <param name="Operation">The operation that works on it now, if any.</param>
/// <param name="Compute">Where what serves runs.</param>
/// <param name="ReplicasMin">Fewest replicas it may have.</param>
/// <param name="ReplicasMax">Most replicas it may have.</param>
public sealed record EndpointInfo(
    string Model,
    string Environment,
    EndpointState State,
    string? Reason,
    string Url,
    ImmutableArray<TrafficShare> Traffic,
    TrafficFigures Figures,
    string? Operation,
    long UpdatedAt,
    string? Task = null,
    Contract? Contract = null,
    JsonElement? Example = null,
    bool Streams = false,
    string Compute = "embedded",
    int ReplicasMin = 1,
    int ReplicasMax = 1);

[JsonConverter(typeof(JsonStringEnumConverter<EndpointState>))]
public enum EndpointState
{
    [JsonStringEnumMemberName("starting")] Starting,
    [JsonStringEnumMemberName("healthy")] Healthy,
    [JsonStringEnumMemberName("unhealthy")] Unhealthy,
    [JsonStringEnumMemberName("deleting")] Deleting,
    [JsonStringEnumMemberName("empty")] Empty,
}

public sealed record TrafficShare(string Revision, int Version, int Weight, string Health, int Replicas, string? Reason = null);

/// <summary>The last minute, as the gateway saw it.</summary>
public sealed record TrafficFigures(double RequestsPerSecond, double ErrorRate, double? P50Ms, double? P99Ms, long Total);

public sealed record RevisionInfo(string Id, string Model, string Environment, int Number, int Version, string Digest, long CreatedAt, bool Serving, JsonElement Config);

/// <param name="Hash">Hex SHA-256 over this row and the hash before; null until sealed.</param>
public sealed record LedgerRow(long Sequence, long At, string Actor, string Action, string Target, string Summary, JsonElement? Data, string? Hash);

/// <param name="Intact">Whether every sealed row's hash follows from the one before.</param>
public sealed record LedgerVerification(bool Intact, long Rows, long Sealed, long? BrokenAt);

/// <param name="Id">The public part of the key, shown everywhere.</param>
/// <param name="Scopes">Of <c>query</c>, <c>deploy</c>, <c>admin</c>.</param>
/// <param name="Endpoints">Patterns <c>environment/model</c> with <c>*</c>; empty means all.</param>
public sealed record KeyInfo(string Id, string Name, ImmutableArray<string> Scopes, ImmutableArray<string> Endpoints, long CreatedAt, long? ExpiresAt, long? LastUsedAt, bool Revoked);

public sealed record KeyRequest(string Name, ImmutableArray<string> Scopes, ImmutableArray<string> Endpoints = default, long? ExpiresAt = null)
{
    public ImmutableArray<string> Endpoints { get; init; } = Endpoints.IsDefault ? [] : Endpoints;
}

/// <param name="Key">The whole key; shown once, never stored.</param>
public sealed record KeyCreated(string Key, KeyInfo Info);

/// <param name="Url">Opens the app signed in; works once, for five minutes.</param>
public sealed record AppLink(string Url, long ExpiresAt);

/// <param name="Seconds">How long the link works; a week where it is left out, at most a year.</param>
public sealed record SharedLinkRequest(long? Seconds = null);

/// <summary>A link that opens the playground of one endpoint, and nothing else, until it expires or its key is revoked.</summary>
/// <param name="Url">Works any number of times.</param>
/// <param name="Key">ID of the key behind it, which may ask this endpoint.</param>
/// <param name="ExpiresAt">UTC microseconds.</param>
public sealed record SharedLink(string Url, string Key, long ExpiresAt);

/// <summary>A case that somebody proposes, mostly because an answer was wrong.</summary>
/// <param name="Inputs">As in a request.</param>
/// <param name="Label">The truth.</param>
/// <param name="Expected">What every version is to answer; a part of the outputs.</param>
/// <param name="Parameters">As in a request.</param>
/// <param name="Version">The version whose answer was wrong.</param>
/// <param name="Name">For people.</param>
public sealed record CaseProposal(JsonElement Inputs, JsonElement? Label = null, JsonElement? Expected = null, JsonElement? Parameters = null, int? Version = null, string? Name = null);

/// <param name="Line">As it stands in a cases file.</param>
/// <param name="Proposed">Cases proposed for the model, this one among them.</param>
public sealed record ProposedCase(string Line, int Proposed);

/// <param name="Source"><c>engine</c>, <c>stdout</c>, <c>stderr</c> or <c>request</c>.</param>
public sealed record LogLine(long At, string Revision, string Source, string Text, string? RequestId = null);

public sealed record Page<T>(ImmutableArray<T> Items, string? Next = null);

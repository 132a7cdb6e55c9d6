using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Raywright.Core.Engines;
using Raywright.Core.Spec;

namespace Raywright.Core.Planning;

/// <summary>What a deploy would change at an endpoint, without changing it.</summary>
/// <param name="Revision">ID of the revision that would serve.</param>
/// <param name="Version">Its version.</param>
/// <param name="NewVersion">Whether that version would be made first.</param>
/// <param name="CurrentRevision">ID of the revision that serves now; null where none does.</param>
/// <param name="Changes">Field by field; for a new endpoint every value.</param>
/// <param name="Notes">What the spec says and has no effect here yet.</param>
public sealed record EndpointPlan(
    string Model,
    string Environment,
    PlanAction Action,
    string Revision,
    int Version,
    bool NewVersion,
    string? CurrentRevision = null,
    ImmutableArray<FieldChange> Changes = default,
    ImmutableArray<string> Notes = default)
{
    public ImmutableArray<FieldChange> Changes { get; init; } = Changes.IsDefault ? [] : Changes;

    public ImmutableArray<string> Notes { get; init; } = Notes.IsDefault ? [] : Notes;
}

/// <param name="Key">Dotted, as in the spec.</param>
/// <param name="Old">As a spec writes it; null where there was nothing.</param>
/// <param name="New">Null where there is nothing any more.</param>
/// <param name="Origin">Who decided the new value, in words.</param>
public sealed record FieldChange(string Key, string? Old = null, string? New = null, string? Origin = null);

[JsonConverter(typeof(JsonStringEnumConverter<PlanAction>))]
public enum PlanAction
{
    /// <summary>Exactly this serves already.</summary>
    [JsonStringEnumMemberName("none")] None,

    /// <summary>Settings of the endpoint change; the revision stays.</summary>
    [JsonStringEnumMemberName("in-place")] InPlace,

    /// <summary>Another revision takes the traffic.</summary>
    [JsonStringEnumMemberName("replace")] Replace,

    /// <summary>The endpoint's first revision.</summary>
    [JsonStringEnumMemberName("create")] Create,
}

/// <summary>What a plan compares with.</summary>
/// <param name="Revision">The revision that serves now.</param>
/// <param name="Scaling">The endpoint's scaling; null where it is not known, and then not compared.</param>
/// <param name="Rollout">The endpoint's rollout; null where it is not known, and then not compared.</param>
public sealed record CurrentEndpoint(RevisionConfig Revision, ScalingConfig? Scaling = null, RolloutConfig? Rollout = null);

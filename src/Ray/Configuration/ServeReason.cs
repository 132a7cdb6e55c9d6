using System.Text.Json.Serialization;
using Raywright.Core.Errors;
using Raywright.Core.Spec;

namespace Raywright.Ray.Configuration;

/// <summary>Why a line of a Serve configuration is what it is.</summary>
/// <param name="Text">What the value does, and why it is this one: whole sentences.</param>
/// <param name="Source">Who decided it.</param>
public sealed record ServeReason(string Text, ServeSource Source);

/// <param name="Kind">Who decided, for a program.</param>
/// <param name="Words">The same for a person.</param>
/// <param name="Location">Where it is written in a file.</param>
public sealed record ServeSource(ServeSourceKind Kind, string Words, SourceLocation? Location = null)
{
    /// <summary>The same for every revision: decided by the product.</summary>
    public static readonly ServeSource Policy = new(ServeSourceKind.Policy, "policy");

    /// <summary>The revision itself, where nobody kept who had decided its values.</summary>
    public static readonly ServeSource Revision = new(ServeSourceKind.Revision, "the revision");

    /// <summary>The version's files.</summary>
    public static readonly ServeSource Files = new(ServeSourceKind.Artifact, "the files");

    public override string ToString() => Location is { } place ? $"{Words}, {place}" : Words;

    internal static ServeSource Of(FieldOrigin origin, string environment)
    {
        ServeSourceKind kind = origin.Layer switch
        {
            OriginLayer.Artifact => ServeSourceKind.Artifact,
            OriginLayer.Spec or OriginLayer.SpecEnvironment => ServeSourceKind.Spec,
            OriginLayer.Environment => ServeSourceKind.Environment,
            _ => ServeSourceKind.Default,
        };
        return new(kind, origin.Words(environment), origin.Location);
    }
}

[JsonConverter(typeof(JsonStringEnumConverter<ServeSourceKind>))]
public enum ServeSourceKind
{
    /// <summary>What holds where nobody says anything.</summary>
    [JsonStringEnumMemberName("default")] Default,

    /// <summary>The model's files say so.</summary>
    [JsonStringEnumMemberName("artifact")] Artifact,
    [JsonStringEnumMemberName("spec")] Spec,

    /// <summary>The environment's own object.</summary>
    [JsonStringEnumMemberName("environment")] Environment,

    /// <summary>The product, the same for every revision.</summary>
    [JsonStringEnumMemberName("policy")] Policy,
    [JsonStringEnumMemberName("revision")] Revision,
}

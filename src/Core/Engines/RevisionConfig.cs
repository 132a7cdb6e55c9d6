using System.Collections.Immutable;
using Raywright.Core.Contracts;
using Raywright.Core.Spec;

namespace Raywright.Core.Engines;

/// <summary>
/// One version with one rendered configuration at one endpoint: what an engine is told to run. Immutable;
/// <see cref="Id"/> is a function of everything that matters to it (DESIGN 2).
/// </summary>
public sealed record RevisionConfig
{
    /// <summary><c>{model}-{environment}-{number}-{8 characters of its hash}</c>.</summary>
    public required string Id { get; init; }

    public required string Model { get; init; }

    public required string Environment { get; init; }

    /// <summary>Name of the compute that runs it.</summary>
    public string Compute { get; init; } = "embedded";

    /// <summary>Number of the version.</summary>
    public required int Version { get; init; }

    /// <summary>Digest of the artifact's files, lower-case hex SHA-256.</summary>
    public required string Digest { get; init; }

    public required RuntimeKind Runtime { get; init; }

    /// <summary>Null where <see cref="Runtime"/> is not Python.</summary>
    public PythonConfig? Python { get; init; }

    /// <summary>The file or folder to load, relative to the version's folder.</summary>
    public required string Artifact { get; init; }

    public required Contract Contract { get; init; }

    public required ResourcesConfig Resources { get; init; }

    public required BatchingConfig Batching { get; init; }

    public ImmutableSortedDictionary<string, string> Variables { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Replicas wanted now. A setting of the endpoint: not part of the identity.</summary>
    public int Replicas { get; init; } = 1;
}

[System.Text.Json.Serialization.JsonConverter(typeof(System.Text.Json.Serialization.JsonStringEnumConverter<RuntimeKind>))]
public enum RuntimeKind
{
    [System.Text.Json.Serialization.JsonStringEnumMemberName("onnx")] Onnx,
    [System.Text.Json.Serialization.JsonStringEnumMemberName("python")] Python,
}

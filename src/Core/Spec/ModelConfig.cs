using System.Collections.Immutable;
using Raywright.Core.Contracts;

namespace Raywright.Core.Spec;

/// <summary>A spec after validation for one environment, defaults filled in (DESIGN 3). Immutable.</summary>
public sealed record ModelConfig
{
    public required string Model { get; init; }

    /// <summary>Where the artifact is, as written: a path relative to the spec, or a registry address.</summary>
    public required string Source { get; init; }

    /// <summary>A hint for the app and for templates; free text.</summary>
    public string? Task { get; init; }

    public required Contract Contract { get; init; }

    /// <summary>Files of the version besides the artifact, relative to the spec; empty means the default (DESIGN 5, Identity).</summary>
    public ImmutableArray<string> Files { get; init; } = [];

    public ResourcesConfig Resources { get; init; } = new(1, 512L << 20);

    public BatchingConfig Batching { get; init; } = new(32, TimeSpan.FromMilliseconds(5));

    public ScalingConfig Scaling { get; init; } = new(1, 1);

    public TestsConfig Tests { get; init; } = new(null, null, null);

    public RolloutConfig Rollout { get; init; } = new("replace", []);

    /// <summary>Environment variables of the replica.</summary>
    public ImmutableSortedDictionary<string, string> Variables { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>How a Python model runs; null for an artifact that needs no code.</summary>
    public RuntimeConfig? Runtime { get; init; }

    /// <summary>Where the effective value of each key came from, by its dotted path.</summary>
    public ImmutableSortedDictionary<string, FieldOrigin> Origins { get; init; } = ImmutableSortedDictionary<string, FieldOrigin>.Empty;
}

/// <param name="Cpus">Cores of one replica; also its intra-op threads (rounded up).</param>
/// <param name="MemoryBytes">Most memory one replica may use.</param>
/// <param name="Gpus">GPUs: a whole number, or a fraction of one.</param>
/// <param name="Accelerator">The kind of accelerator that a Ray node must have, e.g. <c>A100</c>; null for any.</param>
/// <param name="Custom">Amounts of the cluster's own resources that one replica takes; null for none.</param>
/// <param name="Labels">Labels that a Ray node must have, by name: a value, or an expression such as <c>!in(a, b)</c>; null for none.</param>
public sealed record ResourcesConfig(
    double Cpus,
    long MemoryBytes,
    double Gpus = 0,
    string? Accelerator = null,
    ImmutableSortedDictionary<string, double>? Custom = null,
    ImmutableSortedDictionary<string, string>? Labels = null)
{
    public bool Equals(ResourcesConfig? other) =>
        other is not null && Cpus.Equals(other.Cpus) && MemoryBytes == other.MemoryBytes && Gpus.Equals(other.Gpus) && Accelerator == other.Accelerator
        && Same(Custom, other.Custom) && Same(Labels, other.Labels);

    public override int GetHashCode() => HashCode.Combine(Cpus, MemoryBytes, Gpus, Accelerator, Custom?.Count ?? 0, Labels?.Count ?? 0);

    /// <summary>Whatever order they came in: one that was read from JSON sorts otherwise.</summary>
    private static bool Same<T>(ImmutableSortedDictionary<string, T>? one, ImmutableSortedDictionary<string, T>? other) =>
        (one?.Count ?? 0) == (other?.Count ?? 0) && (one is null || other is null || one.All(other.Contains));
}

/// <param name="MaxSize">Most rows that travel as one request; 1 switches batching off.</param>
/// <param name="MaxWait">Longest time a row waits for a busy replica's next batch to fill.</param>
public sealed record BatchingConfig(int MaxSize, TimeSpan MaxWait);

public sealed record ScalingConfig(int Min, int Max);

/// <param name="Cases">Path of the cases file relative to the spec.</param>
/// <param name="Unit">Command that runs unit tests.</param>
/// <param name="Quality">The measured bar.</param>
/// <param name="Parity">The same model in another form, relative to the spec; no part of the version.</param>
public sealed record TestsConfig(string? Cases, string? Unit, QualityConfig? Quality, string? Parity = null);

/// <param name="Metric">One of <c>accuracy</c>, <c>f1</c>, <c>rmse</c>, <c>mae</c>, <c>r2</c>.</param>
/// <param name="AtLeast">Lower bound, inclusive.</param>
/// <param name="AtMost">Upper bound, inclusive.</param>
public sealed record QualityConfig(string Metric, double? AtLeast, double? AtMost);

/// <param name="Strategy"><c>replace</c> until rollouts come: traffic moves at once when the new revision has answered.</param>
/// <param name="Steps">Percentages for a canary.</param>
public sealed record RolloutConfig(string Strategy, ImmutableArray<int> Steps);

/// <param name="Code">The file with the model's class; null where it is found by itself.</param>
/// <param name="Requirements">Its requirements file.</param>
/// <param name="Python"><c>current</c>, or a version such as <c>3.11</c>.</param>
/// <param name="Wheels">A folder of wheels that requirements are installed from, before any index.</param>
/// <param name="Arrays">What inputs look like in Python: <c>plain</c> or <c>numpy</c>.</param>
/// <param name="Network">Whether the model may reach the network while it loads and answers.</param>
public sealed record RuntimeConfig(string? Code = null, string? Requirements = null, string? Wheels = null, string Python = "current", string Arrays = "plain", bool Network = false);

/// <summary>Which layer set a value (precedence of DESIGN 3), and where it stands.</summary>
public sealed record FieldOrigin(OriginLayer Layer, Errors.SourceLocation? Location = null)
{
    /// <summary>Who decided, for a person.</summary>
    /// <param name="environment">Name of the environment that the spec was resolved for.</param>
    public string Words(string environment) => Layer switch
    {
        OriginLayer.Artifact => "the artifact",
        OriginLayer.Spec => "spec",
        OriginLayer.SpecEnvironment => $"spec, environments.{environment}",
        OriginLayer.Environment => $"environment {environment}",
        _ => "default",
    };
}

public enum OriginLayer
{
    Default,

    /// <summary>The model file itself says so.</summary>
    Artifact,
    Spec,

    /// <summary>The spec's part for the environment.</summary>
    SpecEnvironment,

    /// <summary>The environment's own object.</summary>
    Environment,
}

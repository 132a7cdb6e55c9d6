using System.Collections.Immutable;
using System.Text.Json;

namespace Raywright.Ray.Dashboard;

/// <summary>Which Ray it is, and which life of it.</summary>
public sealed record ClusterVersion
{
    /// <summary>E.g. <c>2.60.0</c>; never null in what <see cref="DashboardClient.VersionAsync"/> returns.</summary>
    public string? RayVersion { get; init; }

    public string? RayCommit { get; init; }

    /// <summary>New at every start of the head: applications, jobs and packages of another session are gone.</summary>
    public string? SessionName { get; init; }
}

public sealed record NodeDetails
{
    public string? NodeId { get; init; }

    public string? NodeIp { get; init; }

    public string? NodeName { get; init; }

    public bool? IsHeadNode { get; init; }

    public NodeState State { get; init; }

    public string? StateMessage { get; init; }

    /// <summary>E.g. <c>CPU</c>, <c>GPU</c>, <c>memory</c> in bytes.</summary>
    public IReadOnlyDictionary<string, double> ResourcesTotal { get; init => field = value ?? field; } = ImmutableDictionary<string, double>.Empty;

    public IReadOnlyDictionary<string, string> Labels { get; init => field = value ?? field; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Milliseconds since 1970.</summary>
    public long? StartTimeMs { get; init; }

    /// <summary>Milliseconds since 1970; 0 while it lives.</summary>
    public long? EndTimeMs { get; init; }
}

/// <summary>What is to run as a job. Ray refuses keys that it does not know here, so that only what is set is sent.</summary>
/// <param name="Entrypoint">A shell command.</param>
/// <param name="SubmissionId">Its name; Ray makes one where it is null, and fails where it is taken.</param>
/// <param name="Metadata">Readable by everyone who may read the dashboard.</param>
/// <param name="RuntimeEnv">Ray's <c>runtime_env</c>, as readable as the metadata.</param>
/// <param name="EntrypointNumCpus">What it reserves; nothing where it is null.</param>
public sealed record JobRequest(
    string Entrypoint,
    string? SubmissionId = null,
    IReadOnlyDictionary<string, string>? Metadata = null,
    JsonElement? RuntimeEnv = null,
    double? EntrypointNumCpus = null);

public sealed record JobDetails
{
    public string? SubmissionId { get; init; }

    /// <summary><c>SUBMISSION</c>, or <c>DRIVER</c> for what was not submitted as a job.</summary>
    public string? Type { get; init; }

    public JobStatus Status { get; init; }

    public string? Entrypoint { get; init; }

    public string? Message { get; init; }

    public string? ErrorType { get; init; }

    public int? DriverExitCode { get; init; }

    /// <summary>Milliseconds since 1970.</summary>
    public long? StartTime { get; init; }

    /// <summary>Milliseconds since 1970; null while it runs.</summary>
    public long? EndTime { get; init; }

    public IReadOnlyDictionary<string, string> Metadata { get; init => field = value ?? field; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Whether it ended, well or not.</summary>
    public bool Ended => Status is JobStatus.Stopped or JobStatus.Succeeded or JobStatus.Failed;
}

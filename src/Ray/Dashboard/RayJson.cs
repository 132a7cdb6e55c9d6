using System.Text.Json.Serialization;

namespace Raywright.Ray.Dashboard;

/// <summary>Ray's wire form: snake case, only what is set, members of later versions skipped.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(ServeDetails))]
[JsonSerializable(typeof(Envelope<ClusterMetadata>))]
[JsonSerializable(typeof(ClusterVersion))]
[JsonSerializable(typeof(AuthenticationModeAnswer))]
[JsonSerializable(typeof(ScaleRequest))]
[JsonSerializable(typeof(JobRequest))]
[JsonSerializable(typeof(JobDetails))]
[JsonSerializable(typeof(JobDetails[]))]
[JsonSerializable(typeof(JobSubmitted))]
[JsonSerializable(typeof(JobStopped))]
[JsonSerializable(typeof(JobDeleted))]
[JsonSerializable(typeof(JobLogs))]
[JsonSerializable(typeof(Envelope<StateList<NodeDetails>>))]
[JsonSerializable(typeof(Envelope<StatusText>))]
[JsonSerializable(typeof(ErrorAnswer))]
internal sealed partial class RayJson : JsonSerializerContext;

internal sealed record AuthenticationModeAnswer
{
    /// <summary>Null only where the answer has no such member, and is somebody else's.</summary>
    [JsonPropertyName("authentication_mode")]
    public AuthenticationMode? Mode { get; init; }
}

internal sealed record ScaleRequest(int TargetNumReplicas);

internal sealed record JobSubmitted
{
    public string? SubmissionId { get; init; }
}

internal sealed record JobStopped
{
    public bool? Stopped { get; init; }
}

internal sealed record JobDeleted
{
    public bool? Deleted { get; init; }
}

internal sealed record JobLogs
{
    public string? Logs { get; init; }
}

/// <summary>Around the answers of the state API and of the older calls.</summary>
internal sealed record Envelope<T>
{
    public bool? Result { get; init; }

    public string? Msg { get; init; }

    public T? Data { get; init; }
}

internal sealed record StateList<T>
{
    public StateRows<T>? Result { get; init; }
}

internal sealed record StateRows<T>
{
    public IReadOnlyList<T>? Result { get; init; }
}

/// <summary>In camel case, unlike the rest of the state API.</summary>
internal sealed record ClusterMetadata
{
    [JsonPropertyName("pythonVersion")]
    public string? PythonVersion { get; init; }
}

/// <summary>The older calls are in camel case.</summary>
internal sealed record StatusText
{
    [JsonPropertyName("clusterStatus")]
    public string? ClusterStatus { get; init; }
}

/// <summary>The two forms of an error that is JSON.</summary>
internal sealed record ErrorAnswer
{
    public string? Error { get; init; }

    public string? Msg { get; init; }
}

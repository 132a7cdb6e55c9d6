using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Raywright.Ray.Dashboard;

/// <summary>Status of an application. <c>Unknown</c>, here and in the others, is a word of a later Ray.</summary>
[JsonConverter(typeof(StateConverter<ApplicationStatus>))]
public enum ApplicationStatus
{
    Unknown,
    NotStarted,
    Deploying,
    DeployFailed,
    Running,
    Unhealthy,
    Deleting,
}

/// <summary>Who made an application: a configuration that was PUT, or code that runs in the cluster.</summary>
[JsonConverter(typeof(StateConverter<ApplicationSource>))]
public enum ApplicationSource
{
    Unknown,
    Imperative,
    Declarative,
}

[JsonConverter(typeof(StateConverter<DeploymentStatus>))]
public enum DeploymentStatus
{
    Unknown,
    Updating,
    Healthy,
    Unhealthy,
    DeployFailed,
    Upscaling,
    Downscaling,
}

/// <summary>What brought a deployment into its status.</summary>
[JsonConverter(typeof(StateConverter<StatusTrigger>))]
public enum StatusTrigger
{
    Unknown,
    Unspecified,
    ConfigUpdateStarted,
    ConfigUpdateCompleted,
    UpscaleCompleted,
    DownscaleCompleted,
    Autoscaling,
    ReplicaStartupFailed,
    HealthCheckFailed,
    InternalError,
    Deleting,
}

[JsonConverter(typeof(StateConverter<ReplicaState>))]
public enum ReplicaState
{
    Unknown,
    Starting,
    Updating,
    Recovering,
    Running,
    Stopping,
    PendingMigration,

    /// <summary>Only among those that died.</summary>
    Stopped,
}

[JsonConverter(typeof(StateConverter<ProxyStatus>))]
public enum ProxyStatus
{
    Unknown,
    Starting,
    Healthy,
    Unhealthy,
    Draining,
    Drained,
}

[JsonConverter(typeof(StateConverter<JobStatus>))]
public enum JobStatus
{
    Unknown,
    Pending,
    Running,
    Stopped,
    Succeeded,
    Failed,
}

[JsonConverter(typeof(StateConverter<NodeState>))]
public enum NodeState
{
    Unknown,
    Alive,
    Dead,
}

[JsonConverter(typeof(StateConverter<AuthenticationMode>))]
public enum AuthenticationMode
{
    Unknown,
    Disabled,
    Token,
}

/// <summary>Reads <c>DEPLOY_FAILED</c> as <c>DeployFailed</c>, in any case, and whatever it does not know as the first member.</summary>
internal sealed class StateConverter<TState> : JsonConverter<TState>
    where TState : struct, Enum
{
    private static readonly FrozenDictionary<string, TState> Words = Enum.GetValues<TState>()
        .ToFrozenDictionary(state => JsonNamingPolicy.SnakeCaseUpper.ConvertName(state.ToString()), StringComparer.OrdinalIgnoreCase);

    public override bool HandleNull => true;

    public override TState Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
            return Words.GetValueOrDefault(reader.GetString()!);
        reader.Skip();
        return default;
    }

    public override void Write(Utf8JsonWriter writer, TState value, JsonSerializerOptions options) =>
        writer.WriteStringValue(JsonNamingPolicy.SnakeCaseUpper.ConvertName(value.ToString()));
}

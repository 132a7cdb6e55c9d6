using System.Collections.Immutable;
using System.Text.Json;

namespace Raywright.Ray.Dashboard;

// Ray sends only what was set: anything may be absent or null. Lists and maps are then empty here.

/// <summary>What Serve runs. Where it was never started all of it is empty.</summary>
public sealed record ServeDetails
{
    public ActorDetails? ControllerInfo { get; init; }

    public string? ProxyLocation { get; init; }

    /// <summary>How Serve listens. It counts from the first PUT on; later ones are ignored without a word.</summary>
    public JsonElement? HttpOptions { get; init; }

    public JsonElement? GrpcOptions { get; init; }

    /// <summary>By the ID of their node.</summary>
    public IReadOnlyDictionary<string, ProxyDetails> Proxies { get; init => field = value ?? field; } = ImmutableDictionary<string, ProxyDetails>.Empty;

    /// <summary>By name.</summary>
    public IReadOnlyDictionary<string, ApplicationDetails> Applications { get; init => field = value ?? field; } = ImmutableDictionary<string, ApplicationDetails>.Empty;

    public double? TargetCapacity { get; init; }

    /// <summary>Where the proxies listen, as the cluster sees them.</summary>
    public IReadOnlyList<TargetGroup> TargetGroups { get; init => field = value ?? field; } = [];

    /// <summary>
    /// Whether Serve runs. A controller that crashed is restarted as the same actor; one that was shut down and started again is
    /// another.
    /// </summary>
    public bool Started => ControllerInfo?.ActorId is not null;
}

/// <summary>A process of Ray: controller or proxy.</summary>
public record ActorDetails
{
    public string? NodeId { get; init; }

    public string? NodeIp { get; init; }

    public string? ActorId { get; init; }

    public string? ActorName { get; init; }

    public string? WorkerId { get; init; }

    /// <summary>Relative to the session's <c>logs</c> folder, as <see cref="DashboardClient.LogFileAsync"/> takes it.</summary>
    public string? LogFilePath { get; init; }
}

public sealed record ProxyDetails : ActorDetails
{
    public ProxyStatus Status { get; init; }
}

public sealed record ApplicationDetails
{
    public string? Name { get; init; }

    /// <summary>Null while it is being built, and where it is not exposed.</summary>
    public string? RoutePrefix { get; init; }

    public ApplicationStatus Status { get; init; }

    public string? Message { get; init; }

    /// <summary>Seconds since 1970. A PUT that changes nothing moves it too.</summary>
    public double? LastDeployedTimeS { get; init; }

    public ApplicationSource Source { get; init; }

    /// <summary>What was PUT, less the keys that Ray does not know; null for imperative applications.</summary>
    public JsonElement? DeployedAppConfig { get; init; }

    public bool? ExternalScalerEnabled { get; init; }

    /// <summary>By name; empty while the application is being built or deleted.</summary>
    public IReadOnlyDictionary<string, DeploymentDetails> Deployments { get; init => field = value ?? field; } = ImmutableDictionary<string, DeploymentDetails>.Empty;
}

public sealed record DeploymentDetails
{
    public string? Name { get; init; }

    public DeploymentStatus Status { get; init; }

    public StatusTrigger StatusTrigger { get; init; }

    public string? Message { get; init; }

    /// <summary>The effective settings, defaults filled in.</summary>
    public JsonElement? DeploymentConfig { get; init; }

    /// <summary>What the controller works towards; the external scaler moves it, and nothing else shows that it did.</summary>
    public int? TargetNumReplicas { get; init; }

    public IReadOnlyList<ReplicaDetails> Replicas { get; init => field = value ?? field; } = [];

    /// <summary>At most the last ten.</summary>
    public IReadOnlyList<ReplicaDetails> RecentDeadReplicas { get; init => field = value ?? field; } = [];
}

/// <summary>A replica. One that is starting has no node and no process yet.</summary>
public sealed record ReplicaDetails
{
    public string? ReplicaId { get; init; }

    public ReplicaState State { get; init; }

    public string? NodeId { get; init; }

    public string? NodeIp { get; init; }

    public string? ActorId { get; init; }

    public string? ActorName { get; init; }

    public string? WorkerId { get; init; }

    public int? Pid { get; init; }

    public double? StartTimeS { get; init; }

    /// <inheritdoc cref="ActorDetails.LogFilePath"/>
    public string? LogFilePath { get; init; }
}

public sealed record TargetGroup
{
    public IReadOnlyList<Target> Targets { get; init => field = value ?? field; } = [];

    public string? RoutePrefix { get; init; }

    /// <summary><c>HTTP</c> or <c>gRPC</c>.</summary>
    public string? Protocol { get; init; }

    public string? AppName { get; init; }
}

/// <summary>A proxy's listener.</summary>
public sealed record Target
{
    public string? Ip { get; init; }

    public int? Port { get; init; }

    public string? Name { get; init; }
}

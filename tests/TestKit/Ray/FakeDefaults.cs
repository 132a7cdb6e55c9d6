using System.Text.Json.Nodes;

namespace Raywright.TestKit.Ray;

/// <summary>The values that Ray 2.60 fills in where nothing was said.</summary>
internal static class FakeDefaults
{
    public static JsonObject HttpOptions(JsonNode? sent) => Over(
        new()
        {
            ["host"] = "0.0.0.0",
            ["port"] = 8000,
            ["root_path"] = "",
            ["request_timeout_s"] = null,
            ["keep_alive_timeout_s"] = 90,
            ["ssl_keyfile"] = null,
            ["ssl_certfile"] = null,
            ["ssl_keyfile_password"] = null,
            ["ssl_ca_certs"] = null,
        },
        sent as JsonObject);

    public static JsonObject GrpcOptions() => new()
    {
        ["port"] = 9000,
        ["grpc_servicer_functions"] = new JsonArray(),
        ["request_timeout_s"] = null,
        ["enable_reflection"] = true,
    };

    /// <param name="name">Of the deployment.</param>
    /// <param name="settings">What was said of it.</param>
    /// <param name="environment">The <c>runtime_env</c> of its application, which its own goes over.</param>
    public static JsonObject DeploymentConfig(string name, JsonObject settings, JsonObject? environment)
    {
        JsonObject config = Over(
            new()
            {
                ["name"] = name,
                ["num_replicas"] = 1,
                ["max_ongoing_requests"] = 5,
                ["max_queued_requests"] = -1,
                ["backpressure_config"] = new JsonObject { ["status_code"] = 503, ["retry_after_s"] = null },
                ["user_config"] = null,
                ["graceful_shutdown_wait_loop_s"] = 2.0,
                ["graceful_shutdown_timeout_s"] = 20.0,
                ["health_check_period_s"] = 10.0,
                ["health_check_timeout_s"] = 30.0,
                ["request_router_config"] = new JsonObject
                {
                    ["request_router_class"] = "ray.serve._private.request_router:PowerOfTwoChoicesRequestRouter",
                    ["request_router_kwargs"] = new JsonObject(),
                    ["request_routing_stats_period_s"] = 10.0,
                    ["request_routing_stats_timeout_s"] = 30.0,
                    ["initial_backoff_s"] = 0.025,
                    ["backoff_multiplier"] = 2.0,
                    ["max_backoff_s"] = 0.5,
                },
                ["rolling_update_percentage"] = 0.2,
                ["max_surge_percent"] = 0,
            },
            settings);
        JsonObject options = (JsonObject?)settings["ray_actor_options"]?.DeepClone() ?? [];
        options["runtime_env"] = Over((JsonObject?)environment?.DeepClone() ?? [], options["runtime_env"] as JsonObject);
        options["num_cpus"] ??= 1.0;
        config["ray_actor_options"] = options;
        // One or the other: Ray never shows both.
        if (settings["autoscaling_config"] is not null)
            config.Remove("num_replicas");
        return config;
    }

    private static JsonObject Over(JsonObject defaults, JsonObject? said)
    {
        foreach ((string key, JsonNode? value) in said ?? [])
            defaults[key] = value?.DeepClone();
        return defaults;
    }
}

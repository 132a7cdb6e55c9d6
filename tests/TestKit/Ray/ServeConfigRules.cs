using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Raywright.TestKit.Ray;

/// <summary>What Ray 2.60 accepts in a PUT of applications, as far as the recordings show it, and in which words it refuses.</summary>
internal static class ServeConfigRules
{
    private static readonly string[] Application = ["name", "route_prefix", "import_path", "runtime_env", "deployments", "autoscaling_policy", "args", "logging_config", "external_scaler_enabled"];

    private static readonly string[] Deployment =
    [
        "name", "num_replicas", "max_ongoing_requests", "max_queued_requests", "backpressure_config", "user_config", "autoscaling_config", "graceful_shutdown_wait_loop_s", "graceful_shutdown_timeout_s",
        "health_check_period_s", "health_check_timeout_s", "ray_actor_options", "placement_group_bundles", "placement_group_strategy", "placement_group_bundle_label_selector", "max_replicas_per_node",
        "logging_config", "request_router_config", "gang_scheduling_config", "deployment_actors", "rolling_update_percentage", "max_surge_percent",
    ];

    private static readonly string[] ActorOptions = ["runtime_env", "num_cpus", "num_gpus", "memory", "resources", "accelerator_type", "label_selector", "fallback_strategy"];

    /// <summary>Parts in which, unlike elsewhere, an unknown key is refused.</summary>
    private static readonly Dictionary<string, string[]> Strict = new(StringComparer.Ordinal)
    {
        ["logging_config"] = ["encoding", "log_level", "logs_dir", "enable_access_log", "additional_log_standard_attrs"],
        ["backpressure_config"] = ["status_code", "retry_after_s"],
        ["controller_options"] = ["runtime_env"],
    };

    /// <summary>Fields of a deployment that may be left out but not be null.</summary>
    private static readonly Dictionary<string, (string Text, string Type)> NotNull = new(StringComparer.Ordinal)
    {
        ["max_ongoing_requests"] = ("Input should be a valid integer", "int_type"),
        ["max_queued_requests"] = ("Input should be a valid integer", "int_type"),
        ["max_surge_percent"] = ("Input should be a valid integer", "int_type"),
        ["max_replicas_per_node"] = ("Input should be a valid integer", "int_type"),
        ["graceful_shutdown_wait_loop_s"] = ("Input should be a valid number", "float_type"),
        ["graceful_shutdown_timeout_s"] = ("Input should be a valid number", "float_type"),
        ["health_check_period_s"] = ("Input should be a valid number", "float_type"),
        ["health_check_timeout_s"] = ("Input should be a valid number", "float_type"),
        ["rolling_update_percentage"] = ("Input should be a valid number", "float_type"),
        ["ray_actor_options"] = ("Input should be a valid dictionary or instance of RayActorOptionsSchema", "model_type"),
        ["logging_config"] = ("Input should be a valid dictionary or instance of LoggingConfig", "model_type"),
        ["backpressure_config"] = ("Input should be a valid dictionary or instance of BackpressureConfig", "model_type"),
        ["request_router_config"] = ("Input should be a valid dictionary or instance of RequestRouterConfig", "model_type"),
    };

    /// <summary>The answer to a configuration that is refused as a whole; null for one that is not.</summary>
    public static FakeAnswer? Refuse(JsonNode? config)
    {
        List<(string Place, string Text, string Type)> faults = [.. Faults(config)];
        if (faults.Count == 0)
            return null;
        string head = $"{faults.Count} validation error{(faults.Count == 1 ? "" : "s")} for ServeDeploySchema";
        IEnumerable<string> lines = faults.Select(fault =>
            $"{(fault.Place.Length > 0 ? fault.Place + "\n" : "")}  {fault.Text} [type={fault.Type}, input_value='…', input_type=dict]\n    For further information visit https://errors.pydantic.dev/2.14/v/{fault.Type}");
        return FakeAnswer.Text(400, $"{head}\n{string.Join('\n', lines)}");
    }

    /// <summary>What only the controller finds, when it already applies; null where it finds nothing.</summary>
    public static string? ControllerFault(JsonObject application)
    {
        string? folder = (string?)application["runtime_env"]?["working_dir"];
        bool archive = folder is null || new[] { ".zip", ".tar.gz", ".tgz", ".tar.xz", ".whl" }.Any(ending => folder.EndsWith(ending, StringComparison.Ordinal));
        return folder?.StartsWith("gcs://", StringComparison.Ordinal) == true && !archive
            ? $"ValueError: Only .zip, .tar.gz, .tgz, .tar.xz files are supported for working_dir URIs; got {folder}."
            : null;
    }

    /// <summary>What was sent less the keys that Ray drops without a word.</summary>
    public static JsonObject Known(JsonObject application)
    {
        JsonObject known = Only(application, Application);
        if (known["deployments"] is JsonArray deployments)
        {
            known["deployments"] = new JsonArray([.. deployments.Select(item =>
            {
                JsonObject deployment = Only((JsonObject)item!, Deployment);
                if (deployment["ray_actor_options"] is JsonObject options)
                    deployment["ray_actor_options"] = Only(options, ActorOptions);
                return deployment;
            })]);
        }
        return known;
    }

    private static JsonObject Only(JsonObject map, string[] keys) => new(map.Where(pair => keys.Contains(pair.Key, StringComparer.Ordinal)).Select(pair => KeyValuePair.Create(pair.Key, pair.Value?.DeepClone())));

    private static IEnumerable<(string Place, string Text, string Type)> Faults(JsonNode? config)
    {
        if (config is not JsonObject root)
            return [("", "Input should be a valid dictionary or instance of ServeDeploySchema", "model_type")];
        List<(string Place, string Text, string Type)> faults = [.. OfTop(root)];
        JsonArray applications = root["applications"] as JsonArray ?? [];
        for (int i = 0; i < applications.Count; i++)
            faults.AddRange(OfApplication($"applications.{i}", (JsonObject)applications[i]!));
        // Rules about the whole are checked once its parts are in order.
        if (faults.Count == 0)
            faults.AddRange(OfWhole(applications));
        return faults;
    }

    private static IEnumerable<(string Place, string Text, string Type)> OfTop(JsonObject root)
    {
        if (!root.ContainsKey("applications"))
            yield return ("applications", "Field required", "missing");
        if (root.TryGetPropertyValue("proxy_location", out JsonNode? location) && (string?)location is not ("Disabled" or "HeadOnly" or "EveryNode"))
            yield return ("proxy_location", "Input should be 'Disabled', 'HeadOnly' or 'EveryNode'", "enum");
        if (Number(root["target_capacity"]) is > 100)
            yield return ("target_capacity", "Input should be less than or equal to 100", "less_than_equal");
        if (Number(root["target_capacity"]) is < 0)
            yield return ("target_capacity", "Input should be greater than or equal to 0", "greater_than_equal");
        foreach ((string Place, string Text, string Type) fault in Extra("controller_options", root["controller_options"], "controller_options"))
            yield return fault;
        if (root["controller_options"]?["runtime_env"] is JsonObject environment && environment.Select(pair => pair.Key).Where(key => key != "env_vars").ToArray() is { Length: > 0 } others)
            yield return ("controller_options.runtime_env", $"Value error, ControllerOptions.runtime_env only supports ['env_vars'] in this version; got disallowed keys ['{string.Join("', '", others)}']. Per-replica runtime_env belongs on the deployment (``serve.deployment(runtime_env=...)``), not on the controller actor.", "value_error");
    }

    private static IEnumerable<(string Place, string Text, string Type)> OfApplication(string place, JsonObject application)
    {
        List<(string Place, string Text, string Type)> faults = [];
        if (!application.ContainsKey("import_path"))
            faults.Add(($"{place}.import_path", "Field required", "missing"));
        else if (ImportPath((string)application["import_path"]!) is { } wrong)
            faults.Add(($"{place}.import_path", $"Value error, {wrong}", "value_error"));
        if ((string?)application["runtime_env"]?["working_dir"] is { } folder && !folder.Contains("://", StringComparison.Ordinal))
            faults.Add(($"{place}.runtime_env", $"Value error, runtime_envs in the Serve config support only remote URIs in working_dir and py_modules, or \"local://\" URIs for directories that already exist on every node. Got error when parsing URI: Expected URI but received path {folder}", "value_error"));
        JsonArray deployments = application["deployments"] as JsonArray ?? [];
        for (int i = 0; i < deployments.Count; i++)
            faults.AddRange(OfDeployment($"{place}.deployments.{i}", (JsonObject)deployments[i]!));
        string[] scaled = [.. deployments.Where(item => item!["autoscaling_config"] is JsonObject || item["num_replicas"] is JsonValue value && value.GetValueKind() == JsonValueKind.String).Select(item => $"\"{item!["name"]}\"")];
        if (faults.Count == 0 && (bool?)application["external_scaler_enabled"] == true && scaled.Length > 0)
            faults.Add((place, $"Value error, external_scaler_enabled is set to True, but the following deployment(s) have autoscaling configured: {string.Join(", ", scaled)}. When using an external autoscaler, Serve's built-in autoscaling must be disabled for all deployments in the application.", "value_error"));
        return faults;
    }

    private static string? ImportPath(string path)
    {
        if (path.Count(character => character == ':') > 1)
            return $"Got invalid import path \"{path}\". An import path may have at most one colon.";
        return path.Contains('.', StringComparison.Ordinal) || path.Contains(':', StringComparison.Ordinal)
            ? null
            : $"Got invalid import path \"{path}\". An import path must contain at least on dot or colon separating the module (and potentially submodules) from the deployment graph. E.g.: \"module.deployment_graph\".";
    }

    private static IEnumerable<(string Place, string Text, string Type)> OfDeployment(string place, JsonObject deployment)
    {
        foreach ((string key, (string text, string type)) in NotNull.Where(rule => deployment.ContainsKey(rule.Key) && deployment[rule.Key] is null))
            yield return ($"{place}.{key}", text, type);
        foreach (string part in new[] { "logging_config", "backpressure_config" })
        {
            foreach ((string Place, string Text, string Type) fault in Extra($"{place}.{part}", deployment[part], part))
                yield return fault;
        }
        JsonNode? replicas = deployment["num_replicas"];
        bool words = replicas?.GetValueKind() == JsonValueKind.String;
        if (Number(replicas) is <= 0)
        {
            yield return ($"{place}.num_replicas.constrained-int", "Input should be greater than 0", "greater_than");
            yield return ($"{place}.num_replicas.str", "Input should be a valid string", "string_type");
        }
        else if (words && (string?)replicas != "auto")
        {
            yield return (place, $"Value error, `num_replicas` must be an int or \"auto\", but got: {(string?)replicas}", "value_error");
        }
        else if (replicas is not null && !words && deployment["autoscaling_config"] is not null)
        {
            yield return (place, "Value error, Manually setting num_replicas is not allowed when autoscaling_config is provided.", "value_error");
        }
        if (Number(deployment["max_ongoing_requests"]) is <= 0)
            yield return ($"{place}.max_ongoing_requests", "Input should be greater than 0", "greater_than");
        if (Number(deployment["max_queued_requests"]) is 0 or < -1)
            yield return (place, "Value error, max_queued_requests must be -1 (no limit) or a positive integer.", "value_error");
    }

    private static IEnumerable<(string Place, string Text, string Type)> OfWhole(JsonArray applications)
    {
        if (Twice(applications.Select(application => (string?)application!["name"] ?? "default")) is { } name)
            yield return ("applications", $"Value error, Found multiple configs for application \"{name}\". Please remove all duplicates.", "value_error");
        else if (Twice(applications.Where(application => !application!.AsObject().ContainsKey("route_prefix") || application["route_prefix"] is not null).Select(application => (string?)application!["route_prefix"] ?? "/")) is { } route)
            yield return ("applications", $"Value error, Found duplicate applications for route prefix \"{route}\". Please ensure each application's route_prefix is unique.", "value_error");
        else if (applications.FirstOrDefault(application => application!["host"] is not null) is { } host)
            yield return ("", $"Value error, Host \"{(string?)host["host"]}\" is set in the config for application `{(string?)host["name"]}`. Please remove it and set host in the top level deploy config only.", "value_error");
    }

    private static IEnumerable<(string Place, string Text, string Type)> Extra(string place, JsonNode? part, string name) =>
        part is JsonObject map ? map.Where(pair => !Strict[name].Contains(pair.Key, StringComparer.Ordinal)).Select(pair => ($"{place}.{pair.Key}", "Extra inputs are not permitted", "extra_forbidden")) : [];

    private static string? Twice(IEnumerable<string> values) => values.GroupBy(value => value, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1)?.Key;

    private static double? Number(JsonNode? node) =>
        node?.GetValueKind() == JsonValueKind.Number ? double.Parse(node.ToJsonString(), CultureInfo.InvariantCulture) : null;
}

using System.Globalization;
using System.Text.Json.Nodes;

namespace Raywright.TestKit.Ray;

/// <summary>The life of one application: building, deploying, running, and at last deleting.</summary>
internal sealed class FakeApplication(string name, FakeSurroundings around)
{
    private readonly Dictionary<string, FakeDeployment> deployments = new(StringComparer.Ordinal);
    private string? failure;
    private string? route;
    private string phase = "building";
    private bool touched;
    private bool otherCode = true;
    private double deployed;

    public string Name => name;

    public string Source { get; private set; } = "declarative";

    /// <summary>What was PUT, or stands for what the code in the cluster said.</summary>
    public JsonObject Config { get; private set; } = [];

    public bool ScaledFromOutside => (bool?)Config["external_scaler_enabled"] ?? false;

    public bool Deleting => phase == "deleting";

    public bool Gone { get; private set; }

    /// <summary>Whether reading it again would show something else.</summary>
    public bool Moves => phase is "building" or "deleting" || touched
        || deployments.Values.Any(one => one.Moves);

    public string Status => phase switch
    {
        "building" or "stuck" => "DEPLOYING",
        "deleting" => "DELETING",
        "failed" => "DEPLOY_FAILED",
        _ when deployments.Values.Any(one => one.Status == "DEPLOY_FAILED") => "DEPLOY_FAILED",
        _ when deployments.Values.Any(one => one.Status == "UNHEALTHY") => "UNHEALTHY",
        _ when touched || deployments.Values.Any(one => one.Updating) => "DEPLOYING",
        _ => "RUNNING",
    };

    private JsonObject? Environment => Config["runtime_env"] as JsonObject;

    private string? Folder => (string?)Environment?["working_dir"];

    /// <summary>Where the proxy leads to it; null while it is not built, or not exposed.</summary>
    public string? Route => phase == "running" ? route : null;

    public FakeDeployment? Deployment(string called) => deployments.GetValueOrDefault(called);

    public IEnumerable<FakeDeployment> Deployments => deployments.Values;

    public bool Uses(string package) =>
        deployments.Values.Any(one => one.Replicas.Any(replica => replica.Lives)) && Config.ToJsonString().Contains($"gcs://{package}", StringComparison.Ordinal);

    public void Apply(JsonObject config, string source)
    {
        bool first = phase is "deleting" or "stuck" or "failed" || deployments.Count == 0;
        otherCode = first || new[] { "import_path", "args", "runtime_env", "version" }.Any(key => !JsonNode.DeepEquals(config[key], Config[key]));
        (Config, Source, failure, deployed) = (config, source, null, around.Now);
        if (otherCode)
        {
            phase = "building";
            return;
        }
        phase = "running";
        touched = true;
        SetRoute();
        Configure([.. deployments.Keys]);
    }

    /// <summary>The controller stopped at it: neither built nor ever to be.</summary>
    public void Stick(JsonObject config)
    {
        (Config, phase, route, deployed) = (config, "stuck", null, around.Now);
        deployments.Clear();
    }

    public void Delete()
    {
        foreach (FakeDeployment one in deployments.Values)
            one.StopAll();
        deployments.Clear();
        (phase, deployed) = ("deleting", around.Now);
    }

    public void Step(FakeBehaviour behaviour, IReadOnlyList<string>? code)
    {
        switch (phase)
        {
            case "deleting" when behaviour.Kind != "stopping":
                Gone = true;
                break;
            case "building" when behaviour.Kind != "building":
                Build(behaviour, code);
                break;
            case "running":
                touched = false;
                foreach (FakeDeployment one in deployments.Values)
                    one.Step(behaviour);
                break;
        }
    }

    public JsonObject ToJson()
    {
        bool built = phase == "running";
        return new()
        {
            ["name"] = name,
            ["route_prefix"] = route,
            ["docs_path"] = null,
            ["status"] = Status,
            ["message"] = Message(),
            ["last_deployed_time_s"] = deployed,
            ["deployed_app_config"] = Deleting || Source == "imperative" ? null : Config.DeepClone(),
            ["source"] = Source,
            ["deployments"] = new JsonObject(built ? deployments.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value.ToJson(Variables()))) : []),
            ["external_scaler_enabled"] = ScaledFromOutside,
            ["deployment_topology"] = built ? Topology() : null,
        };
    }

    private static string? RouteFault(string? prefix) => prefix switch
    {
        null or "/" => null,
        _ when !prefix.StartsWith('/') => $"ValueError: Invalid route_prefix '{prefix}', must start with a forward slash ('/').",
        _ when prefix.EndsWith('/') => $"ValueError: Invalid route_prefix '{prefix}', may not end with a trailing '/'.",
        _ when prefix.Contains('{', StringComparison.Ordinal) => $"ValueError: Invalid route_prefix '{prefix}', may not contain wildcards.",
        _ => null,
    };

    private static string? AutoscalingFault(JsonObject settings)
    {
        JsonNode? least = settings["autoscaling_config"]?["min_replicas"];
        JsonNode? most = settings["autoscaling_config"]?["max_replicas"];
        return least is not null && most is not null && Number(least) > Number(most)
            ? $"pydantic_core._pydantic_core.ValidationError: 1 validation error for AutoscalingConfig\n  Value error, max_replicas ({most}) must be greater than or equal to min_replicas ({least})!"
            : null;
    }

    private static double Number(JsonNode node) => double.Parse(node.ToJsonString(), CultureInfo.InvariantCulture);

    private string Message() => failure ?? Status switch
    {
        "DEPLOY_FAILED" => $"Failed to update the deployments [{Names("DEPLOY_FAILED")}].",
        "UNHEALTHY" => $"The deployments [{Names("UNHEALTHY")}] are UNHEALTHY.",
        _ => "",
    };

    private string Names(string status) => string.Join(", ", deployments.Values.Where(one => one.Status == status).Select(one => $"'{one.Name}'"));

    private void Build(FakeBehaviour behaviour, IReadOnlyList<string>? code)
    {
        string[] said = [.. Settings().Select(settings => (string)settings["name"]!)];
        string[] names = code is not null ? [.. code] : said.Length > 0 ? said : ["Model"];
        failure = BuildFault(behaviour, said, names);
        if (failure is not null)
        {
            foreach (FakeDeployment one in deployments.Values)
                one.StopAll();
            deployments.Clear();
            phase = "failed";
            return;
        }
        phase = "running";
        SetRoute();
        Configure(names);
    }

    private void SetRoute() => route = Config.ContainsKey("route_prefix") && Config["route_prefix"] is null ? null : (string?)Config["route_prefix"] ?? "/";

    private string? BuildFault(FakeBehaviour behaviour, string[] said, string[] names)
    {
        // Through code in the cluster nothing is built: what is missing shows at the replicas.
        if (Source == "imperative")
            return null;
        if (Folder is { } folder && folder.StartsWith("gcs://", StringComparison.Ordinal) && !around.Packages.Has(folder["gcs://".Length..]))
            return $"Runtime env setup for app '{name}' failed:\n{FakeAnswer.Traced($"OSError: Failed to download runtime_env file package {folder} from the GCS to the Ray worker node. The package may have prematurely been deleted from the GCS due to a long upload time or a problem with Ray.")}";
        if (behaviour.Kind == "import")
            return $"Deploying app '{name}' failed with exception:\n{FakeAnswer.Traced(behaviour.Error)}";
        string? fault = RouteFault((string?)Config["route_prefix"])
            ?? Settings().Select(AutoscalingFault).FirstOrDefault(text => text is not null)
            ?? (said.Except(names, StringComparer.Ordinal).FirstOrDefault() is { } unknown ? $"ValueError: Deployment '{unknown}' does not exist. Available: ['{string.Join("', '", names)}']" : null);
        return fault is null ? null : FakeAnswer.Traced(fault);
    }

    private IEnumerable<JsonObject> Settings() => (Config["deployments"] as JsonArray ?? []).Select(item => (JsonObject)item!);

    private void Configure(string[] names)
    {
        foreach (string gone in deployments.Keys.Except(names, StringComparer.Ordinal).ToArray())
            deployments.Remove(gone);
        foreach (string called in names)
        {
            JsonObject settings = Settings().FirstOrDefault(one => (string?)one["name"] == called) ?? new JsonObject { ["name"] = called };
            if (deployments.TryGetValue(called, out FakeDeployment? known))
                known.Configure(settings, Folder, otherCode);
            else
                deployments[called] = new(name, called, settings, Folder, around);
        }
    }

    /// <summary>As the replicas get it: Ray adds the variables of a declarative application even where there are none.</summary>
    private JsonObject? Variables()
    {
        JsonObject? environment = (JsonObject?)Environment?.DeepClone();
        if (Source == "declarative" && environment is not null)
            environment["env_vars"] ??= new JsonObject();
        return environment;
    }

    private JsonObject Topology() => new()
    {
        ["app_name"] = name,
        ["nodes"] = new JsonObject(deployments.Keys.Select((called, index) => KeyValuePair.Create(called, (JsonNode?)new JsonObject
        {
            ["name"] = called,
            ["app_name"] = name,
            ["outbound_deployments"] = new JsonArray(),
            ["is_ingress"] = index == 0,
        }))),
        ["ingress_deployment"] = deployments.Keys.FirstOrDefault(),
    };
}

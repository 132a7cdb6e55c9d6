using System.Text.Json;
using System.Text.Json.Nodes;

namespace Raywright.TestKit.Ray;

/// <summary>
/// Serve of the fake cluster. It moves one step each time its details are read, so that no test waits for a clock: a new
/// application is building, then has no replica, then one that starts, then runs.
/// </summary>
public sealed class FakeServe
{
    private const int MostSteps = 200;

    private readonly Lock gate;
    private readonly FakeSurroundings around;
    private readonly Dictionary<string, FakeApplication> applications = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FakeBehaviour> behaviours = new(StringComparer.Ordinal);
    private FakeSystem? system;
    private JsonNode? targetCapacity;
    private JsonObject before;

    internal FakeServe(Lock gate, FakeSurroundings around)
    {
        (this.gate, this.around) = (gate, around);
        before = Render(null);
        around.Nodes.Taken = node => applications.Values.SelectMany(application => application.Deployments).Sum(deployment => deployment.Cpus * deployment.Replicas.Count(replica => replica.Node == node));
        around.Packages.IsUsed = name => applications.Values.Any(application => application.Uses(name));
    }

    /// <summary>The deployments that an import path defines; one that is not named here defines those that are configured.</summary>
    public Dictionary<string, IReadOnlyList<string>> Code { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether controller and proxies run; the first application starts them.</summary>
    public bool Started
    {
        get
        {
            lock (gate)
                return system is not null;
        }
    }

    public IReadOnlyList<string> Applications
    {
        get
        {
            lock (gate)
                return [.. applications.Keys];
        }
    }

    /// <summary>How the code of an application behaves from now on.</summary>
    public void Behave(string application, FakeBehaviour behaviour)
    {
        lock (gate)
            behaviours[application] = behaviour;
    }

    /// <summary>What <c>serve.run</c> in the cluster does: adds an application or changes it.</summary>
    /// <param name="name">Of the application.</param>
    /// <param name="deployment">Its one deployment, in the form of a configuration; one called <c>Model</c> where it is null.</param>
    /// <param name="routePrefix">Null where it is not exposed.</param>
    /// <param name="folder">Its <c>working_dir</c>, e.g. <c>gcs://_ray_pkg_1.zip</c>.</param>
    /// <param name="externalScaler">Whether the REST API may scale it.</param>
    /// <param name="version">With the same one again the replicas stay; without one they are replaced each time.</param>
    public void AddImperative(string name, JsonObject? deployment = null, string? routePrefix = null, string? folder = null, bool externalScaler = true, string? version = null)
    {
        lock (gate)
        {
            JsonObject config = new()
            {
                ["name"] = name,
                ["route_prefix"] = routePrefix,
                ["version"] = version ?? around.Ids.Next(8),
                ["deployments"] = new JsonArray(deployment?.DeepClone() ?? new JsonObject { ["name"] = "Model" }),
                ["external_scaler_enabled"] = externalScaler,
            };
            if (folder is not null)
                config["runtime_env"] = new JsonObject { ["working_dir"] = folder };
            Changing();
            system ??= new(around, null, null);
            Application(name).Apply(config, "imperative");
            around.Moved();
        }
    }

    /// <summary>What <c>serve.delete</c> in the cluster does; also to a declarative application, and nothing where there is none.</summary>
    public void Delete(string name)
    {
        lock (gate)
        {
            if (!applications.TryGetValue(name, out FakeApplication? application))
                return;
            Changing();
            application.Delete();
            around.Moved();
        }
    }

    /// <summary>What a PUT by somebody else does, past all faults.</summary>
    public void Declare(JsonObject config)
    {
        FakeAnswer answer = Locked(() => Put(JsonSerializer.SerializeToUtf8Bytes(config), null));
        if (answer.Status != 200)
            throw new ArgumentException(answer.Body, nameof(config));
    }

    /// <summary>What somebody else does through the REST API, past all faults; nothing where Ray refuses it.</summary>
    public void ScaleByHand(string application, string deployment, int count) =>
        Locked(() => Scale(application, deployment, JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["target_num_replicas"] = count })));

    /// <summary>Everything of an application that only its owner may change: settings, route, and which replicas run.</summary>
    public string? Describe(string application)
    {
        lock (gate)
        {
            return applications.GetValueOrDefault(application) is { } one
                ? $"{one.Source} {one.Status} {one.Config.ToJsonString()} {string.Join(' ', one.Deployments.SelectMany(deployment => deployment.Replicas).Select(replica => replica.Id))}"
                : null;
        }
    }

    /// <summary>The health checks of an application fail once.</summary>
    public void FailHealthChecks(string application)
    {
        lock (gate)
        {
            foreach (FakeDeployment one in applications[application].Deployments)
                one.FailHealthCheck();
        }
    }

    /// <summary>The process of a running replica, the first or a certain one, is gone; nothing where none runs.</summary>
    public void KillReplica(string application, string deployment = "Model", string? replica = null)
    {
        lock (gate)
        {
            applications.GetValueOrDefault(application)?.Deployment(deployment)?.Kill(replica);
            around.Moved();
        }
    }

    /// <summary>Status of an application without moving anything; null where there is none.</summary>
    public string? StatusOf(string application)
    {
        lock (gate)
            return applications.GetValueOrDefault(application)?.Status;
    }

    public IReadOnlyList<FakeReplicaState> Replicas(string application, string deployment = "Model")
    {
        lock (gate)
            return [.. applications.GetValueOrDefault(application)?.Deployment(deployment)?.Replicas.Select(replica => new FakeReplicaState(replica.Id, replica.State, replica.Pid)) ?? []];
    }

    /// <summary>Lets time pass until nothing moves any more, as far as anything comes to rest.</summary>
    /// <param name="only">The one application for which time passes; all where it is null.</param>
    public void Settle(string? only = null)
    {
        lock (gate)
        {
            for (int i = 0; i < MostSteps && Chosen(only).Any(application => application.Moves); i++)
                Step(only);
        }
    }

    internal FakeApplication? Find(string name) => applications.GetValueOrDefault(name);

    /// <summary>A moment passes, for one application or for all.</summary>
    internal void Step(string? only = null)
    {
        foreach (FakeApplication application in Chosen(only).ToArray())
        {
            FakeBehaviour behaviour = behaviours.GetValueOrDefault(application.Name) ?? around.Behaviour(application.Name);
            application.Step(behaviour, Code.GetValueOrDefault((string?)application.Config["import_path"] ?? ""));
            if (application.Gone)
                applications.Remove(application.Name);
        }
        around.Packages.Sweep();
        around.Moved();
    }

    internal void Clear()
    {
        applications.Clear();
        behaviours.Clear();
        (system, targetCapacity) = (null, null);
        before = Render(null);
    }

    /// <summary>The details; reading them lets a moment pass.</summary>
    /// <param name="kind"><c>imperative</c>, <c>declarative</c> or null for both.</param>
    /// <param name="stale">As they were before the last change, and nothing moves.</param>
    internal FakeAnswer Details(string? kind, bool stale)
    {
        if (kind is not null && !kind.Equals("imperative", StringComparison.OrdinalIgnoreCase) && !kind.Equals("declarative", StringComparison.OrdinalIgnoreCase))
            return FakeAnswer.Text(400, $"Invalid 'api_type' value: '{kind}'. Must be one of: imperative, declarative");
        if (stale)
            return FakeAnswer.Json(before);
        FakeAnswer answer = FakeAnswer.Json(Render(kind));
        Step();
        return answer;
    }

    /// <param name="body">The configuration.</param>
    /// <param name="stopsAt">The application, counted from 0, at which the controller stops without any fault in it.</param>
    internal FakeAnswer Put(byte[] body, int? stopsAt)
    {
        JsonNode? config;
        try
        {
            config = JsonNode.Parse(body);
        }
        catch (JsonException)
        {
            return FakeAnswer.Trace(500, "json.decoder.JSONDecodeError: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)");
        }
        if (ServeConfigRules.Refuse(config) is { } refusal)
            return refusal;
        JsonObject[] sent = [.. ((JsonArray)config!["applications"]!).Select(item => (JsonObject)item!)];
        if (sent.SelectMany(application => application["deployments"] as JsonArray ?? []).Select(PolicyModule).FirstOrDefault(module => module is not null) is { } missing)
            return FakeAnswer.Trace(500, $"ModuleNotFoundError: No module named '{missing}'");
        Changing();
        system ??= new(around, config["proxy_location"], config["http_options"]);
        targetCapacity = config["target_capacity"]?.DeepClone();
        return Apply(sent, stopsAt);
    }

    internal FakeAnswer Shutdown()
    {
        applications.Clear();
        (system, targetCapacity) = (null, null);
        around.Moved();
        return FakeAnswer.Empty;
    }

    internal FakeAnswer Scale(string name, string deployment, byte[] body)
    {
        JsonNode? request;
        try
        {
            request = JsonNode.Parse(body);
        }
        catch (JsonException failure)
        {
            return Invalid(failure.Message);
        }
        if (request is not JsonObject map)
            return Invalid("ray.serve.schema.ScaleDeploymentRequest() argument after ** must be a mapping, not list");
        if (!map.ContainsKey("target_num_replicas"))
            return Invalid("1 validation error for ScaleDeploymentRequest\ntarget_num_replicas\n  Field required [type=missing, input_value={}, input_type=dict]");
        if (!int.TryParse(map["target_num_replicas"]?.ToString(), out int count))
            return Invalid("1 validation error for ScaleDeploymentRequest\ntarget_num_replicas\n  Input should be a valid integer [type=int_type, input_value=None, input_type=NoneType]");
        if (count < 0)
            return Invalid("1 validation error for ScaleDeploymentRequest\ntarget_num_replicas\n  Input should be greater than or equal to 0 [type=greater_than_equal, input_value=-1, input_type=int]");
        if (system is null)
            return FakeAnswer.Error(503, "Serve controller is not available");
        if (applications.GetValueOrDefault(name) is not { } application)
            return FakeAnswer.Error(404, "Application or Deployment not found");
        if (application.Deleting)
            return FakeAnswer.Error(412, "Deployment is deleted");
        if (!application.ScaledFromOutside)
            return FakeAnswer.Error(412, $"Cannot update replicas for deployment '{deployment}' in application '{name}'. The external scaling API can only be used when 'external_scaler_enabled' is set to true in the application configuration. Current value: external_scaler_enabled=false. To use this API, redeploy your application with 'external_scaler_enabled: true' in the config.");
        if (application.Deployment(deployment) is not { } known)
            return FakeAnswer.Error(404, "Application or Deployment not found");
        Changing();
        known.Target = count;
        return FakeAnswer.Json(new JsonObject { ["message"] = "Scaling request received. Deployment will get scaled asynchronously." });
    }

    private static FakeAnswer Invalid(string why) => FakeAnswer.Error(400, $"Invalid request body: {why}");

    /// <summary>A policy that is named must be importable by the dashboard, which has none of a user's modules.</summary>
    private static string? PolicyModule(JsonNode? deployment) =>
        deployment?["autoscaling_config"] is JsonObject scaling && (string?)scaling["policy"]?["policy_function"] is { } function && !function.StartsWith("ray.", StringComparison.Ordinal)
            ? function.Split(':', '.')[0]
            : null;

    private FakeAnswer Apply(JsonObject[] sent, int? stopsAt)
    {
        for (int i = 0; i < sent.Length; i++)
        {
            FakeApplication application = Application((string?)sent[i]["name"] ?? "default");
            JsonObject known = ServeConfigRules.Known(sent[i]);
            string? fault = i == stopsAt ? "RuntimeError: the controller was stopped on purpose." : ServeConfigRules.ControllerFault(sent[i]);
            if (fault is not null)
            {
                // What stands before is applied; what comes after, and every removal, is not.
                application.Stick(known);
                return FakeAnswer.Text(400, $"\u001b[36mray::ServeController.apply_config()\u001b[39m (pid=13799, ip=127.0.0.1)\n  File \"<site-packages>/ray/serve/_private/controller.py\", line 1305, in apply_config\n{fault}\n");
            }
            application.Apply(known, "declarative");
        }
        HashSet<string> named = [.. sent.Select(one => (string?)one["name"] ?? "default")];
        foreach (FakeApplication gone in applications.Values.Where(one => one.Source == "declarative" && !named.Contains(one.Name) && !one.Deleting))
            gone.Delete();
        return FakeAnswer.Empty;
    }

    private FakeApplication Application(string name)
    {
        if (!applications.TryGetValue(name, out FakeApplication? application))
            applications[name] = application = new(name, around);
        return application;
    }

    private void Changing() => before = Render(null);

    private FakeAnswer Locked(Func<FakeAnswer> work)
    {
        lock (gate)
            return work();
    }

    private IEnumerable<FakeApplication> Chosen(string? only) => applications.Values.Where(application => only is null || application.Name == only);

    private JsonObject Render(string? kind)
    {
        JsonObject details = new()
        {
            ["controller_info"] = new JsonObject(),
            ["proxies"] = new JsonObject(),
            ["applications"] = new JsonObject(applications.Values
                .Where(application => kind is null || application.Source.Equals(kind, StringComparison.OrdinalIgnoreCase))
                .Select(application => KeyValuePair.Create(application.Name, (JsonNode?)application.ToJson()))),
            ["target_capacity"] = targetCapacity?.DeepClone(),
        };
        system?.AddTo(details);
        return details;
    }
}

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Raywright.TestKit.Ray;

/// <summary>What a deployment meets in its cluster while it takes a step.</summary>
internal sealed record FakeSurroundings(FakeNodes Nodes, FakePackages Packages, FakeIds Ids, TimeProvider Clock)
{
    public double Now => Clock.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;

    /// <summary>Hears of an application and a replica of it that could not start, with the error.</summary>
    public Action<string, string, string> Failed { get; set; } = (_, _, _) => { };

    /// <summary>How the code of an application behaves that nobody has said anything of.</summary>
    public Func<string, FakeBehaviour> Behaviour { get; set; } = _ => FakeBehaviour.Good;

    /// <summary>Called whenever something has changed in Serve.</summary>
    public Action Moved { get; set; } = () => { };
}

/// <summary>The life of one deployment: replicas towards their number and their code, one step at a time.</summary>
internal sealed class FakeDeployment(string application, string name, JsonObject settings, string? package, FakeSurroundings around)
{
    private const int MostDead = 10;

    private readonly List<FakeReplica> replicas = [];
    private readonly List<FakeReplica> dead = [];
    private string status = "UPDATING";
    private string trigger = "CONFIG_UPDATE_STARTED";
    private string message = "";
    private string completed = "CONFIG_UPDATE_COMPLETED";
    private int generation;
    private int failures;
    private int waited;
    private string? folder = package;
    private bool updating = true;
    private bool reconfiguring;

    public string Name => name;

    public string Status => status;

    public bool Updating => updating;

    public bool Moves => replicas.Any(replica => replica.State != "RUNNING") || (status != "DEPLOY_FAILED" && (updating || replicas.Count != Target));

    public JsonObject Settings { get; private set; } = settings;

    public int Target { get; set; } = Configured(settings);

    public IReadOnlyList<FakeReplica> Replicas => replicas;

    public double Cpus => Option("num_cpus") ?? 1;

    private double Gpus => Option("num_gpus") ?? 0;

    private bool Surges => Settings["max_surge_percent"] is { } percent && Number(percent) > 0;

    private int Tries => Math.Min(3 * Math.Max(Target, 1), 20);

    /// <summary>Takes new settings. Any difference forgets a scaled count; other code replaces the replicas.</summary>
    public void Configure(JsonObject next, string? nextFolder, bool otherCode)
    {
        bool same = JsonNode.DeepEquals(next, Settings);
        if (same && !otherCode)
            return;
        int before = Target;
        bool actors = !JsonNode.DeepEquals(next["ray_actor_options"], Settings["ray_actor_options"]);
        reconfiguring = !JsonNode.DeepEquals(next["user_config"], Settings["user_config"]);
        (Settings, folder, Target) = (next, nextFolder, Configured(next));
        if (otherCode || actors)
            generation++;
        (failures, waited, updating, message) = (0, 0, true, "");
        bool counts = !otherCode && !actors && !reconfiguring && Target != before;
        status = !counts ? "UPDATING" : Target > before ? "UPSCALING" : "DOWNSCALING";
        trigger = "CONFIG_UPDATE_STARTED";
        completed = !counts ? "CONFIG_UPDATE_COMPLETED" : Target > before ? "UPSCALE_COMPLETED" : "DOWNSCALE_COMPLETED";
    }

    public void Step(FakeBehaviour behaviour)
    {
        foreach (FakeReplica replica in replicas.ToArray())
            Advance(replica, behaviour);
        if (status == "DEPLOY_FAILED")
            return;
        if (reconfiguring)
        {
            reconfiguring = false;
            foreach (FakeReplica replica in replicas.Where(replica => replica.State == "RUNNING"))
                replica.State = "UPDATING";
            return;
        }
        Replace();
        Conclude();
    }

    /// <summary>The health check failed: the replicas are replaced, and the deployment says so for a while.</summary>
    public void FailHealthCheck()
    {
        foreach (FakeReplica replica in replicas.Where(replica => replica.State == "RUNNING").ToArray())
        {
            replica.State = "STOPPING";
            Start();
        }
        (status, trigger, message, updating, completed) = ("UNHEALTHY", "HEALTH_CHECK_FAILED", "A replica's health check failed.", true, "UNSPECIFIED");
    }

    /// <summary>A replica's process is gone; until the next step nothing shows it.</summary>
    public void Kill(string? id)
    {
        if (replicas.FirstOrDefault(replica => replica.State == "RUNNING" && (id is null || replica.Id == id)) is { } replica)
            Bury(replica);
    }

    public void StopAll()
    {
        foreach (FakeReplica replica in replicas.ToArray())
            Bury(replica);
    }

    public JsonObject ToJson(JsonObject? environment)
    {
        JsonObject resources = new() { ["CPU"] = Cpus };
        if (Gpus > 0)
            resources["GPU"] = Gpus;
        return new()
        {
            ["name"] = name,
            ["status"] = status,
            ["status_trigger"] = trigger,
            ["message"] = message,
            ["deployment_config"] = FakeDefaults.DeploymentConfig(name, Settings, environment),
            ["target_num_replicas"] = Target,
            ["required_resources"] = resources,
            ["replicas"] = new JsonArray([.. replicas.Select(replica => replica.ToJson())]),
            ["recent_dead_replicas"] = new JsonArray([.. dead.Select(replica => replica.ToJson())]),
        };
    }

    private static int Configured(JsonObject settings) =>
        settings["num_replicas"] is { } count && count.GetValueKind() == JsonValueKind.Number ? (int)Number(count) : 1;

    private static double Number(JsonNode node) => double.Parse(node.ToJsonString(), CultureInfo.InvariantCulture);

    private double? Option(string key) => Settings["ray_actor_options"]?[key] is { } value ? Number(value) : null;

    private void Advance(FakeReplica replica, FakeBehaviour behaviour)
    {
        switch (replica.State)
        {
            case "STOPPING":
                Bury(replica);
                break;
            case "UPDATING":
                replica.State = "RUNNING";
                break;
            case "STARTING" when PackageMissing(replica):
                // Where nothing is being updated the controller keeps trying, and neither application nor deployment shows it.
                if (updating)
                    Fail(replica, "Failed to set up runtime environment.");
                else
                    Restart(replica);
                break;
            case "STARTING" when behaviour.Kind != "starting" && around.Nodes.Place(Cpus, Gpus) is { } node:
                replica.Run(node, around.Nodes.Ip(node));
                if (behaviour.Kind == "constructor")
                    Fail(replica, behaviour.Error);
                break;
            case "STARTING" when ++waited > 1:
                message = $"Deployment '{name}' in application '{application}' has {replicas.Count(one => one.State == "STARTING")} replicas that have taken more than 30s to be scheduled. This may be due to waiting for the cluster to auto-scale or for a runtime environment to be installed. "
                    + string.Create(CultureInfo.InvariantCulture, $"Resources required for each replica: {{\"CPU\": {Cpus:0.0}}}, total resources available: {{\"CPU\": {around.Nodes.MostCpus:0.0}}}. Use `ray status` for more details.");
                break;
        }
    }

    private bool PackageMissing(FakeReplica replica)
    {
        if (folder?.StartsWith("gcs://", StringComparison.Ordinal) != true || around.Packages.Has(folder["gcs://".Length..]))
            return false;
        // Whoever ran this code here before left a copy.
        bool copied = dead.Concat(replicas).Any(other => other != replica && other.Generation == replica.Generation && other.Pid is not null);
        return !(around.Packages.NodesKeepCopies && copied);
    }

    private void Fail(FakeReplica replica, string error)
    {
        replica.State = "STOPPING";
        around.Failed(application, replica.Id, error);
        failures++;
        if (failures < Tries)
        {
            message = $"A replica failed to start with exception. Retrying {Tries - failures} more time(s). Error:\n{error}";
            return;
        }
        bool rolling = replicas.Any(other => other.Generation < generation);
        message = $"The deployment failed to start {failures} times in a row{(rolling ? " during a rolling update" : "")}. This may be due to a problem with its constructor or initial health check failing. See controller logs for details. Error:\n{error}";
        (status, trigger, updating) = ("DEPLOY_FAILED", "REPLICA_STARTUP_FAILED", false);
    }

    private void Restart(FakeReplica replica)
    {
        Bury(replica);
        Start();
    }

    private void Start() => replicas.Add(new(application, name, generation, around.Ids, around.Now));

    private void Bury(FakeReplica replica)
    {
        replicas.Remove(replica);
        replica.State = "STOPPED";
        if (replica.Pid is null)
            return;
        dead.Add(replica);
        if (dead.Count > MostDead)
            dead.RemoveAt(0);
    }

    /// <summary>Towards the right number of the newest code: with a surge the new start first, else an old one stops first.</summary>
    private void Replace()
    {
        FakeReplica[] old = [.. replicas.Where(replica => replica.Lives && replica.Generation < generation)];
        FakeReplica[] current = [.. replicas.Where(replica => replica.Lives && replica.Generation == generation)];
        int missing = Target - current.Length - (Surges ? 0 : old.Length);
        for (int i = 0; i < missing; i++)
            Start();
        foreach (FakeReplica surplus in current.Reverse().OrderBy(replica => replica.State == "RUNNING").Take(current.Length - Target))
            surplus.State = "STOPPING";
        bool ready = current.Count(replica => replica.State == "RUNNING") >= Target;
        if (old.Length > 0 && Surges && ready)
            Array.ForEach(old, replica => replica.State = "STOPPING");
        else if (old.Length > 0 && !Surges && missing <= 0 && replicas.All(replica => replica.State == "RUNNING"))
            old[0].State = "STOPPING";
    }

    private void Conclude()
    {
        bool arrived = replicas.Count == Target && replicas.All(replica => replica.State == "RUNNING" && replica.Generation == generation);
        if (!updating || !arrived)
            return;
        (status, trigger, message, updating, failures) = ("HEALTHY", completed, "", false, 0);
    }
}

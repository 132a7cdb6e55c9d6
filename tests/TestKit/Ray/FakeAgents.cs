using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Raywright.TestKit.Ray;

/// <summary>
/// Agents of ours in the fake cluster, as <c>python/raywright_runtime/ray/agent.py</c> is one, and the replicas of what they have
/// deployed, which listen on ports of their own. All of it is called under the gate of the fake.
/// </summary>
public sealed partial class FakeAgents
{
    private static readonly TimeSpan ReportPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Forgotten = TimeSpan.FromSeconds(30);
    private readonly Lock gate;
    private readonly FakeServe serve;
    private readonly FakeSurroundings around;
    private readonly Dictionary<string, JsonObject> installed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FakeAgent> processes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FakeBound> bound = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FakeListener> listeners = new(StringComparer.Ordinal);
    private readonly Queue<bool> half = new();
    private readonly HashSet<string> broken = new(StringComparer.Ordinal);
    private bool unreachable;

    internal FakeAgents(Lock gate, FakeServe serve, FakeSurroundings around)
    {
        (this.gate, this.serve, this.around) = (gate, serve, around);
        around.Moved = Follow;
        around.Behaviour = Behaviour;
        around.Failed = Fail;
    }

    /// <summary>How often the job has put an agent there.</summary>
    public int Installations { get; private set; }

    /// <summary>What the job that installs an agent ends with; null where it ends well.</summary>
    public string? InstallError { get; set; }

    internal FakeFiles Files { get; } = new();

    /// <summary>Whether nobody gets through to a replica's own port.</summary>
    public bool Unreachable
    {
        get => unreachable;
        set
        {
            lock (gate)
            {
                unreachable = value;
                foreach (FakeListener listener in listeners.Values)
                    listener.Deaf = value;
            }
        }
    }

    /// <summary>The next application that is to be deployed is taken on and never comes, or comes and fails until it is deleted.</summary>
    public void HalfApply(bool comes)
    {
        lock (gate)
            half.Enqueue(comes);
    }

    /// <summary>The node has another disk.</summary>
    public void LoseFiles()
    {
        lock (gate)
            Files.Clear();
    }

    /// <summary>No fault is left.</summary>
    public void Calm()
    {
        lock (gate)
            half.Clear();
        InstallError = null;
        Unreachable = false;
    }

    /// <summary>What a job does whose command is that of our installation; anything else just ends well.</summary>
    internal FakeJobOutcome Install(string entrypoint)
    {
        Match match = Installing().Match(entrypoint);
        if (!match.Success)
            return new();
        if (InstallError is { } error)
            return new(1, error);
        JsonObject settings = (JsonObject)JsonNode.Parse(Encoding.UTF8.GetString(Convert.FromBase64String(match.Groups[1].Value)))!;
        string application = (string)settings["application"]!;
        installed[application] = settings;
        Installations++;
        JsonObject agent = new() { ["name"] = "agent", ["num_replicas"] = 1, ["max_ongoing_requests"] = 1000, ["max_surge_percent"] = 100, ["ray_actor_options"] = new JsonObject { ["num_cpus"] = 0 } };
        serve.AddImperative(application, agent, $"/{application}", externalScaler: false);
        return new();
    }

    internal bool IsAgent(string application) => installed.ContainsKey(application) && serve.Find(application) is not null;

    /// <summary>The process of an agent that runs; null while none does.</summary>
    internal FakeAgent? Process(string application)
    {
        string? running = serve.Find(application)?.Deployment("agent")?.Replicas.Where(replica => replica.State == "RUNNING").Select(replica => replica.Id).LastOrDefault();
        if (running is null || !installed.TryGetValue(application, out JsonObject? settings))
            return null;
        if (!processes.TryGetValue(application, out FakeAgent? agent) || agent.Process != running)
        {
            // Who waits for the one before is answered by this one.
            agent?.Change();
            processes[application] = agent = new(settings, running, around.Clock.GetTimestamp());
        }
        return agent;
    }

    /// <summary>A replica of ours that the proxy may lead to.</summary>
    internal FakeListener? Listener(string application) => listeners.Values.FirstOrDefault(listener => !listener.Leaving && (string?)listener.Bound.Order["revision"] == application);

    /// <summary>What the replicas of an agent tell it: a new one at once, the others every few seconds, because an agent forgets.</summary>
    internal void Report(FakeAgent agent)
    {
        foreach (FakeListener listener in listeners.Values.Where(listener => listener.Bound.Agent == agent.Application))
        {
            if (listener.Started < agent.Started && around.Clock.GetElapsedTime(agent.Started) < ReportPause)
                continue;
            JsonObject document = Announcement(listener);
            bool same = agent.Replicas.TryGetValue(listener.Replica, out (JsonObject Document, long Heard) known) && JsonNode.DeepEquals(known.Document, document);
            agent.Replicas[listener.Replica] = (document, around.Clock.GetTimestamp());
            if (!same)
                agent.Change();
        }
        foreach (string silent in agent.Replicas.Where(pair => around.Clock.GetElapsedTime(pair.Value.Heard) > Forgotten).Select(pair => pair.Key).ToArray())
            agent.Replicas.Remove(silent);
    }

    internal FakeAnswer Received(FakeAgent agent, string digest, int offset, int total, byte[] data)
    {
        FakeAnswer answer = Files.Append(digest, offset, total, data);
        if (Files.Has(digest))
            agent.Missing.Remove(digest);
        return answer;
    }

    internal FakeAnswer Apply(FakeAgent agent, string name, JsonObject wanted)
    {
        JsonObject order = (JsonObject)wanted["order"]!.DeepClone();
        if (Files.Lacks(order) is { } missing)
            return missing;
        agent.Failures.Remove(name);
        JsonObject deployment = (JsonObject)wanted["options"]!.DeepClone();
        deployment["name"] = wanted["deployment"]!.DeepClone();
        if (deployment["num_replicas"]?.GetValue<int>() is 0)
            return FakeAnswer.Json(new JsonObject { ["error"] = "num_replicas is expected to be at least 1", ["kind"] = "ValueError" }, 400);
        if (half.TryDequeue(out bool comes))
        {
            if (!comes)
                return FakeAnswer.Json(new JsonObject());
            broken.Add(name);
        }
        string version = (string)wanted["version"]!;
        serve.AddImperative(name, deployment, (string)wanted["route"]!, externalScaler: true, version: version);
        bound[name] = new(agent.Application, (string)wanted["deployment"]!, version, order);
        Follow();
        return FakeAnswer.Json(new JsonObject());
    }

    internal FakeAnswer Delete(FakeAgent agent, string name)
    {
        if (serve.Find(name) is not null)
            serve.Delete(name);
        agent.Failures.Remove(name);
        broken.Remove(name);
        return FakeAnswer.Json(new JsonObject());
    }

    internal void Clear()
    {
        foreach (FakeListener listener in listeners.Values)
            listener.Dispose();
        listeners.Clear();
        foreach (FakeAgent agent in processes.Values)
            agent.Change();
        processes.Clear();
        installed.Clear();
        bound.Clear();
        broken.Clear();
        Files.Clear();
    }

    private static JsonObject Announcement(FakeListener listener) => new()
    {
        ["revision"] = listener.Bound.Order["revision"]!.DeepClone(),
        ["replica"] = listener.Replica,
        ["address"] = "127.0.0.1",
        ["port"] = listener.Port,
        ["process"] = 1,
        ["streams"] = false,
        ["loadMs"] = 1.5,
        ["versions"] = new JsonObject(),
        ["leaving"] = listener.Leaving,
    };

    /// <summary>Replicas of ours listen where Serve runs them, and nowhere else.</summary>
    private void Follow()
    {
        HashSet<string> there = new(StringComparer.Ordinal);
        foreach ((string name, FakeBound one) in bound.ToArray())
        {
            if (serve.Find(name) is not { } application)
                bound.Remove(name);
            else if ((string?)application.Config["version"] == one.Version)
                there.UnionWith(Follow(one, application.Deployment(one.Deployment)?.Replicas ?? []));
        }
        foreach (string gone in listeners.Keys.Except(there).ToArray())
        {
            listeners[gone].Dispose();
            listeners.Remove(gone);
        }
        broken.IntersectWith(bound.Keys.Concat(serve.Applications));
        Tell();
    }

    private IEnumerable<string> Follow(FakeBound one, IEnumerable<FakeReplica> replicas)
    {
        foreach (FakeReplica replica in replicas)
        {
            if (!listeners.TryGetValue(replica.Id, out FakeListener? listener))
            {
                if (replica.State != "RUNNING")
                    continue;
                listeners[replica.Id] = listener = new(one, replica.Id, around.Clock.GetTimestamp()) { Deaf = unreachable };
            }
            if (!replica.Lives)
                listener.Leave();
            yield return replica.Id;
        }
    }

    /// <summary>Who waits for news gets them.</summary>
    private void Tell()
    {
        foreach (string application in processes.Keys.ToArray())
        {
            if (Process(application) is { } agent)
                Report(agent);
        }
    }

    private FakeBehaviour Behaviour(string application)
    {
        if (broken.Contains(application))
            return FakeBehaviour.ConstructorRaises("RuntimeError: failed on purpose");
        if (bound.GetValueOrDefault(application) is not { } one)
            return FakeBehaviour.Good;
        if (Files.Missing(one.Order) is [var first, ..] missing)
        {
            if (Process(one.Agent) is { } agent && missing.Any(agent.Missing.Add))
                agent.Change();
            return FakeBehaviour.ConstructorRaises($"FileNotFoundError: the agent does not have the file {first[..12]} yet");
        }
        return Raised(one) is ({ } error, _) ? FakeBehaviour.ConstructorRaises(error) : FakeBehaviour.Good;
    }

    /// <summary>What a user's file raises, whoever runs it, and in which of its lines.</summary>
    private (string? Error, string? Where) Raised(FakeBound one)
    {
        if ((string?)one.Order["code"] is not { } code || ((JsonArray)one.Order["files"]!).FirstOrDefault(file => (string?)file!["path"] == code) is not { } file)
            return (null, null);
        string[] lines = Files.Text((string)file["digest"]!).Split('\n');
        int at = Array.FindIndex(lines, line => Raising().IsMatch(line));
        return at < 0 ? (null, null) : (Raising().Replace(lines[at].Trim(), "$1: $2"), string.Create(CultureInfo.InvariantCulture, $"{code}:{at + 1}"));
    }

    private void Fail(string application, string replica, string error)
    {
        if (bound.GetValueOrDefault(application) is not { } one || Process(one.Agent) is not { } agent)
            return;
        string[] words = error.Split(": ", 2);
        agent.Failures[application] = new()
        {
            ["revision"] = application,
            ["replica"] = replica,
            ["kind"] = words[0],
            ["detail"] = words[^1],
            ["where"] = Files.Missing(one.Order).Length > 0 ? null : Raised(one).Where,
            ["trace"] = FakeAnswer.Traced(error),
            ["times"] = ((int?)agent.Failures.GetValueOrDefault(application)?["times"] ?? 0) + 1,
        };
        agent.Change();
    }

    [GeneratedRegex(@"install\(json\.loads\(base64\.b64decode\('([A-Za-z0-9+/=]+)'\)\)\)")]
    private static partial Regex Installing();

    [GeneratedRegex(@"^\s*raise (\w+)\('([^']*)'\)\s*$")]
    private static partial Regex Raising();
}

using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Raywright.Core.Engines;
using Raywright.Ray.Agent;
using Raywright.Ray.Engine;
using Raywright.TestKit;
using Raywright.TestKit.Ray;
using Xunit;

namespace Raywright.Ray.Tests.Engine;

/// <summary>
/// One random life of a cluster: what its users, its owners and its faults do to it, chosen by a seed. Which operations come, and in
/// which order, is the seed's; how they fall between the turns of the engine is not.
/// </summary>
internal sealed class Sequence(int seed, Adders adders) : IAsyncDisposable
{
    private const int Revisions = 5;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);
    private static readonly HurriedClock Clock = new(50);
    private static readonly RuntimePackage Package = RuntimePackage.Read(Path.Combine(AppContext.BaseDirectory, "python"));
    private readonly Random random = new(seed);
    private readonly Installation ours = new("raywright-0a1b2c3d", "secret");
    private readonly Dictionary<string, RevisionSource> desired = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> wanted = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string?> foreign = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JsonObject> declared = new(StringComparer.Ordinal);
    private readonly List<string> done = [];
    private FakeRay ray = null!;
    private RayEngine engine = null!;

    public int Operations => done.Count;

    public int Faults => ray.Faults.Met + ray.ServeFaults.Met;

    /// <summary>What is wrong at its end, with all that was done; null where nothing is.</summary>
    public async Task<string?> RunAsync()
    {
        ray = await FakeRay.StartAsync(Clock);
        engine = Start();
        await ApplyAsync();
        for (int left = random.Next(6, 18); left > 0; left--)
            await OperateAsync();
        Calm();
        string? wrong = "nothing was looked at";
        try
        {
            await Eventually.TrueAsync(async () => (wrong = await WrongAsync()) is null, "what is desired runs, and nothing else of ours");
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return $"{e.Message}\nseed {seed}: {wrong}\n{string.Join('\n', done)}";
        }
        // Theirs are as they were left, by the same replicas.
        string[] touched = [.. foreign.Where(pair => ray.Serve.Describe(pair.Key) != pair.Value).Select(pair => $"{pair.Key} was {pair.Value} and is {ray.Serve.Describe(pair.Key)}")];
        return touched.Length == 0 ? null : $"seed {seed}: {string.Join("; ", touched)}\n{string.Join('\n', done)}";
    }

    public async ValueTask DisposeAsync()
    {
        await engine.DisposeAsync();
        await ray.DisposeAsync();
    }

    private RayEngine Start() => new("lab", new ClusterPlace(new ClusterAddress(ray.Address, ray.ServeAddress)), ours, Package, Clock, NullLogger<RayEngine>.Instance);

    private void Calm()
    {
        ray.Faults.Clear();
        ray.ServeFaults.Clear();
        ray.Agents.Calm();
    }

    private async Task OperateAsync()
    {
        switch (random.Next(16))
        {
            case 0 or 1 or 2:
                await ApplyAsync();
                break;
            case 3 or 4 when desired.Count > 0:
                string scaled = One(desired.Keys);
                wanted[scaled] = random.Next(4);
                Note($"scale {scaled} to {wanted[scaled]}");
                await engine.ScaleAsync(scaled, wanted[scaled], TestContext.Current.CancellationToken);
                break;
            case 5:
                Kill();
                break;
            case 6 or 7:
                Own();
                break;
            case 8:
                ChangeByHand();
                break;
            case 9 when random.Next(3) == 0:
                Note("another session");
                ray.Restart();
                foreign.Clear();
                declared.Clear();
                break;
            case 10:
                Note("the server starts again");
                await engine.DisposeAsync();
                engine = Start();
                await SayAsync();
                break;
            default:
                Fault();
                break;
        }
        if (random.Next(2) == 0)
        {
            int seen = ray.Requests.Count + random.Next(1, 6);
            await Eventually.TrueAsync(() => ray.Requests.Count >= seen, "the engine looks");
        }
    }

    private async Task ApplyAsync()
    {
        HashSet<int> chosen = [.. Enumerable.Range(1, Revisions).Where(_ => random.Next(5) < 2)];
        foreach (RevisionSource source in Enumerable.Range(1, Revisions).Select(number => adders.Adding(number, random.Next(4))))
        {
            string id = source.Revision.Id;
            if (!chosen.Contains(source.Revision.Version))
                desired.Remove(id);
            else if (desired.TryAdd(id, source))
                wanted[id] = source.Revision.Replicas;
        }
        Note($"apply {string.Join(", ", desired.Keys.Select(id => string.Create(CultureInfo.InvariantCulture, $"{id} x {wanted[id]}")))}");
        await SayAsync();
    }

    private Task SayAsync() => engine.ApplyAsync(
        [.. desired.Values.Select(source => source with { Revision = source.Revision with { Replicas = wanted[source.Revision.Id] } })], TestContext.Current.CancellationToken);

    private void Kill()
    {
        (string Application, string Deployment)[] there = [(ours.Application, "agent"), .. ray.Serve.Applications.Where(wanted.ContainsKey).Select(id => (id, "model"))];
        (string application, string deployment) = One(there);
        if (ray.Serve.Replicas(application, deployment).Any(replica => replica.State == "RUNNING"))
        {
            Note($"kill a replica of {application}");
            ray.Serve.KillReplica(application, deployment);
        }
    }

    /// <summary>What others do with what is theirs.</summary>
    private void Own()
    {
        string name = $"theirs-{random.Next(4)}";
        bool isDeclared = random.Next(2) == 0;
        bool removed = foreign.ContainsKey(name) && random.Next(3) == 0;
        Note($"{(removed ? "remove" : isDeclared ? "PUT" : "run")} {name}");
        if (removed && !declared.ContainsKey(name))
            ray.Serve.Delete(name);
        else if (removed || isDeclared)
        {
            if (removed)
                declared.Remove(name);
            else
                declared[name] = new() { ["name"] = name, ["route_prefix"] = $"/{name}", ["import_path"] = "theirs:app", ["args"] = new JsonObject { ["n"] = random.Next(3) }, ["deployments"] = new JsonArray(new JsonObject { ["name"] = "Model" }) };
            ray.Serve.Declare(new() { ["applications"] = new JsonArray([.. declared.Values.Select(one => one.DeepClone())]) });
        }
        else if (!declared.ContainsKey(name))
            ray.Serve.AddImperative(name, routePrefix: $"/{name}");
        if (removed)
            foreign.Remove(name);
        // Their applications are where they are to be: from now on nothing about them may change.
        foreach (string one in declared.Keys.Append(name).Where(one => one == name || foreign.ContainsKey(one)).Distinct())
        {
            ray.Serve.Settle(one);
            if (!removed || one != name)
                foreign[one] = ray.Serve.Describe(one);
        }
    }

    /// <summary>What others do with what is ours.</summary>
    private void ChangeByHand()
    {
        string[] there = [.. ray.Serve.Applications.Where(wanted.ContainsKey), .. ray.Serve.Applications.Where(name => name == ours.Application)];
        if (there.Length == 0)
            return;
        string name = One(there);
        if (name != ours.Application && random.Next(2) == 0)
        {
            Note($"scale {name} by hand");
            ray.Serve.ScaleByHand(name, "model", random.Next(4));
        }
        else
        {
            Note($"delete {name} by hand");
            ray.Serve.Delete(name);
        }
    }

    private void Fault()
    {
        int requests = random.Next(1, 4);
        FakeFault[] ofBoth = [FakeFault.Error(), FakeFault.Reset, FakeFault.Lost, FakeFault.UnknownFields, FakeFault.Hang, FakeFault.Status(503, "no"), FakeFault.Status(404, "no"), FakeFault.Slow(Task.Delay(TimeSpan.FromSeconds(random.Next(1, 20)), Clock))];
        FakeFault[] ofDashboard = [.. ofBoth, FakeFault.Stale, FakeFault.UnknownStatuses];
        switch (random.Next(8))
        {
            case 0 or 1 or 2:
                FakeFault one = One(ofDashboard);
                Note($"dashboard: {one} {requests} times");
                ray.Faults.Next(one, requests);
                break;
            case 3 or 4:
                FakeFault other = One(ofBoth);
                string path = One(["", $"/{ours.Application}/applications", $"/{ours.Application}/files"]);
                Note($"Serve{path}: {other} {requests} times");
                ray.ServeFaults.Next(other, requests, path);
                break;
            case 5:
                Note("half applied");
                ray.Agents.HalfApply(comes: random.Next(2) == 0);
                break;
            case 6:
                Note($"replicas {(ray.Agents.Unreachable ? "can" : "cannot")} be reached");
                ray.Agents.Unreachable = !ray.Agents.Unreachable;
                break;
            default:
                Note("the agent loses its files");
                ray.Agents.LoseFiles();
                break;
        }
    }

    /// <summary>What is not yet as it is to be; null where all is.</summary>
    private async Task<string?> WrongAsync()
    {
        RevisionState[] states = [.. engine.Observe()];
        if (!states.Select(state => state.RevisionId).ToHashSet().SetEquals(desired.Keys))
            return "the engine has other revisions";
        if (states.FirstOrDefault(state => state.Health != RevisionHealth.Healthy || state.ReadyReplicas != wanted[state.RevisionId] || state.Note is not null) is { } unwell)
            return unwell.ToString();
        string[] there = [.. ray.Serve.Applications.Where(name => name != ours.Application)];
        if (!there.ToHashSet().SetEquals(desired.Keys.Concat(foreign.Keys)))
            return $"Serve has {string.Join(", ", there)}";
        foreach ((string id, RevisionSource source) in desired)
        {
            int running = ray.Serve.Replicas(id, "model").Count(replica => replica.State == "RUNNING");
            if (ray.Serve.StatusOf(id) != "RUNNING" || running != wanted[id] || ray.Serve.Replicas(id, "model").Count != running)
                return string.Create(CultureInfo.InvariantCulture, $"{id} is {ray.Serve.StatusOf(id)} with {running} replicas of {wanted[id]}");
            if (wanted[id] > 0 && await Adders.AskAsync(engine, source, Patience, TestContext.Current.CancellationToken) is var answer && answer != 1 + source.Revision.Version)
                return string.Create(CultureInfo.InvariantCulture, $"{id} answers {answer}");
        }
        return null;
    }

    private void Note(string what) => done.Add(what);

    private T One<T>(IEnumerable<T> of)
    {
        T[] all = [.. of];
        return all[random.Next(all.Length)];
    }
}

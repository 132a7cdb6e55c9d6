using System.Globalization;
using System.Text.Json.Nodes;

namespace Raywright.TestKit.Ray;

/// <summary>The nodes of the fake cluster and their log files.</summary>
public sealed class FakeNodes
{
    private readonly Lock gate;
    private readonly FakeIds ids;
    private readonly TimeProvider clock;
    private readonly List<Node> nodes = [];
    private readonly Dictionary<(string Node, string File), string> logs = [];

    internal FakeNodes(Lock gate, FakeIds ids, TimeProvider clock)
    {
        (this.gate, this.ids, this.clock) = (gate, ids, clock);
        Clear();
    }

    /// <summary>The ID of the head.</summary>
    public string Head
    {
        get
        {
            lock (gate)
                return nodes[0].Id;
        }
    }

    /// <summary>Adds a node and gives its ID.</summary>
    public string Add(double cpus, double gpus = 0, string ip = "127.0.0.1")
    {
        lock (gate)
        {
            nodes.Add(new(ids.Next(56), ip, cpus, gpus, clock.GetUtcNow().ToUnixTimeMilliseconds()));
            return nodes[^1].Id;
        }
    }

    /// <summary>The node is remembered as dead, as Ray does.</summary>
    public void Kill(string id)
    {
        lock (gate)
            nodes.Single(node => node.Id == id).Ended = clock.GetUtcNow().ToUnixTimeMilliseconds();
    }

    /// <summary>Writes a log file, e.g. <c>serve/replica_iris_Model_0a1b2c3d.log</c>.</summary>
    public void WriteLog(string node, string file, string text)
    {
        lock (gate)
            logs[(node, file)] = text;
    }

    /// <summary>Whether replicas take up their CPUs; else a node holds any number of them.</summary>
    public bool FillUp { get; set; }

    /// <summary>CPUs that are taken of a node.</summary>
    internal Func<string, double> Taken { get; set; } = _ => 0;

    /// <summary>The first living node on which it fits.</summary>
    internal string? Place(double cpus, double gpus) =>
        nodes.FirstOrDefault(node => node.Ended is null && node.Cpus - (FillUp ? Taken(node.Id) : 0) >= cpus && node.Gpus >= gpus)?.Id;

    internal string Ip(string id) => nodes.Single(node => node.Id == id).Ip;

    internal double MostCpus => nodes.Where(node => node.Ended is null).Max(node => node.Cpus);

    internal void Clear()
    {
        nodes.Clear();
        logs.Clear();
        Add(4);
    }

    internal FakeAnswer List(bool detail) => FakeAnswer.States(nodes.Select(node => node.ToJson(detail, head: node == nodes[0])));

    internal FakeAnswer Status()
    {
        IEnumerable<Node> living = nodes.Where(node => node.Ended is null);
        string text = $"""
            ======== Autoscaler status: {clock.GetUtcNow():yyyy-MM-dd HH:mm:ss.ffffff} ========
            Node status
            ---------------------------------------------------------------
            Active:
            {string.Join('\n', living.Select(node => $" 1 node_{node.Id}"))}
            Pending:
             (no pending nodes)
            Recent failures:
             (no failures)

            Resources
            ---------------------------------------------------------------
            Total Usage:
             0.0/{living.Sum(node => node.Cpus).ToString("0.0", CultureInfo.InvariantCulture)} CPU

            From request_resources:
             (none)
            Pending Demands:
             (no resource demands)
            """;
        return FakeAnswer.Json(new JsonObject { ["result"] = true, ["msg"] = "Got formatted cluster status.", ["data"] = new JsonObject { ["clusterStatus"] = text } });
    }

    internal FakeAnswer LogFile(string node, string file, int lines, string session) => logs.TryGetValue((node, file), out string? text)
        ? new FakeAnswer(200, "text/plain", string.Concat(text.Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(lines).Select(line => line + "\n")))
        : FakeAnswer.Text(500, $"A file is not found at: /tmp/ray/{session}/logs/{file}");

    private sealed class Node(string id, string ip, double cpus, double gpus, long started)
    {
        public string Id => id;

        public string Ip => ip;

        public double Cpus => cpus;

        public double Gpus => gpus;

        public long? Ended { get; set; }

        public JsonObject ToJson(bool detail, bool head)
        {
            JsonObject resources = new()
            {
                ["object_store_memory"] = 200000000.0,
                ["CPU"] = cpus,
                ["memory"] = 22315843072.0,
                [$"node:{ip}"] = 1.0,
            };
            if (head)
                resources["node:__internal_head__"] = 1.0;
            if (gpus > 0)
                resources["GPU"] = gpus;
            JsonObject node = new()
            {
                ["node_id"] = id,
                ["node_ip"] = ip,
                ["is_head_node"] = head,
                ["state"] = Ended is null ? "ALIVE" : "DEAD",
                ["state_message"] = Ended is null ? null : "Expected termination: received SIGTERM",
                ["node_name"] = ip,
                ["resources_total"] = resources,
                ["labels"] = new JsonObject { ["ray.io/node-id"] = id },
            };
            if (detail)
            {
                node["start_time_ms"] = started;
                node["end_time_ms"] = Ended ?? 0;
            }
            return node;
        }
    }
}

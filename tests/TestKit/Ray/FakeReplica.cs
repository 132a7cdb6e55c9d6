using System.Text.Json.Nodes;

namespace Raywright.TestKit.Ray;

/// <summary>A replica as a test sees it.</summary>
public sealed record FakeReplicaState(string Id, string State, int? Pid);

/// <summary>One replica. It has a node and a process once it was placed.</summary>
internal sealed class FakeReplica(string application, string deployment, int generation, FakeIds ids, double started)
{
    private readonly string actor = ids.Next(32);
    private readonly string worker = ids.Next(56);
    private string? ip;

    public string Id { get; } = ids.Next(8);

    public string State { get; set; } = "STARTING";

    public string? Node { get; private set; }

    public int? Pid { get; private set; }

    /// <summary>Of the code that it runs.</summary>
    public int Generation => generation;

    public bool Lives => State is not ("STOPPING" or "STOPPED");

    public void Run(string node, string address) => (Node, ip, Pid, State) = (node, address, Pid ?? ids.NextNumber(), "RUNNING");

    public JsonObject ToJson()
    {
        JsonObject json = [];
        if (Node is not null)
        {
            json["node_id"] = Node;
            json["node_ip"] = ip;
            json["node_instance_id"] = "";
            json["actor_id"] = actor;
        }
        json["actor_name"] = $"SERVE_REPLICA::{application}#{deployment}#{Id}";
        if (Node is not null)
        {
            json["worker_id"] = worker;
            json["log_file_path"] = $"/serve/replica_{application}_{deployment}_{Id}.log";
        }
        json["replica_id"] = Id;
        json["state"] = State;
        if (Pid is not null)
            json["pid"] = Pid;
        json["start_time_s"] = started;
        return json;
    }
}

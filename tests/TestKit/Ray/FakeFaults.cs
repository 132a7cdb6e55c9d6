using System.Text.Json.Nodes;

namespace Raywright.TestKit.Ray;

/// <summary>One way in which a dashboard goes wrong.</summary>
public sealed record FakeFault
{
    private FakeFault(string kind) => Kind = kind;

    /// <summary>Never answers.</summary>
    public static FakeFault Hang { get; } = new("hang");

    /// <summary>Breaks the connection before the answer.</summary>
    public static FakeFault Reset { get; } = new("reset");

    /// <summary>Does what is asked, and breaks the connection before the answer.</summary>
    public static FakeFault Lost { get; } = new("lost");

    /// <summary>Serve's details as they were before the last change.</summary>
    public static FakeFault Stale { get; } = new("stale");

    /// <summary>Every object of the answer has a member that nobody knows.</summary>
    public static FakeFault UnknownFields { get; } = new("fields");

    /// <summary>Every status and state of the answer is a word that nobody knows.</summary>
    public static FakeFault UnknownStatuses { get; } = new("statuses");

    internal string Kind { get; }

    public override string ToString() => Kind;

    internal Task? Until { get; private init; }

    internal Func<Task>? Act { get; private init; }

    internal int At { get; private init; }

    internal FakeAnswer? Answer { get; private init; }

    /// <summary>Does what is asked and answers only when the test says so.</summary>
    public static FakeFault Slow(Task until) => new("slow") { Until = until };

    /// <summary>Does what is asked, and before it answers somebody else does something.</summary>
    public static FakeFault Meanwhile(Func<Task> act) => new("meanwhile") { Act = act };

    /// <summary>Fails with a trace, and does nothing.</summary>
    public static FakeFault Error(string last = "RuntimeError: failed on purpose") => new("answer") { Answer = FakeAnswer.Trace(500, last) };

    /// <summary>Answers this, and does nothing.</summary>
    public static FakeFault Status(int status, string body, string contentType = "text/plain; charset=utf-8") => new("answer") { Answer = new(status, contentType, body) };

    /// <summary>The controller stops at an application of a PUT, counted from 0: what stands before it is applied.</summary>
    public static FakeFault HalfApplied(int at) => new("half") { At = at };

    /// <summary>An answer as this fault leaves it.</summary>
    internal FakeAnswer Change(FakeAnswer answer)
    {
        if (Kind is not ("fields" or "statuses") || answer.ContentType?.StartsWith("application/json", StringComparison.Ordinal) != true)
            return answer;
        JsonNode body = JsonNode.Parse(answer.Body)!;
        Walk(body);
        return answer with { Body = body.ToJsonString() };
    }

    private void Walk(JsonNode? node)
    {
        if (node is JsonArray array)
        {
            foreach (JsonNode? item in array)
                Walk(item);
        }
        if (node is not JsonObject map)
            return;
        string[] names = [.. map.Select(pair => pair.Key)];
        foreach (string name in names)
        {
            if (Kind == "statuses" && name is "status" or "state" or "status_trigger" or "source" && map[name] is JsonValue)
                map[name] = "HIBERNATING_SINCE_3_0";
            else
                Walk(map[name]);
        }
        // Maps by name, such as the applications, are data: only records of Ray's get a new member.
        if (Kind == "fields" && names.Any(name => name is "status" or "state" or "controller_info" or "ray_version" or "result" or "targets" or "host" or "actor_id" or "generation" or "complete" or "revision"))
            map["zz_later"] = new JsonObject { ["deep"] = new JsonArray(1, "two", null) };
    }
}

/// <summary>Faults that a test switched on, each for the next so many requests that it is about.</summary>
public sealed class FakeFaults
{
    private readonly Lock gate;
    private readonly List<(FakeFault Fault, string Path, int Left)> waiting = [];

    internal FakeFaults(Lock gate) => this.gate = gate;

    /// <summary>How many requests met one so far.</summary>
    public int Met { get; private set; }

    /// <param name="fault">What goes wrong.</param>
    /// <param name="requests">How often.</param>
    /// <param name="path">Only for requests whose path begins so; every request where it is empty.</param>
    public void Next(FakeFault fault, int requests = 1, string path = "")
    {
        lock (gate)
            waiting.Add((fault, path, requests));
    }

    public void Clear()
    {
        lock (gate)
            waiting.Clear();
    }

    internal FakeFault? Take(string path)
    {
        lock (gate)
        {
            int index = waiting.FindIndex(entry => path.StartsWith(entry.Path, StringComparison.Ordinal));
            if (index < 0)
                return null;
            (FakeFault fault, string prefix, int left) = waiting[index];
            Met++;
            if (left <= 1)
                waiting.RemoveAt(index);
            else
                waiting[index] = (fault, prefix, left - 1);
            return fault;
        }
    }
}

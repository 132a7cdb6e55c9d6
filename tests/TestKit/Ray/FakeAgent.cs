using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Raywright.TestKit.Ray;

/// <summary>One process of an agent of ours: what it knows is gone with it.</summary>
/// <param name="settings">What its job gave it.</param>
/// <param name="process">ID of the replica that it is.</param>
/// <param name="started">By the clock's timestamps.</param>
internal sealed class FakeAgent(JsonObject settings, string process, long started)
{
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Application => (string)settings["application"]!;

    public string Process => process;

    public string Generation => $"{process}-{started}";

    public long Started => started;

    public long Sequence { get; private set; }

    public Task Changed => changed.Task;

    /// <summary>By their ID, with the time at which each was last heard.</summary>
    public Dictionary<string, (JsonObject Document, long Heard)> Replicas { get; } = new(StringComparer.Ordinal);

    /// <summary>By revision.</summary>
    public Dictionary<string, JsonObject> Failures { get; } = new(StringComparer.Ordinal);

    public HashSet<string> Missing { get; } = new(StringComparer.Ordinal);

    public bool Takes(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token))) == (string?)settings["tokenDigest"];

    public void Change()
    {
        Sequence++;
        changed.TrySetResult();
        changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    public JsonObject ToJson() => new()
    {
        ["agent"] = settings["version"]!.DeepClone(),
        ["generation"] = Generation,
        ["sequence"] = Sequence,
        ["ray"] = "2.60.0",
        ["python"] = "3.11.7",
        ["replicas"] = new JsonArray([.. Replicas.Values.Select(replica => replica.Document.DeepClone())]),
        ["failures"] = new JsonArray([.. Failures.Values.Select(failure => failure.DeepClone())]),
        ["missing"] = new JsonArray([.. Missing.Select(digest => (JsonNode)digest)]),
    };
}

/// <summary>Files of ours on the one node, by their digest.</summary>
internal sealed class FakeFiles
{
    private readonly Dictionary<string, MemoryStream> parts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, byte[]> files = new(StringComparer.Ordinal);

    public bool Has(string digest) => files.ContainsKey(digest);

    public string Text(string digest) => Encoding.UTF8.GetString(files[digest]);

    public FakeAnswer Get(string digest, int status = 200) => FakeAnswer.Json(
        new JsonObject { ["size"] = files.GetValueOrDefault(digest)?.Length ?? parts.GetValueOrDefault(digest)?.Length ?? 0, ["complete"] = Has(digest) }, status);

    public FakeAnswer Append(string digest, int offset, int total, byte[] data)
    {
        if (Has(digest))
            return Get(digest);
        if (!parts.TryGetValue(digest, out MemoryStream? part))
            parts[digest] = part = new();
        if (part.Length != offset)
            return Get(digest, 409);
        part.Write(data);
        if (part.Length < total)
            return Get(digest);
        parts.Remove(digest);
        byte[] whole = part.ToArray();
        if (Convert.ToHexStringLower(SHA256.HashData(whole)) != digest)
            return Get(digest, 422);
        files[digest] = whole;
        return Get(digest);
    }

    /// <summary>The refusal where not every file of an order is here.</summary>
    public FakeAnswer? Lacks(JsonObject order)
    {
        string[] missing = Missing(order);
        return missing.Length == 0 ? null : FakeAnswer.Json(new JsonObject { ["error"] = "files are missing", ["missing"] = new JsonArray([.. missing.Select(digest => (JsonNode)digest)]) }, 424);
    }

    public string[] Missing(JsonObject order) =>
        [.. new[] { order["runtime"]! }.Concat(((JsonArray)order["files"]!).Select(file => file!)).Select(file => (string)file["digest"]!).Where(digest => !Has(digest))];

    public void Clear()
    {
        files.Clear();
        parts.Clear();
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;

namespace Raywright.TestKit.Ray;

/// <summary>How a job ends.</summary>
/// <param name="ExitCode">Null for one that runs until it is stopped.</param>
/// <param name="Output">What it writes.</param>
public sealed record FakeJobOutcome(int? ExitCode = 0, string Output = "");

/// <summary>Jobs of the fake cluster. Each reading of one moves it: pending, running, ended.</summary>
public sealed class FakeJobs
{
    private static readonly HashSet<string> Keys = new(StringComparer.Ordinal)
    {
        "entrypoint", "submission_id", "job_id", "runtime_env", "metadata", "entrypoint_num_cpus", "entrypoint_num_gpus", "entrypoint_memory", "entrypoint_resources",
    };

    private readonly Lock gate;
    private readonly FakeIds ids;
    private readonly FakeNodes nodes;
    private readonly TimeProvider clock;
    private readonly Dictionary<string, Job> jobs = new(StringComparer.Ordinal);

    internal FakeJobs(Lock gate, FakeIds ids, FakeNodes nodes, TimeProvider clock) => (this.gate, this.ids, this.nodes, this.clock) = (gate, ids, nodes, clock);

    /// <summary>Says how a job with an entrypoint ends, and does what it would do in the cluster, when it starts to run.</summary>
    public Func<string, FakeJobOutcome> Run { get; set; } = _ => new();

    public IReadOnlyList<string> Ids
    {
        get
        {
            lock (gate)
                return [.. jobs.Keys];
        }
    }

    /// <summary>A job that runs until it is stopped ends now.</summary>
    public void Finish(string id, int exitCode, string output = "")
    {
        lock (gate)
            End(jobs[id], new(exitCode, output));
    }

    /// <summary>Lets every job come as far as it comes by itself.</summary>
    public void Settle()
    {
        lock (gate)
        {
            // Pending, running, ended: two steps.
            foreach (Job job in jobs.Values.Concat(jobs.Values).ToArray())
                Step(job);
        }
    }

    internal void Clear() => jobs.Clear();

    internal FakeAnswer Submit(byte[] body)
    {
        JsonNode? request;
        try
        {
            request = JsonNode.Parse(body);
        }
        catch (JsonException)
        {
            return FakeAnswer.Trouble;
        }
        if (request is not JsonObject map || map["entrypoint"] is null)
            return FakeAnswer.Trace(400, "TypeError: JobSubmitRequest.__init__() missing 1 required positional argument: 'entrypoint'");
        if (map.FirstOrDefault(pair => !Keys.Contains(pair.Key)).Key is { } unknown)
            return FakeAnswer.Trace(400, $"TypeError: JobSubmitRequest.__init__() got an unexpected keyword argument '{unknown}'");
        if (map["entrypoint"]!.GetValueKind() != JsonValueKind.String)
            return FakeAnswer.Trace(400, $"TypeError: entrypoint must be a string, got {map["entrypoint"]!.GetValueKind()}");
        string id = (string?)map["submission_id"] ?? $"raysubmit_{ids.Next(16)}";
        if (jobs.ContainsKey(id))
            return FakeAnswer.Trace(500, $"RuntimeError: Request failed with status code 400: Traceback (most recent call last):\nValueError: Job with submission_id {id} already exists. Please use a different submission_id.\n.");
        jobs[id] = new(id, map, clock.GetUtcNow().ToUnixTimeMilliseconds(), Fits(map));
        return FakeAnswer.Json(new JsonObject { ["job_id"] = id, ["submission_id"] = id });
    }

    internal FakeAnswer List()
    {
        FakeAnswer answer = FakeAnswer.Json(new JsonArray([.. jobs.Values.Select(job => job.ToJson(nodes, redacted: false))]));
        foreach (Job job in jobs.Values)
            Step(job);
        return answer;
    }

    internal FakeAnswer Get(string id, bool browser)
    {
        if (!jobs.TryGetValue(id, out Job? job))
            return Unknown(id);
        FakeAnswer answer = FakeAnswer.Json(job.ToJson(nodes, browser));
        Step(job);
        return answer;
    }

    internal FakeAnswer Logs(string id)
    {
        if (!jobs.TryGetValue(id, out Job? job))
            return Unknown(id);
        return FakeAnswer.Json(new JsonObject { ["logs"] = job.Status == "PENDING" ? "" : $"Running entrypoint for job {id}: {job.Entrypoint}\n{job.Outcome.Output}" });
    }

    internal FakeAnswer Stop(string id)
    {
        if (!jobs.TryGetValue(id, out Job? job))
            return Unknown(id);
        bool stopped = !job.Ended;
        if (stopped)
            job.End("STOPPED", "Job was intentionally stopped.", null, null, clock.GetUtcNow().ToUnixTimeMilliseconds());
        return FakeAnswer.Json(new JsonObject { ["stopped"] = stopped });
    }

    internal FakeAnswer Delete(string id)
    {
        if (!jobs.TryGetValue(id, out Job? job))
            return Unknown(id);
        if (!job.Ended)
            return FakeAnswer.Trace(500, $"RuntimeError: Request failed with status code 500: Traceback (most recent call last):\nRuntimeError: Attempted to delete job '{id}', but it is in a non-terminal state {job.Status}.\n.");
        jobs.Remove(id);
        return FakeAnswer.Json(new JsonObject { ["deleted"] = true });
    }

    private static FakeAnswer Unknown(string id) => FakeAnswer.Text(404, $"Job {id} does not exist");

    private bool Fits(JsonObject map) =>
        nodes.Place(map["entrypoint_num_cpus"]?.GetValue<double>() ?? 0, map["entrypoint_num_gpus"]?.GetValue<double>() ?? 0) is not null;

    private void Step(Job job)
    {
        if (job.Status == "PENDING" && job.LocalFolder is { } folder)
            job.End("FAILED", $"Failed to start supervisor actor {job.Id}: '{folder} is not a valid path.'.", "JOB_SUPERVISOR_ACTOR_START_FAILURE", null, clock.GetUtcNow().ToUnixTimeMilliseconds());
        else if (job is { Status: "PENDING", Fits: true })
            job.Start(Run(job.Entrypoint), nodes.Head);
        else if (job is { Status: "RUNNING", Outcome.ExitCode: not null })
            End(job, job.Outcome);
    }

    private void End(Job job, FakeJobOutcome outcome)
    {
        bool well = outcome.ExitCode == 0;
        string message = well ? "Job finished successfully." : $"Job entrypoint command failed with exit code {outcome.ExitCode}, last available logs (truncated to 20,000 chars):\n{outcome.Output}";
        job.Start(outcome, nodes.Head);
        job.End(well ? "SUCCEEDED" : "FAILED", message, well ? null : "JOB_ENTRYPOINT_COMMAND_ERROR", outcome.ExitCode, clock.GetUtcNow().ToUnixTimeMilliseconds());
    }

    private sealed class Job(string id, JsonObject request, long started, bool fits)
    {
        private string? errorType;
        private int? exitCode;
        private long? ended;
        private string? node;
        private string message = fits
            ? "Job has not started yet. It may be waiting for the runtime environment to be set up."
            : "Job has not started yet. It may be waiting for resources (CPUs, GPUs, memory, custom resources) to become available.";

        public string Id => id;

        public bool Fits => fits;

        public string Status { get; private set; } = "PENDING";

        public FakeJobOutcome Outcome { get; private set; } = new();

        public string Entrypoint => (string)request["entrypoint"]!;

        public bool Ended => Status is "STOPPED" or "SUCCEEDED" or "FAILED";

        public string? LocalFolder => (string?)request["runtime_env"]?["working_dir"] is { } folder && !folder.Contains("://", StringComparison.Ordinal) ? folder : null;

        public void Start(FakeJobOutcome outcome, string on) => (Status, message, Outcome, node) = ("RUNNING", "Job is currently running.", outcome, on);

        public void End(string status, string text, string? type, int? code, long at) => (Status, message, errorType, exitCode, ended) = (status, text, type, code, at);

        public JsonObject ToJson(FakeNodes nodes, bool redacted)
        {
            JsonObject? environment = (JsonObject?)request["runtime_env"]?.DeepClone();
            if (redacted && environment?["env_vars"] is JsonObject variables)
            {
                foreach (string name in variables.Select(pair => pair.Key).ToArray())
                    variables[name] = "<redacted>";
            }
            return new()
            {
                ["type"] = "SUBMISSION",
                ["job_id"] = null,
                ["submission_id"] = id,
                ["driver_info"] = null,
                ["status"] = Status,
                ["entrypoint"] = Entrypoint,
                ["message"] = message,
                ["error_type"] = errorType,
                ["start_time"] = started,
                ["end_time"] = ended,
                ["metadata"] = request["metadata"]?.DeepClone(),
                ["runtime_env"] = environment,
                ["driver_agent_http_address"] = node is null ? null : $"http://{nodes.Ip(node)}:52365",
                ["driver_node_id"] = node,
                ["driver_exit_code"] = exitCode,
            };
        }
    }
}

using System.Collections.Immutable;
using System.Globalization;
using Raywright.Core.Engines;
using Raywright.Core.Spec;
using static Raywright.Ray.Configuration.FieldSources;

namespace Raywright.Ray.Configuration;

/// <summary>How the replicas of a revision are placed, limited, watched and stopped.</summary>
internal static class DeploymentOptions
{
    /// <summary>The longest deadline that the gateway grants a request, and time for its answer to leave.</summary>
    private const long ShutdownSeconds = 600 + 30;

    private const long MostRequests = 64;

    /// <summary>
    /// For the agent. Replicas have no <c>runtime_env</c>: they take packages and variables from their order, which the dashboard does not
    /// show, and Ray can start them in a process that it has ready.
    /// </summary>
    public static ServeMap Of(RevisionConfig revision, string installation, FieldSources sources) =>
        new([.. All(revision, [.. Actor(revision, sources)], sources), ("user_config", Mark(revision, installation))]);

    /// <summary>By which an application is known as ours in what Serve says of itself.</summary>
    private static ServeMap Mark(RevisionConfig revision, string installation) =>
        new([("raywright", new ServeMap([("installation", new ServeText(installation)), ("revision", new ServeText(revision.Id))]))], Always("Says whose application this is: nobody else's is ever changed or deleted."));

    /// <summary>For the declarative document, whose application has an environment of its own.</summary>
    public static ServeMap Declared(RevisionConfig revision, string installation, FieldSources sources) => new(
    [
        ("name", new ServeText(ServeConfiguration.DeploymentName, Always("The application's only deployment; scaling and status name it."))),
        .. All(revision, [.. Actor(revision, sources)], sources),
        ("user_config", Mark(revision, installation)),
    ]);

    private static IEnumerable<(string Key, ServeNode Value)> All(RevisionConfig revision, ImmutableArray<(string Key, ServeNode Value)> actor, FieldSources sources) =>
    [
        ("num_replicas", new ServeWhole(Math.Max(1, revision.Replicas), sources.Because("Replicas to start with: `scaling.min`, and at least one, as Ray takes no zero here. From then on Raywright sets the number.", "scaling.min"))),
        ("max_ongoing_requests", new ServeWhole(MostRequests, Always("Requests that Ray's proxy gives one replica at a time. What the gateway asks past the proxy it limits itself."))),
        ("max_queued_requests", new ServeWhole(MostRequests, Always("Requests that may wait at Ray's proxy; more are refused at once, where Ray by itself lets them wait without an end."))),
        ("health_check_period_s", new ServeWhole(1, Always("A dead replica is noticed within a second; Ray by itself looks every ten."))),
        ("health_check_timeout_s", new ServeWhole(30, Always("A replica that computes for long is busy, not dead."))),
        ("graceful_shutdown_wait_loop_s", new ServeNumber(0.5, Always("How often a replica that is to stop looks whether it is idle."))),
        ("graceful_shutdown_timeout_s", new ServeWhole(ShutdownSeconds, Always("What was accepted is answered: the longest deadline of a request, 600 s, and time to drain."))),
        ("max_surge_percent", new ServeWhole(100, Always("Where replicas are replaced, the new ones start before the old ones stop, so that no request waits for a start."))),
        ("ray_actor_options", new ServeMap(actor)),
        ("logging_config", new ServeMap(
        [
            ("encoding", new ServeText("JSON", Always("Ray's log lines are read by a program: one object each, with revision and replica."))),
            ("enable_access_log", new ServeTruth(false, Always("The gateway records each request once; a second line for it says nothing new."))),
        ])),
    ];

    private static IEnumerable<(string Key, ServeNode Value)> Actor(RevisionConfig revision, FieldSources sources)
    {
        ResourcesConfig resources = revision.Resources;
        yield return ("num_cpus", Amount(resources.Cpus, sources.Because("Cores that Ray keeps for one replica when it chooses its node.", "resources.cpus")));
        if (resources.Gpus > 0)
        {
            string text = resources.Gpus switch
            {
                >= 1 => "GPUs that Ray gives one replica for itself.",
                > 0.5 => "Part of a GPU: no second such replica fits on the same one, but others may. Ray does not divide its memory between them.",
                _ => string.Create(CultureInfo.InvariantCulture, $"Part of a GPU: Ray lets {Math.Floor(1 / resources.Gpus)} such replicas share one. It does not divide its memory between them."),
            };
            yield return ("num_gpus", Amount(resources.Gpus, sources.Because(text, "resources.gpus")));
        }
        yield return ("memory", new ServeWhole(resources.MemoryBytes, sources.Because($"Bytes, {SpecFormat.Size(resources.MemoryBytes)}, that Ray keeps for one replica when it chooses its node. It does not hold the replica to it.", "resources.memory")));
        if (resources.Accelerator is { } accelerator)
            yield return ("accelerator_type", new ServeText(accelerator, sources.Because("Only a node that has such an accelerator may run a replica.", "resources.accelerator")));
        if (resources.Custom is { IsEmpty: false } custom)
            yield return ("resources", new ServeMap([.. Sorted(custom).Select(pair => (pair.Key, Amount(pair.Value, sources.Because("How much of this resource of the cluster's own making one replica takes on its node.", $"resources.custom.{pair.Key}"))))]));
        if (resources.Labels is { IsEmpty: false } labels)
            yield return ("label_selector", new ServeMap([.. Sorted(labels).Select(pair => (pair.Key, (ServeNode)new ServeText(pair.Value, sources.Because("Only a node whose label fits may run a replica.", $"resources.labels.{pair.Key}"))))]));
    }

    /// <summary>A whole number as one, so that what comes back from Ray compares as equal.</summary>
    private static ServeNode Amount(double amount, ServeReason why) =>
        amount == Math.Floor(amount) ? new ServeWhole((long)amount, why) : new ServeNumber(amount, why);

    /// <summary>The same order wherever the revision was read from.</summary>
    internal static IEnumerable<KeyValuePair<string, T>> Sorted<T>(ImmutableSortedDictionary<string, T> map) => map.OrderBy(pair => pair.Key, StringComparer.Ordinal);
}

using System.Globalization;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Core.Spec;
using Raywright.Ray.Agent;
using Raywright.Ray.Dashboard;

namespace Raywright.Ray.Engine;

/// <summary>What Ray and the agent report, as a reason that a person can act on.</summary>
internal static class Diagnosis
{
    private const int LongestWords = 400;

    /// <summary>Why a model could not be loaded, by the replica's own account.</summary>
    public static Problem Of(ReplicaFailure failure)
    {
        string where = failure.Where is null ? "" : $" ({failure.Where})";
        return failure.Kind is "ModuleNotFoundError" or "ImportError"
            ? new(Catalogue.PythonLibraryMissing, $"{failure.Detail}{where}, in the cluster.", Field: "runtime")
            : new(Catalogue.ReplicaNotLoaded, $"{failure.Kind}: {failure.Detail}{where}", Field: "source");
    }

    /// <summary>Why an application is not well by Serve's account; null where it is, or is still starting.</summary>
    public static Problem? Of(ApplicationDetails application, DeploymentDetails? deployment) => (application.Status, deployment?.Status) switch
    {
        (ApplicationStatus.DeployFailed, _) or (_, DeploymentStatus.DeployFailed) => new(Catalogue.ReplicaNotLoaded, $"Ray Serve gave up after several tries: {Words(deployment?.Message, application.Message)}"),
        (_, DeploymentStatus.Unhealthy) or (ApplicationStatus.Unhealthy, _) => new(Catalogue.ClusterUnhealthy, $"Ray Serve takes it for unhealthy: {Words(deployment?.Message, application.Message)}", RetryAfter: TimeSpan.FromSeconds(5)),
        _ => null,
    };

    /// <summary>Whether no node could ever hold a replica, with what it would take; null where one could.</summary>
    public static Problem? Fits(ResourcesConfig resources, IReadOnlyList<NodeDetails> nodes)
    {
        if (nodes.Count == 0 || nodes.Any(node => Holds(node, resources)))
            return null;
        (string what, double asked, Func<NodeDetails, double> has)[] all =
        [
            ("CPUs", resources.Cpus, node => node.ResourcesTotal.GetValueOrDefault("CPU")),
            ("GPUs", resources.Gpus, node => node.ResourcesTotal.GetValueOrDefault("GPU")),
            ("MiB of memory", resources.MemoryBytes >> 20, node => Math.Floor(node.ResourcesTotal.GetValueOrDefault("memory") / (1 << 20))),
        ];
        string[] short_ = [.. all.Where(one => one.asked > nodes.Max(one.has)).Select(one => string.Create(CultureInfo.InvariantCulture, $"asks for {one.asked:0.##} {one.what}, the largest node has {nodes.Max(one.has):0.##}"))];
        return new(Catalogue.ClusterResources, short_.Length > 0 ? $"A replica {string.Join("; ", short_)}." : "A replica asks for more than any one node has together.", Field: "resources");
    }

    /// <summary>Whether a model asks for another Python than the cluster has, such as <c>3.11.7</c>.</summary>
    public static IEnumerable<Problem> Python(RevisionConfig revision, string has)
    {
        if (revision.Python is { Python: not "current" } python && !$"{has}.".StartsWith($"{python.Python}.", StringComparison.Ordinal))
            yield return new(Catalogue.ClusterPython, $"The model asks for Python {python.Python}, the cluster has {has}.", "runtime.python");
    }

    /// <summary>What a replica that is not placed yet waits for.</summary>
    public static string Waiting(ResourcesConfig resources) => string.Create(
        CultureInfo.InvariantCulture,
        $"waiting for a node with {resources.Cpus:0.##} free CPU{(resources.Cpus == 1 ? "" : "s")}{(resources.Gpus > 0 ? $" and {resources.Gpus:0.##} GPU{(resources.Gpus == 1 ? "" : "s")}" : "")}");

    private static bool Holds(NodeDetails node, ResourcesConfig resources) =>
        node.ResourcesTotal.GetValueOrDefault("CPU") >= resources.Cpus
        && node.ResourcesTotal.GetValueOrDefault("GPU") >= resources.Gpus
        && node.ResourcesTotal.GetValueOrDefault("memory", double.MaxValue) >= resources.MemoryBytes;

    /// <summary>The last line of a traceback says what happened; what stands above says where in Ray.</summary>
    private static string Words(string? deployment, string? application)
    {
        string text = string.IsNullOrWhiteSpace(deployment) ? application ?? "" : deployment;
        string last = text.Split('\n').Select(line => line.Trim()).LastOrDefault(line => line.Length > 0) ?? "it gives no reason";
        return last.Length > LongestWords ? last[..LongestWords] + "…" : last;
    }
}

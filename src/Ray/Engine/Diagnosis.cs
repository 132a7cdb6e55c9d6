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
    /// <param name="resources">What a replica asks for.</param>
    /// <param name="nodes">Those that are there.</param>
    /// <param name="types">Those that could be started; null where none could.</param>
    public static Problem? Fits(ResourcesConfig resources, IReadOnlyList<NodeDetails> nodes, NodeTypes? types = null)
    {
        IReadOnlyDictionary<string, double>[] there = [.. nodes.Select(node => node.ResourcesTotal)];
        // Ray starts no node for memory that its type does not name.
        IReadOnlyDictionary<string, double>[] offered = [.. types?.Types.Where(type => type.Most > 0).Select(type => type.Resources.TryGetValue("memory", out _) ? type.Resources : type.Resources.Add("memory", 0)) ?? []];
        if (there.Length == 0 || there.Concat(offered).Any(one => Holds(one, resources)) || types is { Autoscales: true, Types: [] })
            return null;
        (string Unit, string Name, double Asked, double Scale)[] all = [("CPUs", "CPU", resources.Cpus, 1), ("GPUs", "GPU", resources.Gpus, 1), ("MiB of memory", "memory", resources.MemoryBytes >> 20, 1 << 20)];
        string[] short_ = [.. all.Where(one => one.Asked > Largest(there.Concat(offered), one.Name, one.Scale)).Select(one => string.Create(
            CultureInfo.InvariantCulture,
            $"asks for {one.Asked:0.##} {one.Unit}, the largest node has {Largest(there, one.Name, one.Scale):0.##}{(offered.Length > 0 ? $", the largest that could be started {Largest(offered, one.Name, one.Scale):0.##}" : "")}"))];
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

    private static bool Holds(IReadOnlyDictionary<string, double> node, ResourcesConfig resources) =>
        node.GetValueOrDefault("CPU") >= resources.Cpus
        && node.GetValueOrDefault("GPU") >= resources.Gpus
        && node.GetValueOrDefault("memory", double.MaxValue) >= resources.MemoryBytes;

    private static double Largest(IEnumerable<IReadOnlyDictionary<string, double>> nodes, string name, double scale) =>
        nodes.Max(node => Math.Floor(node.GetValueOrDefault(name, name == "memory" ? double.MaxValue : 0) / scale * 100) / 100);

    /// <summary>The last line of a traceback says what happened; what stands above says where in Ray.</summary>
    private static string Words(string? deployment, string? application)
    {
        string text = string.IsNullOrWhiteSpace(deployment) ? application ?? "" : deployment;
        string last = text.Split('\n').Select(line => line.Trim()).LastOrDefault(line => line.Length > 0) ?? "it gives no reason";
        return last.Length > LongestWords ? last[..LongestWords] + "…" : last;
    }
}

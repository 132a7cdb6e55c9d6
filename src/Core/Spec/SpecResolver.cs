using System.Collections.Immutable;
using Raywright.Core.Contracts;
using Raywright.Core.Errors;

namespace Raywright.Core.Spec;

/// <summary>Lays the layers over each other: defaults, spec, the spec's part for the environment, the environment's own object.</summary>
public static class SpecResolver
{
    /// <param name="spec">The spec.</param>
    /// <param name="environment">The environment it is resolved for.</param>
    /// <param name="artifact">What the artifact declares; null where it has not been read.</param>
    public static Result<ModelConfig> Resolve(SpecDocument spec, EnvironmentConfig environment, Contract? artifact)
    {
        List<Problem> problems = [];
        Layers layers = new(spec, environment, problems);
        Contract contract = SpecContract.Join(spec.Root, artifact, problems);
        ModelConfig defaults = new() { Model = spec.Model, Source = spec.Source, Contract = contract };
        ScalingConfig scaling = Scaling(layers, defaults, problems);
        BatchingConfig batching = new(
            layers.Value("batching.max_size", contract.Batched || contract.PassThrough ? defaults.Batching.MaxSize : 1),
            layers.Value("batching.max_wait", defaults.Batching.MaxWait));
        if (batching.MaxSize > 1 && !contract.Batched && !contract.PassThrough)
            problems.Add(new(Catalogue.SpecCombination, $"`batching.max_size` is {batching.MaxSize}, but the first dimension of the contract is fixed, so rows cannot travel together.", "batching.max_size", spec.Root.At("batching.max_size"), "Remove the key."));
        layers.CheckLocks();
        ModelConfig config = defaults with
        {
            Task = spec.Root.Get<string>("task"),
            Files = spec.Root.GetValue<ImmutableArray<string>>("files") ?? [],
            Resources = new(
                layers.Value("resources.cpus", defaults.Resources.Cpus),
                layers.Value("resources.memory", defaults.Resources.MemoryBytes),
                layers.Value("resources.gpus", defaults.Resources.Gpus)),
            Batching = batching,
            Scaling = scaling,
            Rollout = new(layers.Reference("rollout.strategy", defaults.Rollout.Strategy), [.. layers.Value("rollout.steps", ImmutableArray<long>.Empty).Select(step => (int)step)]),
            Variables = layers.Reference("variables", defaults.Variables),
            Tests = Tests(spec.Root),
            Runtime = Runtime(spec.Root),
            Origins = layers.Origins,
        };
        return problems.Count > 0 ? problems.ToImmutableArray() : config;
    }

    private static ScalingConfig Scaling(Layers layers, ModelConfig defaults, List<Problem> problems)
    {
        int min = layers.Value("scaling.min", defaults.Scaling.Min);
        int max = layers.Value("scaling.max", Math.Max(min, defaults.Scaling.Max));
        if (min > max)
            problems.Add(new(Catalogue.SpecCombination, $"In {layers.Environment.Name} `scaling.min` is {min}, above `max`, which is {max}.", "scaling.min", layers.At("scaling.min")));
        if (layers.Environment.MostReplicas is { } most && max > most)
            problems.Add(new(Catalogue.FieldLocked, $"`scaling.max` is {max}; the environment {layers.Environment.Name} allows {most}.", "scaling.max", layers.At("scaling.max")));
        return new(min, max);
    }

    private static TestsConfig Tests(SpecMap root) => new(
        root.Get<string>("tests.cases"),
        root.Get<string>("tests.unit"),
        root.Get<string>("tests.quality.metric") is { } metric
            ? new(metric, root.GetValue<double>("tests.quality.at_least"), root.GetValue<double>("tests.quality.at_most"))
            : null);

    private static RuntimeConfig? Runtime(SpecMap root) => root.TryGet("runtime", out SpecMap? runtime, out _)
        ? new(runtime.Get<string>("code") ?? "", runtime.Get<string>("requirements"), runtime.Get<string>("python") ?? "current", runtime.Get<string>("arrays") ?? "plain")
        : null;

    /// <summary>Finds the effective value of each key, and remembers which layer it came from.</summary>
    private sealed class Layers(SpecDocument spec, EnvironmentConfig environment, List<Problem> problems)
    {
        private readonly SpecMap? own = spec.Root.Get<ImmutableSortedDictionary<string, SpecMap>>("environments")?.GetValueOrDefault(environment.Name);
        private readonly SortedDictionary<string, FieldOrigin> origins = new(StringComparer.Ordinal);

        public EnvironmentConfig Environment => environment;

        public ImmutableSortedDictionary<string, FieldOrigin> Origins => origins.ToImmutableSortedDictionary(StringComparer.Ordinal);

        public T Value<T>(string path, T otherwise) where T : struct
        {
            foreach ((SpecMap? map, OriginLayer layer) in Maps)
            {
                if (map is not null && map.TryGet(path, out T value, out SourceLocation at))
                {
                    origins[path] = new(layer, at);
                    return value;
                }
            }
            origins[path] = new(OriginLayer.Default);
            return otherwise;
        }

        public T Reference<T>(string path, T otherwise) where T : class
        {
            foreach ((SpecMap? map, OriginLayer layer) in Maps)
            {
                if (map is not null && map.TryGet(path, out T? value, out SourceLocation at))
                {
                    origins[path] = new(layer, at);
                    return value;
                }
            }
            origins[path] = new(OriginLayer.Default);
            return otherwise;
        }

        public SourceLocation At(string path) => origins.GetValueOrDefault(path)?.Location ?? spec.Root.Location;

        public void CheckLocks()
        {
            foreach (string path in environment.Locks)
            {
                if (origins.GetValueOrDefault(path) is { Layer: OriginLayer.Spec or OriginLayer.SpecEnvironment } origin)
                    problems.Add(new(Catalogue.FieldLocked, $"The environment {environment.Name} locks `{path}`.", path, origin.Location, "Remove the key from the spec."));
            }
        }

        private (SpecMap? Map, OriginLayer Layer)[] Maps =>
            [(environment.Overrides, OriginLayer.Environment), (own, OriginLayer.SpecEnvironment), (spec.Root, OriginLayer.Spec)];
    }
}

using System.Collections.Immutable;
using Raywright.Core.Contracts;
using Raywright.Core.Errors;

namespace Raywright.Core.Spec;

/// <summary>Lays the layers over each other: defaults, spec, the spec's part for the environment, the environment's own object.</summary>
public static class SpecResolver
{
    private static readonly ImmutableArray<long> CanarySteps = [5, 25, 50];

    /// <param name="spec">The spec.</param>
    /// <param name="environment">The environment it is resolved for.</param>
    /// <param name="artifact">What the artifact declares; null where it has not been read.</param>
    public static Result<ModelConfig> Resolve(SpecDocument spec, EnvironmentConfig environment, Contract? artifact)
    {
        List<Problem> problems = [];
        SpecLayers layers = new(spec, environment);
        Contract contract = SpecContract.Join(spec.Root, artifact, problems);
        ModelConfig defaults = new() { Model = layers.Only<string>("model")!, Source = layers.Only<string>("source")!, Contract = contract };
        NoteContract(layers, spec.Root, contract);
        ModelConfig config = defaults with
        {
            Task = layers.Only<string>("task"),
            Files = Files(layers, spec.Root),
            Resources = Resources(layers, defaults.Resources),
            Batching = Batching(layers, defaults, problems),
            Scaling = Scaling(layers, environment, defaults, problems),
            Rollout = Rollout(layers, defaults),
            Variables = layers.Named<string>("variables"),
            Tests = Tests(layers),
            Runtime = Runtime(layers),
        };
        problems.AddRange(layers.Locked());
        problems.AddRange(Bounds(layers, environment, config));
        return problems.Count > 0
            ? problems.OrderBy(problem => problem.Location?.Line).ThenBy(problem => problem.Location?.Column).ToImmutableArray()
            : config with { Origins = layers.Origins };
    }

    private static ResourcesConfig Resources(SpecLayers layers, ResourcesConfig defaults) => new(
        layers.Value("resources.cpus", defaults.Cpus),
        layers.Value("resources.memory", defaults.MemoryBytes),
        layers.Value("resources.gpus", defaults.Gpus),
        layers.Optional<string>("resources.accelerator"),
        layers.Named<double>("resources.custom") is { IsEmpty: false } custom ? custom : null,
        layers.Named<string>("resources.labels") is { IsEmpty: false } labels ? labels : null);

    private static void NoteContract(SpecLayers layers, SpecMap root, Contract contract)
    {
        if (contract.PassThrough)
            layers.Note("contract", new(OriginLayer.Spec, root.At("contract")));
        ILookup<string, SourceLocation> inputs = SpecContract.Inputs(root).ToLookup(pair => pair.Field.Name, pair => pair.Map.Location, StringComparer.Ordinal);
        ILookup<string, SourceLocation> outputs = SpecContract.Outputs(root).ToLookup(pair => pair.Field.Name, pair => pair.Map.Location, StringComparer.Ordinal);
        foreach (string name in contract.Inputs.Select(input => input.Name))
            layers.Note($"inputs.{name}", inputs.Contains(name) ? new(OriginLayer.Spec, inputs[name].First()) : new(OriginLayer.Artifact));
        foreach (string name in contract.Outputs.Select(output => output.Name))
            layers.Note($"outputs.{name}", outputs.Contains(name) ? new(OriginLayer.Spec, outputs[name].First()) : new(OriginLayer.Artifact));
    }

    private static ImmutableArray<string> Files(SpecLayers layers, SpecMap root)
    {
        if (!root.TryGet("files", out ImmutableArray<string> files, out SourceLocation at))
            return [];
        layers.Note("files", new(OriginLayer.Spec, at));
        return files;
    }

    /// <summary>Rows can travel together only where every first dimension is open; an explicit wish for more is an error.</summary>
    private static BatchingConfig Batching(SpecLayers layers, ModelConfig defaults, List<Problem> problems)
    {
        BatchingConfig batching = new(layers.Value("batching.max_size", defaults.Batching.MaxSize), layers.Value("batching.max_wait", defaults.Batching.MaxWait));
        if (defaults.Contract.Batched || batching.MaxSize == 1)
            return batching;
        if (layers.IsOfSpec("batching.max_size"))
        {
            string why = defaults.Contract.PassThrough ? "without a contract nothing is known to be a row" : "a first dimension of the contract is fixed, so rows cannot travel together";
            problems.Add(new(Catalogue.SpecCombination, $"`batching.max_size` is {batching.MaxSize}, but {why}.", "batching.max_size", layers.At("batching.max_size"), "Remove the key, or write 1."));
        }
        layers.Note("batching.max_size", new(OriginLayer.Artifact));
        return batching with { MaxSize = 1 };
    }

    private static ScalingConfig Scaling(SpecLayers layers, EnvironmentConfig environment, ModelConfig defaults, List<Problem> problems)
    {
        int min = layers.Value("scaling.min", defaults.Scaling.Min);
        int max = layers.Value("scaling.max", Math.Max(min, defaults.Scaling.Max));
        if (min > max)
            problems.Add(new(Catalogue.SpecCombination, $"In {environment.Name} `scaling.min` is {min}, above `max`, which is {max}.", "scaling.min", layers.At("scaling.min")));
        return new(min, max);
    }

    private static RolloutConfig Rollout(SpecLayers layers, ModelConfig defaults)
    {
        string strategy = layers.Value("rollout.strategy", defaults.Rollout.Strategy);
        return strategy == "replace"
            ? new(strategy, [])
            : new(strategy, [.. layers.Value("rollout.steps", CanarySteps).Select(step => (int)step)]);
    }

    private static TestsConfig Tests(SpecLayers layers)
    {
        SpecMap? quality = layers.Only<SpecMap>("tests.quality");
        return new(
            layers.Only<string>("tests.cases"),
            layers.Only<string>("tests.unit"),
            quality is null ? null : new(quality.Get<string>("metric")!, quality.GetValue<double>("at_least"), quality.GetValue<double>("at_most")),
            layers.Only<string>("tests.parity"));
    }

    private static RuntimeConfig? Runtime(SpecLayers layers)
    {
        if (layers.Only<SpecMap>("runtime") is not { } runtime)
            return null;
        foreach (string name in runtime.Names)
            layers.Note($"runtime.{name}", new(OriginLayer.Spec, runtime.At(name)));
        return new(runtime.Get<string>("code"), runtime.Get<string>("requirements"), runtime.Get<string>("wheels"), runtime.Get<string>("python") ?? "current", runtime.Get<string>("arrays") ?? "plain", runtime.GetValue<bool>("network") ?? false);
    }

    private static IEnumerable<Problem> Bounds(SpecLayers layers, EnvironmentConfig environment, ModelConfig config)
    {
        (string Path, double Value, double? Most)[] bounds =
        [
            ("scaling.max", config.Scaling.Max, environment.MostReplicas),
            ("resources.cpus", config.Resources.Cpus, environment.MostCpus),
            ("resources.memory", config.Resources.MemoryBytes, environment.MostMemoryBytes),
            ("resources.gpus", config.Resources.Gpus, environment.MostGpus),
        ];
        return bounds.Where(bound => bound.Value > bound.Most).Select(bound => new Problem(
            Catalogue.FieldLocked,
            $"`{bound.Path}` is {Shown(bound.Path, bound.Value)}; the environment {environment.Name} allows {Shown(bound.Path, bound.Most!.Value)}.",
            bound.Path, layers.At(bound.Path), $"Write {Shown(bound.Path, bound.Most!.Value)} or less."));
    }

    private static string Shown(string path, double value) =>
        path == "resources.memory" ? SpecFormat.Size((long)value) : value.ToString("R", System.Globalization.CultureInfo.InvariantCulture);
}

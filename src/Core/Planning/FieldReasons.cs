using System.Globalization;
using Raywright.Core.Spec;

namespace Raywright.Core.Planning;

/// <summary>Says what an effective value does here, so that no line of a rendered configuration stands unexplained.</summary>
public static class FieldReasons
{
    /// <param name="config">The resolved spec.</param>
    /// <param name="path">Dotted key, e.g. <c>resources.cpus</c> or <c>inputs.features</c>.</param>
    public static string Of(ModelConfig config, string path) => path switch
    {
        "resources.cpus" => string.Create(CultureInfo.InvariantCulture, $"Each replica computes with {Threads(config)}."),
        "resources.memory" => "The most that the model may take when it is first loaded and tested, in a process of its own.",
        "resources.gpus" => config.Resources.Gpus > 0 ? "Each replica computes on a GPU." : "Each replica computes on the CPU.",
        "batching.max_size" => Batching(config),
        "batching.max_wait" => "No row waits longer for a busy replica's next batch to fill; an idle replica is asked at once.",
        "scaling.min" => "Replicas that always run.",
        "scaling.max" => "The most replicas under load.",
        "rollout.strategy" => config.Rollout.Strategy == "replace" ? "Traffic moves at once when the new revision has answered." : "Traffic moves by steps.",
        "rollout.steps" => "Percentages of the traffic on its way to the new revision.",
        _ => path.Split('.')[0] switch
        {
            "inputs" => "Requests are checked against it.",
            "outputs" => "Answers are checked against it.",
            "variables" => "Environment variable of each replica.",
            string first => SpecKeys.Root.FirstOrDefault(key => key.Name == first)?.Description ?? "",
        },
    };

    private static string Threads(ModelConfig config) => Math.Ceiling(config.Resources.Cpus) is var threads and > 1 ? $"{threads} threads" : "one thread";

    private static string Batching(ModelConfig config) => config switch
    {
        { Contract.PassThrough: true } => "Without a contract nothing is known to be a row: requests travel one by one.",
        { Contract.Batched: false } => "A first dimension of the contract is fixed: requests travel one by one.",
        { Batching.MaxSize: 1 } => "Requests travel one by one.",
        _ => string.Create(CultureInfo.InvariantCulture, $"Up to {config.Batching.MaxSize} rows that wait for a busy replica travel as one request."),
    };
}

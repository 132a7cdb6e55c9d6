using System.Collections.Immutable;
using System.Globalization;
using Raywright.Core.Contracts;
using Raywright.Core.Engines;
using Raywright.Core.Spec;
using Raywright.Core.Tensors;

namespace Raywright.Core.Planning;

/// <summary>Lays a revision and the settings of its endpoint out as keys and values, the same for plan and render.</summary>
internal static class RevisionValues
{
    /// <param name="Key">As in the spec.</param>
    /// <param name="Value">As a spec writes it.</param>
    /// <param name="Reason">What it does.</param>
    /// <param name="IsSetting">Whether it belongs to the endpoint, so that a change needs no new revision.</param>
    public readonly record struct Entry(string Key, string Value, string Reason, bool IsSetting = false);

    public static IEnumerable<Entry> Of(RevisionConfig revision)
    {
        yield return new("compute", revision.Compute, "Where its replicas run.");
        yield return new("version", string.Create(CultureInfo.InvariantCulture, $"{revision.Model}:{revision.Version}"), "The artifact with its contract and runtime; never changes.");
        yield return new("digest", revision.Digest, "Checked against the files when they are loaded.");
        yield return new("runtime", VersionContent.RuntimeText(revision.Runtime, revision.Python), "What runs the artifact.");
        yield return new("artifact", revision.Artifact, "The file that is loaded.");
        if (revision.Python is { } python)
        {
            if (python.Code is not null)
                yield return new("runtime.code", python.Code, "The file with the model's class.");
            if (python.Requirements is not null)
                yield return new("runtime.requirements", python.Requirements, "What its Python environment has to hold.");
            yield return new("runtime.network", python.Network ? "true" : "false", python.Network ? "Its process may open connections." : "Its process can open no connection.");
        }
        foreach (InputField input in revision.Contract.Inputs)
            yield return new($"inputs.{input.Name}", Describe(input), "Requests are checked against it.");
        foreach (OutputField output in revision.Contract.Outputs)
            yield return new($"outputs.{output.Name}", Describe(output), "Answers are checked against it.");
        if (revision.Contract.PassThrough)
            yield return new("contract", "none", "JSON passes through unchecked.");
        yield return new("resources.cpus", SpecFormat.Number(revision.Resources.Cpus), $"Each replica computes with {Threads(revision)}.");
        yield return new("resources.memory", SpecFormat.Size(revision.Resources.MemoryBytes), revision.Python is null ? "The most that the model may take when it is first loaded and tested, in a process of its own." : "The most that one replica may take; one that takes more is ended and started again.");
        yield return new("resources.gpus", SpecFormat.Number(revision.Resources.Gpus), revision.Resources.Gpus > 0 ? "Each replica computes on a GPU." : "Each replica computes on the CPU.");
        if (revision.Resources.Accelerator is { } accelerator)
            yield return new("resources.accelerator", accelerator, "A Ray node without it runs no replica.");
        foreach ((string name, double amount) in revision.Resources.Custom ?? ImmutableSortedDictionary<string, double>.Empty)
            yield return new($"resources.custom.{name}", SpecFormat.Number(amount), "Each replica takes so much of it on its Ray node.");
        foreach ((string name, string value) in revision.Resources.Labels ?? ImmutableSortedDictionary<string, string>.Empty)
            yield return new($"resources.labels.{name}", value, "A Ray node whose label does not fit runs no replica.");
        yield return new("batching.max_size", revision.Batching.MaxSize.ToString(CultureInfo.InvariantCulture), BatchReason(revision));
        yield return new("batching.max_wait", SpecFormat.Duration(revision.Batching.MaxWait), "No row waits longer for a busy replica's next batch to fill; an idle replica is asked at once.");
        foreach ((string name, string value) in revision.Variables)
            yield return new($"variables.{name}", value, "Environment variable of the replica.");
    }

    public static IEnumerable<Entry> Of(ScalingConfig scaling)
    {
        yield return new("scaling.min", scaling.Min.ToString(CultureInfo.InvariantCulture), "Replicas that always run.", IsSetting: true);
        yield return new("scaling.max", scaling.Max.ToString(CultureInfo.InvariantCulture), "The most replicas under load.", IsSetting: true);
    }

    public static IEnumerable<Entry> Of(RolloutConfig rollout)
    {
        yield return new("rollout.strategy", rollout.Strategy, rollout.Strategy == "replace" ? "Traffic moves at once when the new revision has answered." : "Traffic moves to a new revision by steps.", IsSetting: true);
        if (!rollout.Steps.IsEmpty)
            yield return new("rollout.steps", $"[{string.Join(", ", rollout.Steps)}]", "Percentages of the traffic on its way.", IsSetting: true);
    }

    private static string Threads(RevisionConfig revision) => Math.Ceiling(revision.Resources.Cpus) is var threads and > 1 ? $"{threads} threads" : "one thread";

    private static string BatchReason(RevisionConfig revision) => revision switch
    {
        { Contract.PassThrough: true } => "Without a contract requests travel one by one.",
        { Contract.Batched: false } => "A first dimension of the contract is fixed, so requests travel one by one.",
        { Batching.MaxSize: 1 } => "Requests travel one by one.",
        _ => string.Create(CultureInfo.InvariantCulture, $"Up to {revision.Batching.MaxSize} rows that wait for a busy replica travel together."),
    };

    private static string Describe(InputField input)
    {
        List<string> parts = [$"{input.Type.Name} {SpecFormat.Shape(input.Shape)}"];
        if (!input.Columns.IsEmpty)
            parts.Add($"columns {Names(input.Columns)}");
        if (!input.Values.IsEmpty)
            parts.Add($"values {Names(input.Values)}");
        if (input.Min is not null || input.Max is not null)
            parts.Add($"from {(input.Min is { } min ? SpecFormat.Number(min) : "any")} to {(input.Max is { } max ? SpecFormat.Number(max) : "any")}");
        if (input.Nullable)
            parts.Add("nullable");
        if (input.Optional)
            parts.Add("optional");
        if (input.Units is { } units)
            parts.Add($"in {Names(units)}");
        if (input.Description is not null)
            parts.Add($"“{input.Description}”");
        return string.Join(", ", parts);
    }

    private static string Describe(OutputField output)
    {
        List<string> parts = [$"{output.Type.Name} {SpecFormat.Shape(output.Shape)}"];
        if (output.Labels is { } labels)
            parts.Add($"labels {Names(labels.IsList || labels.Keys.SequenceEqual(labels.Names) ? labels.Names : [.. labels.Keys.Zip(labels.Names, (key, name) => $"{key}: {name}")])}");
        if (output.Nullable)
            parts.Add("nullable");
        if (output.Units is { } units)
            parts.Add($"in {Names(units)}");
        if (output.Description is not null)
            parts.Add($"“{output.Description}”");
        return string.Join(", ", parts);
    }

    /// <summary>All names: a plan must show a change in any of them.</summary>
    private static string Names(ImmutableArray<string> names) => $"[{string.Join(", ", names)}]";
}

using System.Collections.Immutable;
using Raywright.Core.Spec;

namespace Raywright.Core.Planning;

/// <summary>What a spec asks for and this release does not do yet: said in the plan, before a user relies on it.</summary>
public static class PlanNotes
{
    /// <param name="config">The resolved spec.</param>
    /// <param name="compute">Name of the compute that would run it.</param>
    public static ImmutableArray<string> Of(ModelConfig config, string compute)
    {
        List<string> notes = [];
        int replicas = Math.Max(1, config.Scaling.Min);
        if (config.Scaling.Max > replicas)
            notes.Add($"`scaling.max` {config.Scaling.Max} has no effect yet: {compute} runs `min` replicas ({replicas}) until scaling arrives.");
        if (config.Scaling.Min == 0)
            notes.Add("`scaling.min` 0 runs one replica until scaling to zero arrives.");
        if (config.Rollout.Strategy != "replace")
            notes.Add($"`rollout.strategy` {config.Rollout.Strategy} has no effect yet: traffic moves at once when the new revision has answered.");
        if (config.Resources.Gpus > 0 && compute == "embedded")
            notes.Add("`resources.gpus` reserves nothing on embedded: every replica uses the first GPU of the machine.");
        if (config.Runtime is not null)
            notes.Add("`runtime` has no effect yet: Python models come in a later release.");
        if (config.Tests.Unit is not null)
            notes.Add("`tests.unit` is not run yet; cases are.");
        return [.. notes];
    }
}

using System.Collections.Immutable;
using Raywright.Core.Engines;
using Raywright.Core.Spec;

namespace Raywright.Core.Planning;

/// <summary>Says what would happen, and why, before anything does.</summary>
public static class Planner
{
    /// <summary>Every value of a rendered revision with its reason and its origin.</summary>
    /// <param name="config">The resolved spec.</param>
    /// <param name="environment">Where it is to run.</param>
    /// <param name="revision">What <see cref="RevisionRenderer.Render"/> made of them.</param>
    public static RenderedRevision Explain(ModelConfig config, EnvironmentConfig environment, RevisionConfig revision) => new(
        revision,
        [.. Entries(config, revision).Select(entry => Explain(entry, config, environment))],
        Notes(config, environment));

    /// <summary>What would change at an endpoint.</summary>
    /// <param name="config">The resolved spec.</param>
    /// <param name="environment">Where it is to run.</param>
    /// <param name="desired">The revision that would serve.</param>
    /// <param name="newVersion">Whether its version does not exist yet.</param>
    /// <param name="current">What serves now; null where nothing does.</param>
    public static EndpointPlan Plan(ModelConfig config, EnvironmentConfig environment, RevisionConfig desired, bool newVersion, CurrentEndpoint? current)
    {
        RevisionValues.Entry[] after = [.. Entries(config, desired)];
        ImmutableArray<FieldChange> changes = current is null
            ? [.. after.Select(entry => new FieldChange(entry.Key, null, entry.Value, Explain(entry, config, environment).Origin))]
            : Changes(Before(current), Comparable(after, current), config, environment);
        PlanAction action = current is null ? PlanAction.Create
            : current.Revision.Id != desired.Id ? PlanAction.Replace
            : changes.IsEmpty ? PlanAction.None
            : PlanAction.InPlace;
        return new(config.Model, environment.Name, action, desired.Id, desired.Version, newVersion, current?.Revision.Id, changes, Notes(config, environment));
    }

    /// <summary>What the spec asks for and this release does not do yet; said before a user relies on it.</summary>
    public static ImmutableArray<string> Notes(ModelConfig config, EnvironmentConfig environment)
    {
        List<string> notes = [];
        if (config.Scaling.Max > Math.Max(1, config.Scaling.Min) && environment.Compute == "embedded")
            notes.Add($"`scaling.max` {config.Scaling.Max} has no effect on embedded: it runs `min` replicas, {Math.Max(1, config.Scaling.Min)} here, since more would only take the processors of this machine from each other.");
        if (config.Scaling.Min == 0 && environment.Compute == "embedded")
            notes.Add("`scaling.min` 0 runs one replica on embedded.");
        if (config.Rollout.Strategy != "replace")
            notes.Add($"`rollout.strategy` {config.Rollout.Strategy} has no effect yet: traffic moves at once when the new revision has answered.");
        if (config.Resources.Gpus > 0 && environment.Compute == "embedded")
            notes.Add("`resources.gpus` reserves nothing on embedded: every replica uses the first GPU of the machine.");
        if (environment.Compute == "embedded")
            notes.AddRange(OnlyOnRay(config.Resources).Select(key => $"`{key}` has no effect on embedded: it chooses among the nodes of a Ray cluster, and there is only this machine."));
        return [.. notes];
    }

    private static IEnumerable<string> OnlyOnRay(ResourcesConfig resources)
    {
        if (resources.Accelerator is not null)
            yield return "resources.accelerator";
        if (resources.Custom is not null)
            yield return "resources.custom";
        if (resources.Labels is not null)
            yield return "resources.labels";
    }

    private static IEnumerable<RevisionValues.Entry> Entries(ModelConfig config, RevisionConfig revision) =>
        [.. RevisionValues.Of(revision), .. RevisionValues.Of(config.Scaling), .. RevisionValues.Of(config.Rollout)];

    private static RevisionValues.Entry[] Before(CurrentEndpoint current) =>
    [
        .. RevisionValues.Of(current.Revision),
        .. current.Scaling is null ? [] : RevisionValues.Of(current.Scaling),
        .. current.Rollout is null ? [] : RevisionValues.Of(current.Rollout),
    ];

    /// <summary>Leaves out settings whose present value is not known.</summary>
    private static IEnumerable<RevisionValues.Entry> Comparable(IEnumerable<RevisionValues.Entry> after, CurrentEndpoint current) => after.Where(entry =>
        !entry.IsSetting || (entry.Key.StartsWith("scaling.", StringComparison.Ordinal) ? current.Scaling is not null : current.Rollout is not null));

    private static ImmutableArray<FieldChange> Changes(RevisionValues.Entry[] before, IEnumerable<RevisionValues.Entry> after, ModelConfig config, EnvironmentConfig environment)
    {
        Dictionary<string, string> old = before.DistinctBy(entry => entry.Key).ToDictionary(entry => entry.Key, entry => entry.Value, StringComparer.Ordinal);
        List<FieldChange> changes = [];
        foreach (RevisionValues.Entry entry in after)
        {
            if (!old.Remove(entry.Key, out string? value) || value != entry.Value)
                changes.Add(new(entry.Key, value, entry.Value, Explain(entry, config, environment).Origin));
        }
        return [.. changes, .. before.Where(entry => old.ContainsKey(entry.Key)).Select(entry => new FieldChange(entry.Key, entry.Value, null))];
    }

    private static ExplainedValue Explain(RevisionValues.Entry entry, ModelConfig config, EnvironmentConfig environment)
    {
        FieldOrigin? origin = config.Origins.GetValueOrDefault(entry.Key is "runtime" or "artifact" ? "source" : entry.Key);
        string words = entry.Key switch
        {
            "compute" => $"environment {environment.Name}",
            "version" or "digest" => "the files",
            "runtime" => "the kind of the source",
            _ => (origin ?? new(OriginLayer.Default)).Words(environment.Name),
        };
        return new(entry.Key, entry.Value, entry.Reason, words, origin?.Location?.ToString());
    }
}

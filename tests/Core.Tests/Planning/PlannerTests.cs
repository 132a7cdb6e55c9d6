using System.Collections.Immutable;
using System.Text.Json;
using Raywright.Core.Api;
using Raywright.Core.Engines;
using Raywright.Core.Planning;
using Raywright.Core.Spec;
using Raywright.Core.Tests.Spec;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Core.Tests.Planning;

/// <summary>What a deploy would do, said before it does it.</summary>
public sealed class PlannerTests
{
    private const string Small = "model: iris\nsource: model.onnx\ninputs: [{ name: x, type: float32, shape: [-1, 4] }]\noutputs: [{ name: y, type: int64, shape: [-1], labels: [a, b] }]\n";
    private static readonly EnvironmentConfig Prod = new("prod");

    [Fact]
    public void ANewEndpoint_IsCreated_WithEveryValue()
    {
        (ModelConfig config, RevisionConfig revision) = Rendered(Small);
        EndpointPlan plan = Planner.Plan(config, Prod, revision, newVersion: true, current: null);
        Assert.Equal((PlanAction.Create, "iris", "prod", 1, true, null), (plan.Action, plan.Model, plan.Environment, plan.Version, plan.NewVersion, plan.CurrentRevision));
        Assert.Contains(new FieldChange("outputs.y", null, "int64 [-1], labels [a, b]", "spec"), plan.Changes);
        Assert.Contains(new FieldChange("scaling.min", null, "1", "default"), plan.Changes);
        Assert.Empty(plan.Notes);
    }

    [Fact]
    public void TheSameAgain_ChangesNothing()
    {
        (ModelConfig config, RevisionConfig revision) = Rendered(Small);
        EndpointPlan plan = Planner.Plan(config, Prod, revision, newVersion: false, new(revision, config.Scaling, config.Rollout));
        Assert.Equal(PlanAction.None, plan.Action);
        Assert.Empty(plan.Changes);
    }

    [Fact]
    public void AnotherConfiguration_ReplacesTheRevision_FieldByField()
    {
        (ModelConfig before, RevisionConfig serving) = Rendered(Small + "variables: { OLD: x }\n");
        (ModelConfig config, RevisionConfig revision) = Rendered(Small.Replace("[a, b]", "[a, c]", StringComparison.Ordinal) + "environments: { prod: { resources: { cpus: 2 } } }\n");
        EndpointPlan plan = Planner.Plan(config, Prod, revision, newVersion: true, new(serving, before.Scaling, before.Rollout));
        Assert.Equal((PlanAction.Replace, serving.Id), (plan.Action, plan.CurrentRevision));
        Assert.Equal(
            [
                new("outputs.y", "int64 [-1], labels [a, b]", "int64 [-1], labels [a, c]", "spec"),
                new("resources.cpus", "1", "2", "spec, environments.prod"),
                new("variables.OLD", "x", null),
            ],
            plan.Changes);
    }

    [Fact]
    public void AnotherCompute_ReplacesTheRevision()
    {
        (ModelConfig config, RevisionConfig serving) = Rendered(Small);
        EnvironmentConfig moved = Prod with { Compute = "ray" };
        EndpointPlan plan = Planner.Plan(config, moved, Render(config, moved), newVersion: false, new(serving));
        Assert.Equal(PlanAction.Replace, plan.Action);
        Assert.Equal([new FieldChange("compute", "embedded", "ray", "environment prod")], plan.Changes);
    }

    [Fact]
    public void Settings_ChangeInPlace()
    {
        (ModelConfig before, RevisionConfig serving) = Rendered(Small);
        (ModelConfig config, RevisionConfig revision) = Rendered(Small + "scaling: { min: 2, max: 2 }\n");
        EndpointPlan plan = Planner.Plan(config, Prod, revision, newVersion: false, new(serving, before.Scaling, before.Rollout));
        Assert.Equal(PlanAction.InPlace, plan.Action);
        Assert.Equal([new("scaling.min", "1", "2", "spec"), new("scaling.max", "1", "2", "spec")], plan.Changes);
    }

    [Fact]
    public void SettingsThatAreNotKnown_AreNotCompared()
    {
        (_, RevisionConfig serving) = Rendered(Small);
        (ModelConfig config, RevisionConfig revision) = Rendered(Small + "scaling: { min: 2 }\n");
        Assert.Equal(PlanAction.None, Planner.Plan(config, Prod, revision, newVersion: false, new(serving)).Action);
    }

    [Fact]
    public void WhatHasNoEffectYet_IsSaid()
    {
        ModelConfig config = Rendered("model: iris\nsource: m.onnx\ncontract: none\nscaling: { min: 0, max: 4 }\nrollout: { strategy: canary }\nresources: { gpus: 1 }\nruntime: { code: model.py }\ntests: { unit: pytest }\n").Config;
        Assert.Equal(
            ["`scaling.max` 4", "`scaling.min` 0", "`rollout.strategy` canary", "`resources.gpus` reserves"],
            Planner.Notes(config, Prod).Select(note => string.Join(' ', note.Split(' ').Take(2))));
    }

    [Fact]
    public void WhatChoosesNodes_HasNoEffectOnThisMachine_AndIsSaid()
    {
        ModelConfig config = Rendered(Small + "resources: { accelerator: A100, custom: { license: 1 }, labels: { zone: a } }\n").Config;
        Assert.Equal(
            ["`resources.accelerator` has no effect on embedded", "`resources.custom` has no effect on embedded", "`resources.labels` has no effect on embedded"],
            Planner.Notes(config, Prod).Select(note => note.Split(':')[0]));
        Assert.Empty(Planner.Notes(config, Prod with { Compute = "ray" }));
    }

    [Fact]
    public void WhatChoosesNodes_IsPlannedNameByName()
    {
        (ModelConfig config, RevisionConfig revision) = Rendered(Small + "resources: { custom: { license: 1 } }\nenvironments: { prod: { resources: { labels: { ray.io/zone: a }, accelerator: L4 } } }\n");
        FieldChange[] changes = [.. Planner.Plan(config, Prod, revision, newVersion: true, current: null).Changes.Where(change => change.Key.StartsWith("resources.", StringComparison.Ordinal)).Skip(3)];
        Assert.Equal(
            [
                new("resources.accelerator", null, "L4", "spec, environments.prod"),
                new("resources.custom.license", null, "1", "spec"),
                new("resources.labels.ray.io/zone", null, "a", "spec, environments.prod"),
            ],
            changes);
    }

    [Fact]
    public void EveryLineOfARenderedRevision_IsExplained()
    {
        (ModelConfig config, RevisionConfig revision) = Rendered(SpecTexts.Full);
        RenderedRevision rendered = Planner.Explain(config, Prod, revision);
        Assert.All(rendered.Values, line => Assert.True(line.Reason.Length > 10 && line.Origin.Length > 0, line.Key));
        Golden.Matches("render.txt", string.Concat(rendered.Values.Select(line => $"{line.Key}: {line.Value}\n  {line.Reason} ({line.Origin}{(line.Location is null ? "" : $", {line.Location}")})\n")));
    }

    [Fact]
    public void PlanAndRender_TravelAsJson()
    {
        (ModelConfig config, RevisionConfig revision) = Rendered(Small + "scaling: { max: 4 }\n");
        EndpointPlan plan = Planner.Plan(config, Prod, revision, newVersion: true, current: null);
        string json = JsonSerializer.Serialize(plan, ApiJson.Default.EndpointPlan);
        Assert.Contains("\"action\":\"create\"", json, StringComparison.Ordinal);
        Assert.Equal(plan.Changes, JsonSerializer.Deserialize(json, ApiJson.Default.EndpointPlan)!.Changes);
        string rendered = JsonSerializer.Serialize(Planner.Explain(config, Prod, revision), ApiJson.Default.RenderedRevision);
        Assert.Equal(revision.Id, JsonSerializer.Deserialize(rendered, ApiJson.Default.RenderedRevision)!.Revision.Id);
    }

    private static (ModelConfig Config, RevisionConfig Revision) Rendered(string text)
    {
        ModelConfig config = SpecResolver.Resolve(SpecReader.Read(text, SpecReader.FileName).Value, Prod, null).Value;
        return (config, Render(config, Prod));
    }

    private static RevisionConfig Render(ModelConfig config, EnvironmentConfig environment) =>
        RevisionRenderer.Render(config, environment, 1, new string('a', 64), RuntimeKind.Onnx, "model.onnx");
}

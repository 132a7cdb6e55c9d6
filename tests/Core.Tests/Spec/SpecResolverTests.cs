using Raywright.Core.Contracts;
using Raywright.Core.Errors;
using Raywright.Core.Spec;
using Raywright.Core.Tensors;
using Xunit;

namespace Raywright.Core.Tests.Spec;

/// <summary>Precedence, origins, locks and bounds.</summary>
public sealed class SpecResolverTests
{
    private static readonly Contract Iris = new(
        [new InputField("features", DataType.Float32, [-1, 4])],
        [new OutputField("label", DataType.Int64, [-1]), new OutputField("probabilities", DataType.Float32, [-1, 3])]);

    [Fact]
    public void EachLayer_WinsOverTheOneBelow_AndIsNamedAsOrigin()
    {
        SpecMap overrides = SpecReader.ReadOverrides("resources: { memory: 1Gi }\nvariables: { REGION: eu }\n", "prod").Value;
        ModelConfig config = Resolve(SpecTexts.Full, new("prod", Overrides: overrides)).Value;
        Assert.Equal(new ResourcesConfig(1, 1L << 30), config.Resources);
        Assert.Equal(new ScalingConfig(2, 20), config.Scaling);
        Assert.Equal(TimeSpan.FromMilliseconds(5), config.Batching.MaxWait);
        Assert.Equal([5, 25, 50], config.Rollout.Steps);
        Assert.Equal(OriginLayer.Environment, config.Origins["resources.memory"].Layer);
        Assert.Equal(OriginLayer.SpecEnvironment, config.Origins["scaling.max"].Layer);
        Assert.Equal(new FieldOrigin(OriginLayer.Spec, new SourceLocation("s.yaml", 10, 23)), config.Origins["batching.max_size"]);
        Assert.Equal(new FieldOrigin(OriginLayer.Spec, new SourceLocation("s.yaml", 9, 20)), config.Origins["resources.cpus"]);
    }

    [Fact]
    public void Variables_AddToEachOtherNameByName()
    {
        const string Text = "model: iris\nsource: m.onnx\nvariables: { A: root, B: root }\nenvironments: { prod: { variables: { B: prod, C: prod } } }\n";
        ModelConfig config = Resolve(Text, new("prod", Overrides: SpecReader.ReadOverrides("variables: { C: environment }", "e").Value)).Value;
        Assert.Equal(["A=root", "B=prod", "C=environment"], config.Variables.Select(pair => $"{pair.Key}={pair.Value}"));
        Assert.Equal([OriginLayer.Spec, OriginLayer.SpecEnvironment, OriginLayer.Environment], config.Variables.Keys.Select(name => config.Origins[$"variables.{name}"].Layer));
    }

    [Fact]
    public void WhatChoosesNodes_IsLaidOverNameByName()
    {
        const string Text = "model: iris\nsource: m.onnx\nresources: { accelerator: A100, custom: { license: 1, disk: 2 }, labels: { zone: a } }\nenvironments: { prod: { resources: { accelerator: L4, custom: { disk: 3 }, labels: { spot: \"!yes\" } } } }\n";
        ModelConfig config = Resolve(Text, new("prod", Overrides: SpecReader.ReadOverrides("resources: { labels: { zone: b } }", "e").Value)).Value;
        Assert.Equal("L4", config.Resources.Accelerator);
        Assert.Equal(["disk=3", "license=1"], config.Resources.Custom!.Select(pair => $"{pair.Key}={pair.Value}"));
        Assert.Equal(["spot=!yes", "zone=b"], config.Resources.Labels!.Select(pair => $"{pair.Key}={pair.Value}"));
        Assert.Equal(
            [OriginLayer.SpecEnvironment, OriginLayer.SpecEnvironment, OriginLayer.Spec, OriginLayer.SpecEnvironment, OriginLayer.Environment],
            new[] { "accelerator", "custom.disk", "custom.license", "labels.spot", "labels.zone" }.Select(key => config.Origins[$"resources.{key}"].Layer));
    }

    [Fact]
    public void AnotherEnvironment_SeesNothingOfProd()
    {
        ModelConfig config = Resolve(SpecTexts.Full, new("dev")).Value;
        Assert.Equal((new ScalingConfig(1, 4), 0.5, TimeSpan.FromSeconds(1), "info"), (config.Scaling, config.Resources.Cpus, config.Batching.MaxWait, config.Variables["LOG_LEVEL"]));
    }

    [Fact]
    public void EveryValue_HasAnOrigin()
    {
        ModelConfig config = Resolve("model: iris\nsource: m.onnx\n", new("dev")).Value;
        Assert.Equal(
            ["batching.max_size", "batching.max_wait", "inputs.features", "model", "outputs.label", "outputs.probabilities", "resources.cpus", "resources.gpus", "resources.memory", "rollout.strategy", "scaling.max", "scaling.min", "source"],
            config.Origins.Keys);
        Assert.Equal(OriginLayer.Artifact, config.Origins["outputs.label"].Layer);
        Assert.Equal(OriginLayer.Default, config.Origins["resources.cpus"].Layer);
    }

    [Theory]
    [InlineData("resources.cpus")]
    [InlineData("resources")]
    public void ALockedKey_MayNotBeWritten(string locked)
    {
        Problem problem = Assert.Single(Resolve("model: iris\nsource: m.onnx\nresources: { cpus: 4 }\n", new("prod", Locks: [locked])).Problems);
        Assert.Equal((Catalogue.FieldLocked, 3), (problem.Definition, problem.Location!.Value.Line));
    }

    [Fact]
    public void ALockedKeyThatTheEnvironmentSets_LeavesTheRootForOtherEnvironments()
    {
        EnvironmentConfig prod = new("prod", Overrides: SpecReader.ReadOverrides("resources: { cpus: 2 }", "e").Value, Locks: ["resources.cpus"]);
        Assert.Equal(2, Resolve("model: iris\nsource: m.onnx\nresources: { cpus: 4 }\n", prod).Value.Resources.Cpus);
        Assert.Equal("RW1011", Assert.Single(Resolve("model: iris\nsource: m.onnx\nenvironments: { prod: { resources: { cpus: 4 } } }\n", prod).Problems).Code);
    }

    [Theory]
    [InlineData("scaling: { max: 9 }", "`scaling.max` is 9; the environment prod allows 8.")]
    [InlineData("resources: { cpus: 4.5 }", "`resources.cpus` is 4.5; the environment prod allows 4.")]
    [InlineData("resources: { memory: 3Gi }", "`resources.memory` is 3Gi; the environment prod allows 2Gi.")]
    [InlineData("resources: { gpus: 1 }", "`resources.gpus` is 1; the environment prod allows 0.")]
    public void MoreThanTheEnvironmentAllows_IsRefused(string line, string words) =>
        Assert.Equal(words, Assert.Single(Resolve(SpecTexts.With(line), new("prod", MostReplicas: 8, MostCpus: 4, MostMemoryBytes: 2L << 30, MostGpus: 0)).Problems).Detail);

    [Fact]
    public void ABoundBelowWhatTheEnvironmentItselfSets_IsFoundToo() =>
        Assert.Equal("RW1009", Assert.Single(Resolve(SpecTexts.With("scaling: { max: 2 }"), new("prod", Overrides: SpecReader.ReadOverrides("scaling: { min: 3 }", "e").Value)).Problems).Code);

    [Fact]
    public void AFixedBatch_IsNeverBatched_AndAWishForItIsAnError()
    {
        Contract single = Iris with { Inputs = [new InputField("features", DataType.Float32, [1, 4])] };
        ModelConfig config = SpecResolver.Resolve(SpecReader.Read("model: iris\nsource: m.onnx\n", "s.yaml").Value, new("dev"), single).Value;
        Assert.Equal((1, OriginLayer.Artifact), (config.Batching.MaxSize, config.Origins["batching.max_size"].Layer));
        Problem problem = Assert.Single(SpecResolver.Resolve(SpecReader.Read(SpecTexts.With("batching: { max_size: 8 }"), "s.yaml").Value, new("dev"), single).Problems);
        Assert.Equal(("RW1009", new SourceLocation("s.yaml", 3, 23)), (problem.Code, problem.Location!.Value));
        SpecMap overrides = SpecReader.ReadOverrides("batching: { max_size: 8 }", "e").Value;
        Assert.Equal(1, SpecResolver.Resolve(SpecReader.Read("model: iris\nsource: m.onnx\n", "s.yaml").Value, new("dev", Overrides: overrides), single).Value.Batching.MaxSize);
    }

    [Fact]
    public void NoContractAtAll_IsAProblem_UnlessTheSpecSaysNone()
    {
        Assert.Equal("RW1004", Assert.Single(SpecResolver.Resolve(SpecReader.Read("model: iris\nsource: m.pkl\n", "s.yaml").Value, new("dev"), null).Problems).Code);
        ModelConfig none = SpecResolver.Resolve(SpecReader.Read(SpecTexts.With("contract: none"), "s.yaml").Value, new("dev"), Iris).Value;
        Assert.Equal((true, 1), (none.Contract.PassThrough, none.Batching.MaxSize));
    }

    [Fact]
    public void ACanaryWithoutSteps_HasSteps() =>
        Assert.Equal([5, 25, 50], Resolve(SpecTexts.With("rollout: { strategy: canary }"), new("dev")).Value.Rollout.Steps);

    private static Result<ModelConfig> Resolve(string text, EnvironmentConfig environment) => SpecResolver.Resolve(SpecReader.Read(text, "s.yaml").Value, environment, Iris);
}

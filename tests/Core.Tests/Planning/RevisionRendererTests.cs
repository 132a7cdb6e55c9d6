using System.Collections.Immutable;
using Raywright.Core.Api;
using Raywright.Core.Contracts;
using Raywright.Core.Engines;
using Raywright.Core.Planning;
using Raywright.Core.Spec;
using Raywright.Core.Tensors;
using Xunit;

namespace Raywright.Core.Tests.Planning;

/// <summary>Identity (DESIGN 5): what makes another revision, another version, other evidence.</summary>
public sealed class RevisionRendererTests
{
    private static readonly EnvironmentConfig Dev = new("dev");

    private static readonly ModelConfig Config = new()
    {
        Model = "iris",
        Source = "model.onnx",
        Contract = new([new InputField("x", DataType.Float32, [-1, 4])], [new OutputField("y", DataType.Int64, [-1])]),
        Variables = ImmutableSortedDictionary<string, string>.Empty.Add("A", "1"),
        Tests = new("tests/cases.jsonl", null, new("accuracy", 0.85, null)),
    };

    public static TheoryData<string, ModelConfig> OtherRevisions => new()
    {
        { "cpus", Config with { Resources = Config.Resources with { Cpus = 2 } } },
        { "memory", Config with { Resources = Config.Resources with { MemoryBytes = 1 } } },
        { "gpus", Config with { Resources = Config.Resources with { Gpus = 0.5 } } },
        { "accelerator", Config with { Resources = Config.Resources with { Accelerator = "A100" } } },
        { "custom", Config with { Resources = Config.Resources with { Custom = Amounts("license", 1) } } },
        { "labels", Config with { Resources = Config.Resources with { Labels = Labels("zone", "a") } } },
        { "max_size", Config with { Batching = Config.Batching with { MaxSize = 1 } } },
        { "max_wait", Config with { Batching = Config.Batching with { MaxWait = TimeSpan.FromMilliseconds(5.001) } } },
        { "variable", Config with { Variables = Config.Variables.SetItem("A", "2") } },
        { "variables that look like one another", Config with { Variables = Config.Variables.SetItem("A", "1\nB=2") } },
        { "contract", Config with { Contract = Config.Contract with { Outputs = [new OutputField("y", DataType.Int64, [-1], LabelSet.List(["a", "b"]))] } } },
    };

    public static TheoryData<string, ModelConfig> SameRevision => new()
    {
        { "scaling", Config with { Scaling = new(3, 9) } },
        { "rollout", Config with { Rollout = new("canary", [5]) } },
        { "tests", Config with { Tests = new(null, null, null) } },
        { "task", Config with { Task = "classification" } },
        { "origins", Config with { Origins = ImmutableSortedDictionary<string, FieldOrigin>.Empty.Add("task", new(OriginLayer.Spec)) } },
    };

    [Fact]
    public void TheId_NamesModelEnvironmentVersionAndHash()
    {
        RevisionConfig revision = Render(Config);
        Assert.Matches("^iris-dev-7-[0-9a-f]{8}$", revision.Id);
        Assert.Equal(("iris", "dev", "embedded", 7, "d1", 1), (revision.Model, revision.Environment, revision.Compute, revision.Version, revision.Digest, revision.Replicas));
        Assert.Equal(revision.Id, Render(Config).Id);
    }

    [Theory]
    [MemberData(nameof(OtherRevisions))]
    public void WhatAReplicaDependsOn_MakesAnotherRevision(string what, ModelConfig other) =>
        Assert.True(Render(Config).Id != Render(other).Id, what);

    [Theory]
    [MemberData(nameof(SameRevision))]
    public void SettingsOfTheEndpoint_MakeNone(string what, ModelConfig other) =>
        Assert.True(Render(Config).Id == Render(other).Id, what);

    [Fact]
    public void EnvironmentVersionDigestAndCompute_MakeAnother()
    {
        string[] ids =
        [
            Render(Config).Id,
            RevisionRenderer.Render(Config, new("prod"), 7, "d1", RuntimeKind.Onnx, "model.onnx").Id,
            RevisionRenderer.Render(Config, Dev with { Compute = "ray" }, 7, "d1", RuntimeKind.Onnx, "model.onnx").Id,
            RevisionRenderer.Render(Config, Dev, 8, "d1", RuntimeKind.Onnx, "model.onnx").Id,
            RevisionRenderer.Render(Config, Dev, 7, "d2", RuntimeKind.Onnx, "model.onnx").Id,
        ];
        Assert.Equal(ids.Length, ids.Distinct(StringComparer.Ordinal).Count());
    }

    /// <summary>The hash as it was before nodes could be chosen: what serves somewhere keeps its name.</summary>
    [Fact]
    public void ARevisionThatChoosesNoNode_KeepsItsName() => Assert.Equal("iris-dev-7-6cb2a85a", Render(Config).Id);

    [Fact]
    public void ChoicesOfNodesThatLookLikeOneAnother_AreDifferentRevisions()
    {
        ResourcesConfig resources = Config.Resources;
        string[] ids =
        [
            Render(Config with { Resources = resources with { Custom = Amounts("a", 1) } }).Id,
            Render(Config with { Resources = resources with { Custom = Amounts("a", 2) } }).Id,
            Render(Config with { Resources = resources with { Labels = Labels("a", "1") } }).Id,
            Render(Config with { Resources = resources with { Labels = Labels("a", "2") } }).Id,
            Render(Config with { Resources = resources with { Accelerator = "a" } }).Id,
            Render(Config with { Resources = resources with { Accelerator = "1" } }).Id,
            Render(Config with { Variables = Config.Variables.SetItem("accelerator", "a") }).Id,
        ];
        Assert.Equal(ids.Length, ids.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void Resources_AreEqual_InWhateverOrderTheyWereRead()
    {
        ResourcesConfig one = new(1, 2, 0, "A100", Amounts("a", 1).Add("B", 2), Labels("a", "x").Add("B", "y"));
        ResourcesConfig other = new(1, 2, 0, "A100", one.Custom!.WithComparers(StringComparer.OrdinalIgnoreCase), one.Labels!.WithComparers(StringComparer.OrdinalIgnoreCase));
        Assert.Equal(one, other);
        Assert.NotEqual(one, one with { Custom = Amounts("a", 1) });
        Assert.NotEqual(one, one with { Labels = Labels("a", "x").Add("B", "z") });
        Assert.NotEqual(one, one with { Accelerator = null });
    }

    [Fact]
    public void VariablesInAnotherOrder_AreTheSameRevision()
    {
        const string One = "model: iris\nsource: m.onnx\ncontract: none\nvariables: { A: x, B: y }\n", Two = "variables: { B: y, A: x }\nsource: m.onnx\ncontract: none\nmodel: iris\n";
        Assert.Equal(Render(Resolve(One)).Id, Render(Resolve(Two)).Id);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(3, 3)]
    public void Replicas_AreMin_AndAtLeastOne(int min, int replicas) =>
        Assert.Equal(replicas, Render(Config with { Scaling = new(min, 5) }).Replicas);

    [Fact]
    public void AVersion_IsItsFilesContractAndRuntime()
    {
        string version = RevisionRenderer.VersionIdentity("d1", Config.Contract, "onnx");
        Assert.Equal(version, RevisionRenderer.VersionIdentity("d1", Config.Contract with { }, "onnx"));
        Assert.NotEqual(version, RevisionRenderer.VersionIdentity("d2", Config.Contract, "onnx"));
        Assert.NotEqual(version, RevisionRenderer.VersionIdentity("d1", Contract.None, "onnx"));
        Assert.NotEqual(version, RevisionRenderer.VersionIdentity("d1", Config.Contract, "python class"));
    }

    [Fact]
    public void Evidence_IsAboutVersionTestsResourcesAndBatching_AndNothingElse()
    {
        FileReference[] cases = [new("tests/cases.jsonl", 10, "aa")];
        string evidence = RevisionRenderer.EvidenceIdentity("v", Config, cases);
        Assert.Equal(evidence, RevisionRenderer.EvidenceIdentity("v", Config with { Scaling = new(2, 3), Rollout = new("canary", [5]), Variables = Config.Variables.Clear() }, cases));
        string[] others =
        [
            evidence,
            RevisionRenderer.EvidenceIdentity("w", Config, cases),
            RevisionRenderer.EvidenceIdentity("v", Config, [new("tests/cases.jsonl", 10, "bb")]),
            RevisionRenderer.EvidenceIdentity("v", Config with { Tests = Config.Tests with { Unit = "pytest" } }, cases),
            RevisionRenderer.EvidenceIdentity("v", Config with { Tests = Config.Tests with { Quality = new("accuracy", 0.9, null) } }, cases),
            RevisionRenderer.EvidenceIdentity("v", Config with { Tests = Config.Tests with { Quality = new("accuracy", null, 0.85) } }, cases),
            RevisionRenderer.EvidenceIdentity("v", Config with { Tests = Config.Tests with { Parity = "model.joblib" } }, cases),
            RevisionRenderer.EvidenceIdentity("v", Config with { Resources = new(2, 1) }, cases),
            RevisionRenderer.EvidenceIdentity("v", Config with { Batching = new(1, TimeSpan.Zero) }, cases),
        ];
        Assert.Equal(others.Length, others.Distinct(StringComparer.Ordinal).Count());
    }

    private static ImmutableSortedDictionary<string, double> Amounts(string name, double amount) => ImmutableSortedDictionary.Create<string, double>(StringComparer.Ordinal).Add(name, amount);

    private static ImmutableSortedDictionary<string, string> Labels(string name, string value) => ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal).Add(name, value);

    private static RevisionConfig Render(ModelConfig config) => RevisionRenderer.Render(config, Dev, 7, "d1", RuntimeKind.Onnx, "model.onnx");

    private static ModelConfig Resolve(string text) => SpecResolver.Resolve(SpecReader.Read(text, "s.yaml").Value, Dev, null).Value;
}

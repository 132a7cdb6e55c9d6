using Raywright.Core.Contracts;
using Raywright.Core.Errors;
using Raywright.Core.Spec;
using Raywright.Core.Tensors;
using Xunit;

namespace Raywright.Core.Tests.Spec;

/// <summary>How the contract that a spec writes joins the one that the artifact declares.</summary>
public sealed class SpecContractTests
{
    private static readonly Contract Artifact = new(
        [new InputField("features", DataType.Float32, [-1, -1]), new InputField("mask", DataType.Bool, [-1], Optional: true)],
        [new OutputField("label", DataType.Int64, [-1]), new OutputField("probabilities", DataType.Float32, [-1, 3])]);

    [Fact]
    public void ASpecMayDescribeFurther_AndNameAnOpenSize()
    {
        Contract contract = Join("inputs: [{ name: features, type: float32, shape: [-1, 2], columns: [a, b], min: 0, nullable: true, units: [cm, kg], description: flower }]").Value;
        Assert.Equal(new InputField("features", DataType.Float32, [-1, 2], Columns: ["a", "b"], Min: 0, Nullable: true, Description: "flower", Units: ["cm", "kg"]), contract.Inputs[0]);
        Assert.Equal(Artifact.Inputs[1], contract.Inputs[1]);
        Assert.Equal(Artifact.Outputs, contract.Outputs);
    }

    [Fact]
    public void TheOrderOfTheArtifact_Stays() =>
        Assert.Equal(["features", "mask"], Join("inputs: [{ name: mask, type: bool, shape: [-1] }, { name: features, type: float32, shape: [-1, -1] }]").Value.Inputs.Select(input => input.Name));

    [Fact]
    public void WhatTheSpecDoesNotSay_StaysAsTheArtifactHasIt() =>
        Assert.True(Join("inputs: [{ name: mask, type: bool, shape: [-1] }]").Value.Inputs[1].Optional);

    [Theory]
    [InlineData("inputs: [{ name: featres, type: float32, shape: [-1, 4] }]", "Write `features`")]
    [InlineData("inputs: [{ name: features, type: float64, shape: [-1, 4] }]", "Write `type: float32`")]
    [InlineData("inputs: [{ name: features, type: float32, shape: [-1] }]", "Write `shape: [-1, -1]`")]
    [InlineData("inputs: [{ name: features, type: float32, shape: [-1, 4], optional: true }]", "Remove `optional`")]
    [InlineData("outputs: [{ name: probabilities, type: float32, shape: [-1, 4] }]", "Write `shape: [-1, 3]`")]
    [InlineData("outputs: [{ name: probabilities, type: float32, shape: [-1, -1] }]", "Write `shape: [-1, 3]`")]
    [InlineData("outputs: [{ name: score, type: float32, shape: [-1] }]", "label, probabilities")]
    public void AContradiction_IsLocated_AndSaysWhatTheArtifactHas(string line, string words)
    {
        Problem problem = Assert.Single(Join(line).Problems);
        Assert.Equal((Catalogue.ContractMismatch, 3), (problem.Definition, problem.Location!.Value.Line));
        Assert.Contains(words, problem.Fix!, StringComparison.Ordinal);
    }

    [Fact]
    public void Scores_TakeTheNamesOfTheClasses()
    {
        Contract contract = Join("outputs: [{ name: label, type: int64, shape: [-1], labels: [setosa, versicolor, virginica] }]").Value;
        Assert.Equal(["setosa", "versicolor", "virginica"], contract.Outputs[1].Labels!.Names);
    }

    [Fact]
    public void ScoresWithRawValuesAsLabels_TakeTheNamesToo()
    {
        LabelSet raw = LabelSet.List(["0", "1", "2"]);
        Contract zipMap = Artifact with { Outputs = [Artifact.Outputs[0], Artifact.Outputs[1] with { Labels = raw }] };
        const string Text = "model: iris\nsource: m.onnx\noutputs: [{ name: label, type: int64, shape: [-1], labels: [a, b, c] }]\n";
        Contract contract = SpecResolver.Resolve(SpecReader.Read(Text, "s.yaml").Value, new("dev"), zipMap).Value.Contract;
        Assert.Equal(["a", "b", "c"], contract.Outputs[1].Labels!.Names);
    }

    [Fact]
    public void ScoresOfAnotherNumberOfClasses_KeepNone() =>
        Assert.Null(Join("outputs: [{ name: label, type: int64, shape: [-1], labels: [no, yes] }]").Value.Outputs[1].Labels);

    [Fact]
    public void TwoSetsOfLabels_LeaveItOpenWhichIsMeant()
    {
        LabelSet one = LabelSet.List(["a", "b"]), two = LabelSet.List(["c", "d"]);
        Contract contract = new([], [new("x", DataType.Int64, [-1], one), new("y", DataType.Int64, [-1], two), new("s", DataType.Float32, [-1, 2])]);
        Assert.Null(ClassNames.Spread(contract).Outputs[2].Labels);
    }

    [Theory]
    [InlineData("string", "[loyal, leaves]", "loyal,leaves")]
    [InlineData("int8", "[loyal, leaves]", "0,1")]
    [InlineData("bool", "{ true: loyal, false: leaves }", "1,0")]
    [InlineData("int64", "{ 1: loyal, -1: leaves }", "1,-1")]
    public void Labels_StandForTheRawValuesOfTheirType(string type, string labels, string keys)
    {
        string text = SpecTexts.With($"inputs: [{{ name: x, type: float32, shape: [-1] }}]\noutputs: [{{ name: y, type: {type}, shape: [-1], labels: {labels} }}]");
        LabelSet found = SpecResolver.Resolve(SpecReader.Read(text, "s.yaml").Value, new("dev"), null).Value.Contract.Outputs[0].Labels!;
        Assert.Equal((keys, "loyal,leaves"), (string.Join(',', found.Keys), string.Join(',', found.Names)));
    }

    [Fact]
    public void ValuesOfNumbers_AreTheSameHoweverWritten()
    {
        Contract contract = SpecResolver.Resolve(SpecReader.Read(SpecTexts.With("inputs: [{ name: x, type: float32, shape: [-1], values: [1.0, 2e1] }]\noutputs: [{ name: y, type: float32, shape: [-1] }]"), "s.yaml").Value, new("dev"), null).Value.Contract;
        Assert.Equal(["1", "20"], contract.Inputs[0].Values);
    }

    [Fact]
    public void AnArtifactWithAnAbsurdRow_IsRefused()
    {
        Contract absurd = Artifact with { Inputs = [new InputField("features", DataType.Float32, [-1, int.MaxValue, int.MaxValue, int.MaxValue])] };
        Assert.Equal("RW1009", Assert.Single(SpecResolver.Resolve(SpecReader.Read("model: iris\nsource: m.onnx\n", "s.yaml").Value, new("dev"), absurd).Problems).Code);
    }

    [Fact]
    public void AnArtifactThatNamesAClassTwice_NamesNone()
    {
        Contract odd = Artifact with { Outputs = [new OutputField("label", DataType.String, [-1], new LabelSet(["a", "a"], ["a", "a"]))] };
        Assert.Null(SpecResolver.Resolve(SpecReader.Read("model: iris\nsource: m.onnx\n", "s.yaml").Value, new("dev"), odd).Value.Contract.Outputs[0].Labels);
    }

    private static Result<Contract> Join(string line)
    {
        Result<ModelConfig> config = SpecResolver.Resolve(SpecReader.Read(SpecTexts.With(line), "s.yaml").Value, new("dev"), Artifact);
        return config.Ok ? config.Value.Contract : config.Problems;
    }
}

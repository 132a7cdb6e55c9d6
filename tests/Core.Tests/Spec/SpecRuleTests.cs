using Raywright.Core.Errors;
using Raywright.Core.Spec;
using Xunit;

namespace Raywright.Core.Tests.Spec;

/// <summary>Each rule of a spec with the words that it says, or its silence.</summary>
public sealed class SpecRuleTests
{
    /// <summary>Text of the spec, code, a piece of the message or of the advice.</summary>
    public static TheoryData<string, string, string> Wrong => new()
    {
        { "model: Iris_Model\nsource: m.onnx", "RW1008", "Write `iris-model`." },
        { $"model: {new string('a', 31)}\nsource: m.onnx", "RW1008", "no name for a model" },
        { "model: \"iris\\n\"\nsource: m.onnx", "RW1008", "no name for a model" },
        { "model: iris\nsource: ../m.onnx", "RW1007", "without `..`" },
        { "model: iris\nsource: ./m.onnx", "RW1007", "Write `m.onnx`." },
        { "model: iris\nsource: mlfow://iris@champion", "RW1006", "Write mlflow://" },
        { SpecTexts.With("task: ~"), "RW1005", "means nothing" },
        { SpecTexts.With("task: [a]"), "RW1005", "a list" },
        { SpecTexts.With("contract: nothing"), "RW1006", "Write `none`" },
        { SpecTexts.With("resorces: { cpus: 1 }"), "RW1002", "Write `resources`." },
        { SpecTexts.With("cpus: 1"), "RW1002", "`resources.cpus`" },
        { SpecTexts.With("resources: { cpus: two }"), "RW1005", "Write a number." },
        { SpecTexts.With("resources: { cpus: 0 }"), "RW1006", "from 0.1 to 1024" },
        { SpecTexts.With("resources: { cpus: 1e400 }"), "RW1005", "a number" },
        { SpecTexts.With("resources: { memory: 512MB }"), "RW1005", "Write `512Mi`." },
        { SpecTexts.With("resources: { memory: 512 }"), "RW1006", "Write `512Mi`." },
        { SpecTexts.With("resources: { memory: -1Gi }"), "RW1005", "a size such as" },
        { SpecTexts.With("resources: { gpus: 1.5 }"), "RW1006", "Write 1 or 2." },
        { SpecTexts.With("environments: { prod: { resources: { gpus: 2.25 } } }"), "RW1006", "environments.prod.resources.gpus" },
        { SpecTexts.With("resources: { gpus: 0.00001 }"), "RW1006", "smallest part" },
        { SpecTexts.With("resources: { accelerator: NVIDIA A100 }"), "RW1006", "such as A100" },
        { SpecTexts.With("resources: { custom: { GPU: 1 } }"), "RW1008", "resources.gpus" },
        { SpecTexts.With("resources: { custom: { memory: 1 } }"), "RW1008", "resources.memory" },
        { SpecTexts.With("resources: { custom: { license: 0 } }"), "RW1006", "from 0.0001 to 1000000" },
        { SpecTexts.With("resources: { custom: { license: many } }"), "RW1005", "a number" },
        { SpecTexts.With("resources: { custom: { my license: 1 } }"), "RW1008", "a resource" },
        { SpecTexts.With("resources: { custom: [license] }"), "RW1005", "an object of names" },
        { SpecTexts.With("resources: { labels: { -zone: a } }"), "RW1008", "a label" },
        { SpecTexts.With("resources: { labels: { zone: a b } }"), "RW1006", "`!value`" },
        { SpecTexts.With("resources: { labels: { zone: in() } }"), "RW1006", "in(a, b)" },
        { SpecTexts.With("resources: { labels: { zone: \"!!a\" } }"), "RW1006", "`!value`" },
        { SpecTexts.With("batching: { max_wait: 5 }"), "RW1005", "Write `5ms`." },
        { SpecTexts.With("batching: { max_wait: 3 days }"), "RW1005", "a time such as" },
        { SpecTexts.With("batching: { max_size: 1.5 }"), "RW1005", "a whole number" },
        { SpecTexts.With("scaling: { min: 3, max: 2 }"), "RW1009", "above `max`" },
        { SpecTexts.With("scaling: { max: 3 }\nenvironments: { prod: { scaling: { min: 4 } } }"), "RW1009", "environments.prod.scaling.min" },
        { SpecTexts.With("rollout: { strategy: canary, steps: [50, 25] }"), "RW1009", "Write [25, 50]." },
        { SpecTexts.With("rollout: { strategy: canary, steps: [0, 25] }"), "RW1006", "from 1 to 99" },
        { SpecTexts.With("rollout: { steps: [5] }"), "RW1009", "strategy: canary" },
        { SpecTexts.With("environments: { productionenvironment: { scaling: { min: 1 } } }"), "RW1008", "an environment" },
        { SpecTexts.With("environments: { prod: { model: two } }"), "RW1002", "of the whole spec" },
        { SpecTexts.With("variables: { A-B: x }"), "RW1008", "a variable" },
        { SpecTexts.With("variables: { RAYWRIGHT_KEY: x }"), "RW1008", "belong to the product" },
        { SpecTexts.With("variables: { A: \"x\\0\" }"), "RW1006", "NUL" },
        { SpecTexts.With("variables: { A: [x] }"), "RW1005", "a text" },
        { SpecTexts.With("tests: { cases: /tmp/cases.jsonl }"), "RW1007", "plain path" },
        { SpecTexts.With("tests: { cases: c.jsonl, quality: { metric: accuracy } }"), "RW1009", "Add `at_least`" },
        { SpecTexts.With("tests: { cases: c.jsonl, quality: { metric: acuracy, at_least: 0.5 } }"), "RW1006", "Write `accuracy`" },
        { SpecTexts.With("tests: { cases: c.jsonl, quality: { metric: accuracy, at_least: 85 } }"), "RW1006", "Write 0.85." },
        { SpecTexts.With("tests: { cases: c.jsonl, quality: { metric: rmse, at_least: 3, at_most: 2 } }"), "RW1009", "nothing can pass" },
        { SpecTexts.With("tests: { quality: { metric: mae, at_most: 3 } }"), "RW1009", "Add `cases:" },
        { SpecTexts.With("tests: { parity: m.joblib }"), "RW1009", "compared over the inputs of the cases" },
        { SpecTexts.With("tests: { cases: c.jsonl, parity: model.onnx }"), "RW1009", "the `source` itself" },
        { SpecTexts.With("files: [a.txt, ../b.txt]"), "RW1007", "files[1]" },
        { SpecTexts.With("runtime: { python: 2.7 }"), "RW1006", "current" },
        { SpecTexts.With("runtime: { arrays: torch }"), "RW1006", "plain, numpy" },
    };

    public static TheoryData<string, string, string> WrongFields => new()
    {
        { SpecTexts.With("contract: none\ninputs: []"), "RW1009", "exclude each other" },
        { SpecTexts.With("inputs: [x]"), "RW1005", "an object of keys" },
        { SpecTexts.With("inputs: { x: y }"), "RW1005", "a list of objects" },
        { SpecTexts.Input("type: float32"), "RW1004", "inputs[0].shape" },
        { SpecTexts.Input("type: float33, shape: [-1]"), "RW1006", "Write `float32`" },
        { SpecTexts.Input("type: float32, shape: [-2]"), "RW1006", "from -1" },
        { SpecTexts.Input("type: float32, shape: [-1, 2000000000, 2000000000, 2000000000]"), "RW1009", "elements" },
        { SpecTexts.Input("type: float32, shape: [-1, 4], columns: [a, b]"), "RW1009", "2 columns do not fit" },
        { SpecTexts.Input("type: float32, shape: [-1], columns: [a, b]"), "RW1009", "shape: [-1, 2]" },
        { SpecTexts.Input("type: float32, shape: [-1, 2], columns: [a, a]"), "RW1009", "stands twice" },
        { SpecTexts.Input("type: float32, shape: [-1, 2], columns: [x, b]"), "RW1009", "could not say which" },
        { SpecTexts.Input("type: float32, shape: [-1], min: 2, max: 1"), "RW1009", "above `max`" },
        { SpecTexts.Input("type: float32, shape: [-1, 4], units: [cm, kg]"), "RW1009", "2 units do not fit the last dimension, which is 4" },
        { SpecTexts.Input("type: float32, shape: [-1], units: [cm, kg]"), "RW1009", "2 units do not fit the batch alone" },
        { SpecTexts.Output("type: string, shape: [-1], units: [cm]"), "RW1009", "means nothing for string" },
        { SpecTexts.Output("type: float32, shape: [-1], units: []"), "RW1009", "the list is empty" },
        { SpecTexts.Input("type: string, shape: [-1], max: 1"), "RW1009", "mean nothing for string" },
        { SpecTexts.Input("type: bool, shape: [-1], values: [1]"), "RW1009", "means nothing for bool" },
        { SpecTexts.Input("type: int64, shape: [-1], values: [1, 2.5]"), "RW1009", "2.5 is no int64" },
        { SpecTexts.Input("type: uint8, shape: [-1], values: [256]"), "RW1009", "256 is no uint8" },
        { SpecTexts.Input("type: float32, shape: [-1], values: [a]"), "RW1009", "a is no float32" },
        { SpecTexts.Input("type: float32, shape: [-1], values: [5], max: 3"), "RW1009", "lies outside" },
        { SpecTexts.Input("type: int32, shape: [-1], nullable: true"), "RW1009", "no value for null" },
        { SpecTexts.Input("type: float32, shape: [-1], nullable: yes"), "RW1005", "true or false" },
        { SpecTexts.Input("type: float32, shape: [-1], labels: [a]"), "RW1002", "`outputs.labels`" },
        { SpecTexts.With("inputs: [{ name: x, type: float32, shape: [-1] }, { name: x, type: float32, shape: [-1] }]"), "RW1009", "Two inputs or columns" },
        { SpecTexts.Output("type: float32, shape: [-1, 3], labels: [a, b]"), "RW1009", "2 labels do not fit" },
        { SpecTexts.Output("type: float32, shape: [-1], labels: [a, b]"), "RW1009", "shape: [-1, 2]" },
        { SpecTexts.Output("type: int64, shape: [-1], labels: [a, a]"), "RW1009", "two classes" },
        { SpecTexts.Output("type: int64, shape: [-1], labels: []"), "RW1009", "empty" },
        { SpecTexts.Output("type: int64, shape: [-1], labels: { 01: a, 1: b }"), "RW1009", "01 is no int64" },
        { SpecTexts.Output("type: bool, shape: [-1], labels: { maybe: a }"), "RW1009", "true and false" },
        { SpecTexts.Output("type: json, shape: [-1], labels: [a]"), "RW1009", "mean nothing for json" },
        { SpecTexts.Output("type: int64, shape: [-1], labels: a"), "RW1005", "a list of names" },
        { SpecTexts.Output("type: int64, shape: [-1], nullable: true"), "RW1009", "Remove `nullable`" },
        { SpecTexts.With("outputs: [{ name: y, type: int8, shape: [-1] }, { name: y, type: int8, shape: [-1] }]"), "RW1009", "Two outputs" },
    };

    public static TheoryData<string> Right =>
    [
        SpecTexts.Full,
        SpecTexts.With("contract: none"),
        SpecTexts.With("variables: { EMPTY: \"\", NUMBER: 5, TRUTH: yes }"),
        SpecTexts.With("batching: { max_wait: 0 }"),
        SpecTexts.With("runtime: { python: current }"),
        SpecTexts.With("resources: { gpus: 0.25, accelerator: AMD-Instinct-MI300X-OAM, custom: { TPU: 4, \"node:__internal_head__\": 0.001 } }"),
        SpecTexts.With("resources: { gpus: 2, labels: { ray.io/accelerator-type: \"in(A100, H100)\", zone: \"!in(a,b)\", spot: \"!yes\", slot: 5 } }"),
        SpecTexts.With("rollout: { strategy: canary }\nenvironments: { prod: { rollout: { steps: [10, 20] } } }"),
        SpecTexts.With("scaling: { min: 2 }\nenvironments: { prod: { resources: { cpus: 2 } } }"),
        SpecTexts.Input("type: float32, shape: [-1, 1], columns: [x]"),
        SpecTexts.Input("type: float32, shape: [-1, -1], columns: [a, b]"),
        SpecTexts.Input("type: uint64, shape: [-1], values: [18446744073709551615]"),
        SpecTexts.Input("type: string, shape: [-1], values: [pro, \"\", 5, no], nullable: true"),
        SpecTexts.Output("type: string, shape: [-1], labels: [setosa, versicolor]"),
        SpecTexts.Output("type: bool, shape: [-1], labels: { true: loyal, false: leaves }"),
        SpecTexts.Output("type: int64, shape: [-1], labels: { -1: anomaly, 1: normal }"),
        "model: iris\nsource: mlflow://iris@champion",
    ];

    [Theory]
    [MemberData(nameof(Wrong))]
    [MemberData(nameof(WrongFields))]
    public void AMistake_IsTheOnlyProblem_AndSaysWhatToWrite(string text, string code, string words)
    {
        Problem problem = Assert.Single(SpecReader.Read(text, "s.yaml").Problems);
        Assert.Equal(code, problem.Code);
        Assert.Contains(words, $"{problem.Field} {problem.Detail} {problem.Advice}", StringComparison.Ordinal);
        Assert.Equal("s.yaml", problem.Location!.Value.File);
    }

    [Theory]
    [MemberData(nameof(Right))]
    public void WhatIsAllowed_Reads(string text) => Assert.Empty(SpecReader.Read(text, "s.yaml").Problems);
}

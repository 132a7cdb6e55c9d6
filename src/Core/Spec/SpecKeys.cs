using System.Collections.Immutable;
using Raywright.Core.Tensors;
using static Raywright.Core.Spec.SpecKind;

namespace Raywright.Core.Spec;

/// <summary>Every key of <c>raywright.yaml</c> (DESIGN 3).</summary>
public static class SpecKeys
{
    public const int LongestModel = 30;
    public const int LongestEnvironment = 12;

    private static readonly SpecKey[] FieldKeys =
    [
        new("name", Text, "Name in the artifact and on the wire.", Required: true),
        new("type", Text, "Element type.", Required: true, Options: [.. DataTypes.AllNames]),
        new("shape", Shape, "Dimensions; the first is the batch, -1 is any size.", Required: true),
        new("description", Text, "For people."),
        new("nullable", SpecKind.Boolean, "Whether an element may be null (NaN)."),
    ];

    private static readonly ImmutableArray<SpecKey> InputKeys =
    [
        .. FieldKeys,
        new("columns", TextList, "Names along the last dimension, so that a row can be an object."),
        new("values", ScalarList, "The allowed values."),
        new("min", Number, "Smallest allowed value."),
        new("max", Number, "Largest allowed value."),
        new("optional", SpecKind.Boolean, "Whether the input may be left out."),
    ];

    private static readonly ImmutableArray<SpecKey> OutputKeys =
    [
        .. FieldKeys,
        new("labels", Labels, "Names of the classes: a list for 0, 1, 2 …, or a map from raw value to name."),
    ];

    private static readonly ImmutableArray<SpecKey> ResourceKeys =
    [
        new("cpus", Number, "Cores of one replica.", Least: 0.1, Most: 1024),
        new("memory", Size, "Most memory of one replica, e.g. 512Mi."),
        new("gpus", Number, "GPUs of one replica, or a part of one.", Least: 0, Most: 64),
    ];

    /// <summary>What an environment may set differently.</summary>
    private static readonly ImmutableArray<SpecKey> Overridable =
    [
        new("resources", SpecKind.Object, "What one replica needs.", ResourceKeys),
        new("batching", SpecKind.Object, "How requests that wait for a busy replica travel together.",
        [
            new("max_size", Integer, "Most rows of one batch; 1 switches batching off.", Least: 1, Most: 65536),
            new("max_wait", Duration, "Longest time a row waits for a batch to fill."),
        ]),
        new("scaling", SpecKind.Object, "How many replicas run.",
        [
            new("min", Integer, "Fewest replicas.", Least: 0, Most: 10000),
            new("max", Integer, "Most replicas.", Least: 1, Most: 10000),
        ]),
        new("rollout", SpecKind.Object, "How traffic moves to a new revision.",
        [
            new("strategy", Text, "Replace at once, or by steps.", Options: ["replace", "canary"]),
            new("steps", IntegerList, "Percentages of a canary, rising.", Least: 1, Most: 99),
        ]),
        new("variables", TextMap, "Environment variables of the replica."),
    ];

    /// <summary>The whole spec.</summary>
    public static readonly ImmutableArray<SpecKey> Root =
    [
        new("model", Text, "Name of the model: lower-case letters, digits and dashes, at most 30.", Required: true),
        new("source", Text, "The artifact: a path beside the spec, or a registry address.", Required: true),
        new("task", Text, "A hint for the app and for templates, e.g. classification."),
        new("contract", Text, "`none` passes JSON through unchecked.", Options: ["none"]),
        new("inputs", ObjectList, "What the model takes; read from the artifact where it says so.", InputKeys),
        new("outputs", ObjectList, "What the model gives.", OutputKeys),
        new("files", TextList, "Files of the version besides the artifact, relative to the spec."),
        new("runtime", SpecKind.Object, "How a Python model runs.",
        [
            new("code", SpecKind.Path, "The file with the model's class."),
            new("requirements", SpecKind.Path, "Its requirements file."),
            new("python", Text, "`current`, or a version such as 3.11."),
            new("arrays", Text, "What inputs look like in Python.", Options: ["plain", "numpy"]),
        ]),
        .. Overridable,
        new("tests", SpecKind.Object, "What has to hold before traffic moves.",
        [
            new("cases", SpecKind.Path, "Questions and answers, one JSON object a line."),
            new("unit", Text, "Command that runs unit tests."),
            new("quality", SpecKind.Object, "The measured bar.",
            [
                new("metric", Text, "What is measured.", Required: true, Options: ["accuracy", "f1", "rmse", "mae", "r2"]),
                new("at_least", Number, "Lower bound."),
                new("at_most", Number, "Upper bound."),
            ]),
        ]),
        new("environments", ObjectMap, "What differs by environment.", Overridable),
    ];

    /// <summary>Keys that the object of an environment may set.</summary>
    public static ImmutableArray<SpecKey> OfEnvironment => Overridable;
}

using System.Collections.Immutable;
using Raywright.Core.Tensors;
using static Raywright.Core.Spec.SpecKind;

namespace Raywright.Core.Spec;

/// <summary>Every key of <c>raywright.yaml</c> (DESIGN 3).</summary>
public static class SpecKeys
{
    public const int LongestModel = 30;
    public const int LongestEnvironment = 12;

    // Patterns of the whole text, without anchors, in the part of the syntax that .NET and JSON schema share.
    internal const string ModelPattern = "[a-z](?:[a-z0-9-]{0,28}[a-z0-9])?";
    internal const string EnvironmentPattern = "[a-z](?:[a-z0-9-]{0,10}[a-z0-9])?";
    internal const string VariablePattern = "[A-Za-z_][A-Za-z0-9_]*";
    internal const string PythonPattern = @"(?:current|3\.[0-9]{1,2})";

    // Ray's own rules for what a node offers; a name that breaks them would be refused only when a replica is to start.
    internal const string AcceleratorPattern = "[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?";
    internal const string ResourcePattern = "[A-Za-z0-9_](?:[A-Za-z0-9_.:/-]{0,126})";
    internal const string LabelPattern = $"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{{0,251}}[A-Za-z0-9])?/)?{AcceleratorPattern}";
    internal const string LabelValuePattern = $@"!?(?:{AcceleratorPattern}|in\({AcceleratorPattern}(?:, ?{AcceleratorPattern})*\))";

    /// <summary>Ray counts in ten-thousandths.</summary>
    internal const double SmallestShare = 0.0001;

    private static readonly SpecKey[] FieldKeys =
    [
        new("name", Text, "Name in the artifact and on the wire.", Required: true),
        new("type", Text, "Element type.", Required: true, Options: [.. DataTypes.AllNames]),
        new("shape", Shape, "Dimensions; the first is the batch, -1 is any size.", Required: true),
        new("description", Text, "For people."),
        new("units", TextList, "What the numbers count, for people: one unit for all, or one for each element of the last dimension."),
        new("nullable", SpecKind.Boolean, "Whether an element may be null: NaN for floats, no text for strings.", Default: "false"),
    ];

    private static readonly ImmutableArray<SpecKey> InputKeys =
    [
        .. FieldKeys,
        new("columns", TextList, "Names along the last dimension, so that a row can be an object."),
        new("values", ScalarList, "The allowed values."),
        new("min", Number, "Smallest allowed value."),
        new("max", Number, "Largest allowed value."),
        new("optional", SpecKind.Boolean, "Whether the input may be left out.", Default: "false"),
    ];

    private static readonly ImmutableArray<SpecKey> OutputKeys =
    [
        .. FieldKeys,
        new("labels", Labels, "Names of the classes: a list for 0, 1, 2 …, or a map from raw value to name. Scores of as many classes take them too."),
    ];

    private static readonly ImmutableArray<SpecKey> ResourceKeys =
    [
        new("cpus", Number, "Cores of one replica.", Least: 0.1, Most: 1024, Default: "1"),
        new("memory", Size, "Most memory of one replica, e.g. 512Mi.", Least: SpecValues.SmallestSize, Default: "512Mi"),
        new("gpus", Number, "GPUs of one replica: a whole number, or a part of one.", Least: 0, Most: 64, Default: "0"),
        new("accelerator", Text, "The kind of accelerator that a Ray node must have, e.g. A100.", Pattern: AcceleratorPattern),
        new("custom", NumberMap, "Resources of the cluster's own making that one replica takes on its Ray node.", Least: SmallestShare, Most: 1_000_000, Pattern: ResourcePattern),
        new("labels", TextMap, "Labels that a Ray node must have: a value, `!value`, `in(a, b)` or `!in(a, b)`.", Pattern: LabelPattern),
    ];

    /// <summary>What an environment may set differently.</summary>
    private static readonly ImmutableArray<SpecKey> Overridable =
    [
        new("resources", SpecKind.Object, "What one replica needs.", ResourceKeys),
        new("batching", SpecKind.Object, "How requests that wait for a busy replica travel together.",
        [
            new("max_size", Integer, "Most rows of one batch; 1 switches batching off.", Least: 1, Most: 65536, Default: "32"),
            new("max_wait", Duration, "Longest time a row waits for a batch to fill.", Default: "5ms"),
        ]),
        new("scaling", SpecKind.Object, "How many replicas run.",
        [
            new("min", Integer, "Fewest replicas.", Least: 0, Most: 10000, Default: "1"),
            new("max", Integer, "Most replicas; at least `min`.", Least: 1, Most: 10000, Default: "1"),
        ]),
        new("rollout", SpecKind.Object, "How traffic moves to a new revision.",
        [
            new("strategy", Text, "Replace at once, or by steps.", Options: ["replace", "canary"], Default: "replace"),
            new("steps", IntegerList, "Percentages of a canary, rising.", Least: 1, Most: 99, Default: "[5, 25, 50]"),
        ]),
        new("variables", TextMap, "Environment variables of the replica.", Pattern: VariablePattern),
    ];

    /// <summary>The whole spec.</summary>
    public static readonly ImmutableArray<SpecKey> Root =
    [
        new("model", Text, "Name of the model: lower-case letters, digits and dashes, at most 30.", Required: true, Pattern: ModelPattern),
        new("source", Text, "The artifact: a path beside the spec, or a registry address.", Required: true),
        new("task", Text, "A hint for the app and for templates, e.g. classification."),
        new("contract", Text, "`none` passes JSON through unchecked.", Options: ["none"]),
        new("inputs", ObjectList, "What the model takes; read from the artifact where it says so.", InputKeys),
        new("outputs", ObjectList, "What the model gives; read from the artifact where it says so.", OutputKeys),
        new("files", PathList, "Files of the version besides the artifact, relative to the spec."),
        new("runtime", SpecKind.Object, "How a Python model runs.",
        [
            new("code", SpecKind.Path, "The file with the model's class; found by itself where there is one."),
            new("requirements", SpecKind.Path, "Its requirements file."),
            new("wheels", SpecKind.Path, "A folder with wheels, which requirements are installed from before any index is asked."),
            new("python", Text, "`current`, or a version such as 3.11.", Default: "current", Pattern: PythonPattern),
            new("arrays", Text, "What inputs look like in Python.", Options: ["plain", "numpy"], Default: "plain"),
            new("network", SpecKind.Boolean, "Whether the model may reach the network.", Default: "false"),
        ]),
        .. Overridable,
        new("tests", SpecKind.Object, "What has to hold before traffic moves.",
        [
            new("cases", SpecKind.Path, "Questions and answers, one JSON object a line."),
            new("unit", Text, "Command that runs unit tests."),
            new("quality", SpecKind.Object, "The measured bar, over the labelled cases; `at_least`, `at_most` or both.",
            [
                new("metric", Text, "What is measured.", Required: true, Options: ["accuracy", "f1", "rmse", "mae", "r2"]),
                new("at_least", Number, "Lower bound, inclusive."),
                new("at_most", Number, "Upper bound, inclusive."),
            ]),
            new("parity", SpecKind.Path, "The same model in another form, for example the file that the graph was made from; it is asked the cases too, and differences are shown."),
        ]),
        new("environments", ObjectMap, "What differs by environment.", Overridable, Pattern: EnvironmentPattern),
    ];

    /// <summary>Keys that the object of an environment may set.</summary>
    public static ImmutableArray<SpecKey> OfEnvironment => Overridable;

    /// <summary>Where artifacts may come from besides the spec's folder.</summary>
    internal static readonly ImmutableArray<string> Registries = ["mlflow", "dvc", "hf", "s3"];
}

using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Raywright.Core.Engines;

/// <summary>How a Python model runs: what of a revision only <c>raywright_runtime</c> needs to know.</summary>
public sealed record PythonConfig
{
    public required PythonFlavour Flavour { get; init; }

    /// <summary>File with the user's code, relative to the version's folder; null where the flavour needs none.</summary>
    public string? Code { get; init; }

    /// <summary>Requirements file, relative to the version's folder.</summary>
    public string? Requirements { get; init; }

    /// <summary>Folder of wheels to install requirements from, relative to the version's folder.</summary>
    public string? Wheels { get; init; }

    /// <summary>Packages that the artifact needs by the version that wrote it; empty text for any.</summary>
    public ImmutableSortedDictionary<string, string> Libraries { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary><c>current</c>, or a version such as <c>3.11</c>.</summary>
    public string Python { get; init; } = "current";

    /// <summary>What inputs look like to a class: <c>plain</c> or <c>numpy</c>.</summary>
    public string Arrays { get; init; } = "plain";

    /// <summary>Whether the model may reach the network.</summary>
    public bool Network { get; init; }
}

/// <summary>Who knows how to load an artifact and to ask it. Names are those of the replica protocol.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PythonFlavour>))]
public enum PythonFlavour
{
    /// <summary>A class of the user's own with <c>predict</c>.</summary>
    [JsonStringEnumMemberName("class")] Class,

    /// <summary>A pickled estimator with scikit-learn's methods: joblib, pickle, skops.</summary>
    [JsonStringEnumMemberName("sklearn")] Sklearn,
    [JsonStringEnumMemberName("xgboost")] Xgboost,
    [JsonStringEnumMemberName("lightgbm")] Lightgbm,

    /// <summary>TorchScript, or safetensors with a module in code.</summary>
    [JsonStringEnumMemberName("torch")] Torch,

    /// <summary>A folder of Hugging Face: <c>config.json</c> with safetensors.</summary>
    [JsonStringEnumMemberName("huggingface")] HuggingFace,

    /// <summary>A folder of MLflow: <c>MLmodel</c>.</summary>
    [JsonStringEnumMemberName("mlflow")] Mlflow,
}

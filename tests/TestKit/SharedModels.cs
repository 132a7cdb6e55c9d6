using System.Text.Json;
using Xunit;

namespace Raywright.TestKit;

/// <summary>The real models that lie beside the project.</summary>
public static class SharedModels
{
    private static readonly Dictionary<string, string> Modules = new(StringComparer.Ordinal)
    {
        ["joblib"] = "sklearn joblib pandas",
        ["xgboost_json"] = "xgboost",
        ["xgboost_ubj"] = "xgboost",
        ["lightgbm_text"] = "lightgbm",
        ["python"] = "",
    };

    /// <summary>Folder, artifact and the modules that it needs, of every model that Python runs.</summary>
    public static TheoryData<string, string, string> PythonArtifacts()
    {
        TheoryData<string, string, string> all = [];
        if (!SharedFiles.Present)
        {
            all.Add("absent", "model.py", "");
            return all;
        }
        string root = SharedFiles.Path("models");
        foreach (string file in Directory.EnumerateFiles(root, "signature.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            string folder = Path.GetDirectoryName(file)!;
            using JsonDocument signature = JsonDocument.Parse(File.ReadAllText(file));
            foreach (JsonProperty artifact in signature.RootElement.GetProperty("artifacts").EnumerateObject().Where(artifact => Modules.ContainsKey(artifact.Name)))
                all.Add(Path.GetRelativePath(root, folder), artifact.Value.GetString()!, Modules[artifact.Name]);
        }
        return all;
    }

    /// <summary>Folders below <c>models</c> that hold <c>model.onnx</c> with cases; a single entry that skips where they are absent.</summary>
    public static TheoryData<string> OnnxFolders()
    {
        if (!SharedFiles.Present)
            return ["absent"];
        string root = SharedFiles.Path("models");
        return [.. Directory.EnumerateFiles(root, "model.onnx", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(root, Path.GetDirectoryName(path)!))
            .Where(folder => File.Exists(Path.Combine(root, folder, "cases.jsonl")))
            .Order(StringComparer.Ordinal)];
    }
}

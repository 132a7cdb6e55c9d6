using Xunit;

namespace Raywright.TestKit;

/// <summary>The real models that lie beside the project.</summary>
public static class SharedModels
{
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

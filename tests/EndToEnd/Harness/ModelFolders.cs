using Raywright.TestKit;

namespace Raywright.EndToEnd.Harness;

/// <summary>Folders with models to deploy.</summary>
internal static class ModelFolders
{
    /// <summary>A copy of the sample, to be changed at will.</summary>
    public static string Iris(this Sandbox sandbox, string name = "iris") => sandbox.Copy(RepositoryRoot.Combine("samples", "iris"), name);

    /// <summary>A copy of a folder in the working folder.</summary>
    public static string Copy(this Sandbox sandbox, string from, string name)
    {
        string to = Path.Combine(sandbox.Work, name);
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
        return to;
    }

    /// <summary>A folder with nothing but a model file.</summary>
    public static string ModelFile(this Sandbox sandbox, string name, byte[] model)
    {
        string folder = Directory.CreateDirectory(Path.Combine(sandbox.Work, name)).FullName;
        File.WriteAllBytes(Path.Combine(folder, "model.onnx"), model);
        return folder;
    }

    /// <summary>A folder with a model and the spec of one that takes <c>x</c> and answers <c>y</c>, both of four numbers a row.</summary>
    public static string Model(this Sandbox sandbox, string name, byte[] model, string? cases = null, string? more = null)
    {
        string folder = sandbox.ModelFile(name, model);
        string tests = cases is null ? "" : "tests: { cases: cases.jsonl }\n";
        File.WriteAllText(Path.Combine(folder, "raywright.yaml"), $"model: {name}\nsource: model.onnx\n{tests}{more}");
        if (cases is not null)
            File.WriteAllText(Path.Combine(folder, "cases.jsonl"), cases);
        return folder;
    }

    /// <summary>A cases file.</summary>
    public static string Cases(params string[] lines) => string.Concat(lines.Select(line => line + "\n"));

    /// <summary><c>y = x + number</c>: which version answered can be told from what it answers.</summary>
    public static byte[] Adding(float number) => new OnnxBuilder()
        .Input("x", OnnxBuilder.Float, -1, 4).Initializer("n", number).Node("Add", ["x", "n"], ["y"]).Output("y", OnnxBuilder.Float, -1, 4).Build();

    /// <summary>Promises four numbers a row and gives two rows for one.</summary>
    public static byte[] WrongShape() => new OnnxBuilder()
        .Input("x", OnnxBuilder.Float, -1, 4)
        .Node("Concat", ["x", "x"], ["y"], attributes: node => node.Message(5, attribute => attribute.Text(1, "axis").Number(3, 0).Number(20, 2)))
        .Output("y", OnnxBuilder.Float, -1, 4).Build();

    /// <summary><c>y = log(x)</c>, which is no number below zero.</summary>
    public static byte[] Logarithm() => new OnnxBuilder()
        .Input("x", OnnxBuilder.Float, -1, 4).Node("Log", ["x"], ["y"]).Output("y", OnnxBuilder.Float, -1, 4).Build();

    /// <summary>A file as long as it is said to be, that takes no space on disk.</summary>
    public static void Sparse(string path, long length)
    {
        using FileStream stream = new(path, FileMode.Create);
        stream.SetLength(length);
    }
}

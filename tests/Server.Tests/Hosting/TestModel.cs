using System.Globalization;
using Raywright.Core.Spec;
using Raywright.TestKit;

namespace Raywright.Server.Tests.Hosting;

/// <summary>A model folder, written for a test and gone after it.</summary>
internal sealed class TestModel(string name) : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public string Name => name;

    public string Folder => folder.Path;

    public string File(string path) => folder.Combine(path.Split('/'));

    /// <summary>Answers <c>y = x + number</c>, and one case says so.</summary>
    public static TestModel Adding(float number, string name = "adder", string more = "")
    {
        TestModel model = new(name);
        model.Graph(Adder(number));
        return model.Cases(Case(1, 1 + number)).Spec(Tested + more);
    }

    public static byte[] Adder(float number) => new OnnxBuilder()
        .Input("x", OnnxBuilder.Float, -1, 1).Output("y", OnnxBuilder.Float, -1, 1)
        .Initializer("c", number).Node("Add", ["x", "c"], ["y"]).Build();

    /// <summary>The line of a spec that names the cases.</summary>
    public const string Tested = "tests: { cases: tests/cases.jsonl }\n";

    public static string Case(double x, double y) => string.Create(CultureInfo.InvariantCulture, $$$"""{"inputs":{"x":[[{{{x}}}]]},"expected":{"y":[[{{{y}}}]]}}""");

    /// <summary>The sample of the repository.</summary>
    public static TestModel Iris() => CopyOf("iris", RepositoryRoot.Combine("samples", "iris"));

    public static TestModel CopyOf(string name, string source)
    {
        TestModel model = new(name);
        foreach (string file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            string target = model.File(Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            System.IO.File.Copy(file, target);
        }
        return model;
    }

    public TestModel Graph(byte[] onnx)
    {
        System.IO.File.WriteAllBytes(File("model.onnx"), onnx);
        return this;
    }

    public TestModel Cases(params string[] lines)
    {
        folder.Write("tests/cases.jsonl", string.Join('\n', lines) + "\n");
        return this;
    }

    public TestModel Spec(string more, string source = "model.onnx")
    {
        folder.Write(SpecReader.FileName, $"model: {name}\nsource: {source}\n{more}");
        return this;
    }

    public void Dispose() => folder.Dispose();
}

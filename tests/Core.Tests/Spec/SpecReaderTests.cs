using System.Collections.Immutable;
using System.Text;
using Raywright.Core.Errors;
using Raywright.Core.Spec;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Core.Tests.Spec;

public sealed class SpecReaderTests
{
    [Fact]
    public void TheFullExample_Reads()
    {
        SpecMap root = Read(SpecTexts.Full).Value.Root;
        Assert.Equal("iris", root.Get<string>("model"));
        Assert.Equal(512L << 20, root.GetValue<long>("resources.memory"));
        Assert.Equal(TimeSpan.FromMilliseconds(5), root.GetValue<TimeSpan>("batching.max_wait"));
        Assert.Equal(0.85, root.GetValue<double>("tests.quality.at_least"));
        Assert.Equal("3.11", root.Get<string>("runtime.python"));
        SpecMap prod = root.Get<ImmutableSortedDictionary<string, SpecMap>>("environments")!["prod"];
        Assert.Equal([5L, 25L, 50L], prod.GetValue<ImmutableArray<long>>("rollout.steps")!.Value);
        Assert.Equal(new SourceLocation(SpecReader.FileName, 10, 37), root.At("batching.max_wait"));
    }

    [Fact]
    public void WindowsLineEndsAndAByteOrderMark_ChangeNoPlace()
    {
        string text = "\uFEFF" + SpecTexts.With("cpus: 1").ReplaceLineEndings("\r\n");
        Assert.Equal(new SourceLocation(SpecReader.FileName, 3, 1), Assert.Single(Read(text).Problems).Location);
    }

    [Fact]
    public void ABadSpec_GivesEveryProblemAtOnce()
    {
        string folder = RepositoryRoot.Combine("tests", "Core.Tests", "Spec", "Goldens");
        Result<SpecDocument> read = SpecReader.Read(File.ReadAllText(Path.Combine(folder, "bad.yaml")), "bad.yaml");
        StringBuilder shown = new();
        foreach (Problem problem in read.Problems)
            shown.Append(System.Globalization.CultureInfo.InvariantCulture, $"{problem}\n  {problem.Advice}\n");
        Golden.Matches("bad.txt", shown.ToString());
    }

    [Theory]
    [InlineData("", "RW1001", 1, 1)]
    [InlineData("# only a remark\n", "RW1001", 1, 1)]
    [InlineData("iris", "RW1001", 1, 1)]
    [InlineData("- model: iris\n", "RW1001", 1, 1)]
    [InlineData("model: iris\n\tsource: x\n", "RW1001", 2, 1)]
    [InlineData("model: iris\nsource: x\nscaling:\n  min: 1\n\tmax: 2\n", "RW1001", 5, 1)]
    [InlineData("model: iris\nsource: \"x\nscaling:\n\tmin: 1\n", "RW1001", 2, 9)]
    [InlineData("model: 'iris\n", "RW1001", 1, 8)]
    [InlineData("model: a: b\n", "RW1001", 1, 9)]
    [InlineData("model: iris\nsource: m.onnx\n---\nmodel: two\n", "RW1001", 3, 1)]
    [InlineData("model: iris\nsource: &m m.onnx\ntask: *m\n", "RW1001", 3, 7)]
    [InlineData("model: iris\nsource: m.onnx\ntask: !!python/object:os.system x\n", "RW1001", 3, 7)]
    [InlineData("model: iris\nsource: m.onnx\nvariables: !!map { A: b }\n", "RW1001", 3, 12)]
    [InlineData("!!python/dict\nmodel: iris\n", "RW1001", 1, 1)]
    [InlineData("source: m.onnx\n", "RW1004", 1, 1)]
    [InlineData("model: iris\nsource: m.onnx\nmodel: two\n", "RW1003", 3, 1)]
    public void BrokenText_IsLocated(string text, string code, int line, int column)
    {
        Problem problem = Assert.Single(Read(text).Problems);
        Assert.Equal((code, line, column), (problem.Code, problem.Location!.Value.Line, problem.Location.Value.Column));
    }

    [Fact]
    public void ATabInTheIndentation_IsCalledByItsName() =>
        Assert.Equal("s.yaml:4:1: RW1001: A tab stands in the indentation, where YAML allows only spaces.", Assert.Single(SpecReader.Read("model: iris\nsource: m.onnx\nscaling:\n\tmin: 1\n", "s.yaml").Problems).ToString());

    [Fact]
    public void ABombOfAliases_IsRefusedWithoutExpandingIt()
    {
        StringBuilder bomb = new("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
        for (int level = 1; level < 30; level++)
            bomb.Append(System.Globalization.CultureInfo.InvariantCulture, $"a{level}: &a{level} [{string.Join(", ", Enumerable.Repeat($"*a{level - 1}", 9))}]\n");
        Assert.Contains(Read(bomb.ToString()).Problems, problem => problem.Definition == Catalogue.SpecSyntax && problem.Detail.Contains("alias", StringComparison.Ordinal));
    }

    [Fact]
    public void ATagThatRunsCode_IsRefusedWhereItStands()
    {
        string text = File.ReadAllText(SharedFiles.Path("models", "adversarial", "configs", "yaml_object.yaml"));
        Assert.Contains(Read(text).Problems, problem => problem is { Code: "RW1001", Location: { Line: 2, Column: 7 } } && problem.Detail.Contains("python/object", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData('[', ']')]
    [InlineData('{', '}')]
    public void DeepNesting_IsRefused(char open, char close)
    {
        Problem problem = Assert.Single(Read($"model: {new string(open, 100_000)}{new string(close, 100_000)}").Problems);
        Assert.Equal("RW1001", problem.Code);
        Assert.Contains("nested", problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void AHugeText_IsRefused() =>
        Assert.Contains("characters", Assert.Single(Read($"model: {new string('x', 2 << 20)}").Problems).Detail, StringComparison.Ordinal);

    [Fact]
    public void AListOfAHundredThousand_IsRefused() =>
        Assert.Contains("values", Assert.Single(Read($"files: [{string.Join(',', Enumerable.Repeat("a", 100_000))}]").Problems).Detail, StringComparison.Ordinal);

    [Fact]
    public void ThousandsOfProblems_AreCutWithACount()
    {
        Result<SpecDocument> read = Read(SpecTexts.With($"files: [{string.Join(", ", Enumerable.Repeat("/etc/passwd", 1000))}]"));
        Assert.Equal(101, read.Problems.Length);
        Assert.StartsWith("900 more", read.Problems[^1].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void AMessage_CarriesNoControlCharacters()
    {
        Problem problem = Assert.Single(Read(SpecTexts.With("\"\\e[2J\\u202e\": 1")).Problems);
        Assert.DoesNotContain(problem.ToString() + problem.Field, character => char.IsControl(character) || character == '\u202e');
    }

    [Fact]
    public void OverridesOfAnEnvironment_TakeOnlyWhatAnEnvironmentMaySet()
    {
        Assert.Equal(2.0, SpecReader.ReadOverrides("resources: { cpus: 2 }\n", "prod").Value.GetValue<double>("resources.cpus"));
        Assert.Equal("RW1002", Assert.Single(SpecReader.ReadOverrides("model: iris\n", "prod").Problems).Code);
        Assert.Equal("RW1009", Assert.Single(SpecReader.ReadOverrides("scaling: { min: 3, max: 2 }\n", "prod").Problems).Code);
    }

    private static Result<SpecDocument> Read(string text) => SpecReader.Read(text, SpecReader.FileName);
}

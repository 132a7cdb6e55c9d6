using System.Collections.Immutable;
using System.Text.Json;
using Raywright.Core.Cases;
using Raywright.Core.Contracts;
using Raywright.Core.Errors;
using Raywright.Core.Initialization;
using Raywright.Core.Probing;
using Raywright.Core.Spec;
using Raywright.Core.Tensors;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Core.Tests.Initialization;

/// <summary><c>init</c> on folders without data: which model, which name, which cases, and what is written.</summary>
public sealed class InitFolderTests
{
    [Theory]
    [InlineData("iris", "iris")]
    [InlineData("iris/v1", "iris")]
    [InlineData("iris/v3-bad", "iris")]
    [InlineData("Fraud Rules_2024", "fraud-rules-2024")]
    [InlineData("fraud/export/onnx", "fraud")]
    [InlineData("2024-sales", "m-2024-sales")]
    [InlineData("a-name-that-is-much-too-long-for-a-model", "a-name-that-is-much-too-long-f")]
    public async Task Name_IsMadeOfTheFolder(string path, string name)
    {
        using InitFolder folder = new InitFolder(path).Model(InitFolder.Classifier);
        InitResult result = await folder.InitAsync();
        Assert.Equal(name, result.Model);
        Assert.Equal(name, InitFolder.Read(result).Model);
    }

    [Fact]
    public async Task FolderThatSaysNothing_LeavesTheNameToTheFile()
    {
        using InitFolder folder = new InitFolder("downloads").Model(InitFolder.Classifier, "resnet50.onnx");
        Assert.Equal("resnet50", (await folder.InitAsync()).Model);
    }

    [Fact]
    public async Task SeveralModels_HaveToBeChosenFrom()
    {
        using InitFolder folder = new InitFolder().Model(InitFolder.Classifier, "a.onnx").Model(InitFolder.Classifier, "b.onnx");
        Problem problem = Assert.Single((await folder.TryAsync()).Problems);
        Assert.Equal(Catalogue.ArtifactAmbiguous, problem.Definition);
        Assert.Contains("a.onnx, b.onnx", problem.Detail, StringComparison.Ordinal);
        Assert.Equal("b.onnx", (await folder.InitAsync(source: "b.onnx")).Source);
    }

    [Theory]
    [InlineData("absent.onnx", "RW1101")]
    [InlineData("../flowers/model.onnx", "RW1007")]
    public async Task SourceThatIsNotThere_IsRefused(string source, string code)
    {
        using InitFolder folder = new InitFolder().Model(InitFolder.Classifier);
        Assert.Equal(code, Assert.Single((await folder.TryAsync(source: source)).Problems).Code);
    }

    [Fact]
    public async Task FolderWithoutAModel_SaysWhatItHolds()
    {
        using InitFolder empty = new();
        Assert.Equal(Catalogue.ArtifactNotFound, Assert.Single((await empty.TryAsync()).Problems).Definition);
        using InitFolder other = new InitFolder().With("model.h5", "x");
        Assert.Equal(Catalogue.RuntimeUnsupported, Assert.Single((await other.TryAsync()).Problems).Definition);
        using InitFolder parent = new InitFolder().With("v1/model.onnx", "x");
        Assert.Contains("v1", Assert.Single((await parent.TryAsync()).Problems).Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task APickleThatWouldRunSomething_IsRefusedBeforeItIsLoaded()
    {
        using InitFolder folder = new InitFolder().With("model.pkl", "cos\nsystem\n(S'true'\ntR.");
        bool loaded = false;
        ModelDescriber describe = (_, _, _) =>
        {
            loaded = true;
            throw new InvalidOperationException("It must not be loaded.");
        };
        Problem refused = Assert.Single((await new Initializer(describe: describe).RunAsync(new InitRequest(folder.Path), TestContext.Current.CancellationToken)).Problems);
        Assert.Equal((Catalogue.ScanRunsCode, false), (refused.Definition, loaded));
    }

    [Fact]
    public async Task APickleOfOnesOwnModules_NeedsAWord_AndTakesThemAlong()
    {
        using InitFolder folder = new InitFolder().With("model.pkl", "cfeatures\nRatio\n.")
            .With("features.py", "import scale\n").With("scale.py", "").With("other.py", "");
        Problem refused = Assert.Single((await new Initializer().RunAsync(new InitRequest(folder.Path), TestContext.Current.CancellationToken)).Problems);
        Assert.Equal(Catalogue.ScanNotVouchedFor, refused.Definition);
        Assert.Contains("features.Ratio", refused.Detail, StringComparison.Ordinal);
        InitResult init = (await new Initializer(vouch: (_, file) => file.Path == "model.pkl" ? null : file.NotVouchedFor()).RunAsync(new InitRequest(folder.Path), TestContext.Current.CancellationToken)).Value;
        Assert.Contains("files: [features.py, scale.py]\n", init.Spec, StringComparison.Ordinal);
    }

    [Fact]
    public async Task APickleOfItsScriptsClasses_RunsTheScriptThatHasThem()
    {
        using InitFolder folder = new InitFolder().With("model.pkl", "c__main__\nMean\n.")
            .With("train.py", "class Mean:\n    def fit(self, x): pass\n    def predict(self, x): pass\n").With("other.py", "class Other:\n    pass\n");
        InitResult init = (await new Initializer(vouch: (_, _) => null).RunAsync(new InitRequest(folder.Path), TestContext.Current.CancellationToken)).Value;
        Assert.Contains("source: model.pkl\n", init.Spec, StringComparison.Ordinal);
        Assert.Contains("runtime: { code: train.py }\n", init.Spec, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AClassOfWhichNothingIsKnown_GetsNoCases()
    {
        using InitFolder folder = new InitFolder().With("model.py", "class Model:\n    def predict(self, inputs):\n        return {}\n");
        ModelDescriber describe = (_, _, _) => Task.FromResult<Result<ModelDescription>>(new ModelDescription(Contract.None, ImmutableSortedDictionary<string, string>.Empty, []));
        ModelTrial trial = (_, _, _, _, _) => throw new InvalidOperationException("There is nothing to ask.");
        InitResult init = (await new Initializer(trial, describe).RunAsync(new InitRequest(folder.Path), TestContext.Current.CancellationToken)).Value;
        Assert.Contains("contract: none", init.Spec, StringComparison.Ordinal);
        Assert.Null(init.Cases);
    }

    [Fact]
    public async Task CasesOfAClass_TellItsContract()
    {
        using InitFolder folder = new InitFolder()
            .With("model.py", "import helper\nclass Model:\n    def load(self, folder): open(folder + '/rules.json')\n    def predict(self, inputs): return {}\n")
            .With("helper.py", "open('more.txt')\n").With("rules.json", "{}").With("more.txt", "x").With("train.csv", "1")
            .With("cases.jsonl", """
                {"inputs":{"texts":["a","b"],"points":[[1,2.5],[3,4]]},"expected":{"scores":[0.5,1],"words":[1,2]}}
                {"inputs":{"points":[[1,2]]},"expected":{"error":"texts are missing"}}
                """);
        ModelDescriber describe = (_, _, _) => Task.FromResult<Result<ModelDescription>>(new ModelDescription(Contract.None, ImmutableSortedDictionary<string, string>.Empty, []));
        InitResult init = (await new Initializer(describe: describe).RunAsync(new InitRequest(folder.Path), TestContext.Current.CancellationToken)).Value;
        Assert.Equal(
            ["texts string [-1] optional", "points float64 [-1, 2] needed"],
            init.Contract.Inputs.Select(input => $"{input.Name} {input.Type.Name} [{string.Join(", ", input.Shape)}] {(input.Optional ? "optional" : "needed")}"));
        Assert.Equal(["scores float64", "words int64"], init.Contract.Outputs.Select(output => $"{output.Name} {output.Type.Name}"));
        Assert.Contains("files: [helper.py, more.txt, rules.json]", init.Spec, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ModelInAnInnerFolder_IsFound()
    {
        using InitFolder folder = new InitFolder().With("onnx/readme.txt", "").Model(InitFolder.Classifier, "onnx/model.onnx");
        Assert.Equal("onnx/model.onnx", (await folder.InitAsync()).Source);
    }

    [Fact]
    public async Task WithoutData_TheModelsOwnAnswersAreRecorded()
    {
        using InitFolder folder = new InitFolder().Model(InitFolder.Classifier);
        InitResult result = await folder.InitAsync(trial: FakeTrial.Answering(_ =>
            [Tensor.Of<long>(DataType.Int64, [1], [1]), Tensor.Of<float>(DataType.Float32, [1, 3], [0.25f, 0.5f, 0.25f])]));
        string first = result.Cases!.Split('\n')[0];
        Assert.Equal("""{"inputs":{"features":[[0,0]]},"expected":{"label":[1],"probabilities":[[0.25,0.5,0.25]]},"source":"recorded"}""", first);
        Assert.Equal(5, result.CaseCount);
        result.Write(force: false);
        Assert.All(CaseReader.Read(folder.Combine("tests/cases.jsonl"), "cases.jsonl").Value, one => Assert.False(one.IsEvidence));
    }

    [Fact]
    public async Task AnswerThatBreaksTheContract_IsAWarningAndNoCase()
    {
        using InitFolder folder = new InitFolder().Model(InitFolder.Classifier);
        InitResult result = await folder.InitAsync(trial: FakeTrial.Answering(_ =>
            [Tensor.Of<long>(DataType.Int64, [1], [1]), Tensor.Of<float>(DataType.Float32, [1, 3], [float.NaN, 0, 0])]));
        Assert.Null(result.CasesPath);
        Assert.Equal(Catalogue.OutputNotFinite, Assert.Single(result.Warnings).Definition);
        Assert.Null(InitFolder.Read(result).Tests.Cases);
    }

    [Fact]
    public async Task ModelThatCannotBeAsked_StillGetsASpec()
    {
        using InitFolder folder = new InitFolder().Model(InitFolder.Classifier);
        InitResult result = await folder.InitAsync(trial: FakeTrial.Failing(new Problem(Catalogue.ProbeDied, "It ended.")));
        Assert.Equal(Catalogue.ProbeDied, Assert.Single(result.Warnings).Definition);
        InitFolder.Read(result);
    }

    [Fact]
    public async Task CasesThatLieThere_AreUsedAndLeftAlone()
    {
        using InitFolder folder = new InitFolder().Model(InitFolder.Classifier)
            .With("tests/cases.jsonl", """{"inputs": {"length": 1, "width": null}, "label": "lily"}""" + "\n");
        InitResult result = await folder.InitAsync();
        Assert.Equal("tests/cases.jsonl", result.CasesPath);
        Assert.Null(result.Cases);
        Assert.Equal(["length", "width"], result.Contract.Inputs[0].Columns);
        Assert.True(result.Contract.Inputs[0].Nullable);
    }

    [Fact]
    public async Task BrokenCases_AreAWarningWithTheirLine()
    {
        using InitFolder folder = new InitFolder().Model(InitFolder.Classifier).With("cases.jsonl", "{\"inputs\": \n");
        InitResult result = await folder.InitAsync();
        Assert.Equal(Catalogue.CaseUnreadable, Assert.Single(result.Warnings).Definition);
    }

    [Fact]
    public async Task Write_LeavesBothFiles_AndNothingBesides()
    {
        using InitFolder folder = new InitFolder().Model(InitFolder.Classifier);
        InitResult result = await folder.InitAsync();
        Assert.Equal(["tests/cases.jsonl", "raywright.yaml"], result.Write(force: false).Value);
        Assert.Equal(result.Spec, File.ReadAllText(folder.Combine("raywright.yaml")));
        Assert.Equal(3, Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories).Count());
    }

    [Fact]
    public async Task SpecThatLiesThere_IsOnlyReplacedByForce()
    {
        using InitFolder folder = new InitFolder().Model(InitFolder.Classifier);
        InitResult result = await folder.InitAsync();
        folder.With("raywright.yaml", "model: mine");
        Assert.Equal(Catalogue.SpecExists, Assert.Single((await folder.TryAsync()).Problems).Definition);
        Assert.Equal(Catalogue.SpecExists, Assert.Single(result.Write(force: false).Problems).Definition);
        Assert.Equal("model: mine", File.ReadAllText(folder.Combine("raywright.yaml")));
        Assert.True((await folder.TryAsync(force: true)).Value.Write(force: true).Ok);
        Assert.Equal(result.Spec, File.ReadAllText(folder.Combine("raywright.yaml")));
    }

    [Fact]
    public async Task FolderThatCannotBeWritten_IsAProblem()
    {
        using InitFolder folder = new InitFolder().Model(InitFolder.Classifier);
        InitResult result = await folder.InitAsync();
        // A file where the folder of the cases should be fails for every user, also for root.
        folder.With("tests", "");
        Assert.Equal(Catalogue.FolderNotWritable, Assert.Single(result.Write(force: false).Problems).Definition);
        Assert.False(File.Exists(folder.Combine("raywright.yaml")));
    }

    [Fact]
    public async Task ZipMap_GetsClassNamesFromItsCases()
    {
        using InitFolder folder = new InitFolder()
            .Model(new OnnxBuilder().Input("x", OnnxBuilder.Float, -1, 2).Output("label", OnnxBuilder.Int64, -1).MapsOutput("scores", OnnxBuilder.Int64)
                .Node("ZipMap", ["x"], ["scores"], "ai.onnx.ml", node => OnnxBuilder.Integers(node, "classlabels_int64s", 0, 1)))
            .With("cases.jsonl", """
                {"inputs": {"x": [[1, 2]]}, "expected": {"label": [0]}, "label": "no"}
                {"inputs": {"x": [[3, 4]]}, "expected": {"label": [1]}, "label": "yes"}
                """);
        InitResult result = await folder.InitAsync();
        Assert.All(InitFolder.Read(result).Contract.Outputs, output => Assert.Equal(["no", "yes"], output.Labels!.Names));
    }

    [Fact]
    public async Task NamesThatYamlWouldMisread_SurviveTheSpec()
    {
        OnnxBuilder model = new OnnxBuilder().Input("on", OnnxBuilder.Float, -1, 2).Output("Identity:0", OnnxBuilder.Int64, -1).Metadata("names", JsonSerializer.Serialize(new[] { "yes", "1.0", "a: \"b\" # c", "null" }));
        using InitFolder folder = new InitFolder().Model(model, "my model.onnx");
        InitResult result = await folder.InitAsync();
        ModelConfig config = InitFolder.Read(result);
        Assert.Equal(result.Contract.Outputs, config.Contract.Outputs);
        Assert.Equal(("on", "my model.onnx"), (config.Contract.Inputs[0].Name, config.Source));
    }
}

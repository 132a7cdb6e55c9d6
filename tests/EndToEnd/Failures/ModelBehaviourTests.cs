using System.Text.Json;
using Raywright.EndToEnd.Harness;
using Raywright.TestKit;
using Xunit;

namespace Raywright.EndToEnd.Failures;

/// <summary>Models that load and do not do what they should: refused in words, while what served before goes on.</summary>
public sealed class ModelBehaviourTests
{
    private const string Fine = """{"inputs": {"x": [[1, 2, 3, 4]]}}""";

    [Fact]
    public async Task CasesThatFail_AreNamed_AndWhatServedStillServes()
    {
        await using Sandbox sandbox = new();
        await sandbox.UpAsync(sandbox.Model("adding", ModelFolders.Adding(1), ModelFolders.Cases(Fine)));
        string folder = Path.Combine(sandbox.Work, "adding");
        await File.WriteAllBytesAsync(Path.Combine(folder, "model.onnx"), ModelFolders.Adding(5), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder, "cases.jsonl"), ModelFolders.Cases(Fine, """{"name": "ones", "inputs": {"x": [[1, 1, 1, 1]]}, "expected": {"y": [[2, 2, 2, 2]]}}"""), TestContext.Current.CancellationToken);

        Ended refused = (await sandbox.RaywrightAsync("deploy", "adding")).With(3);

        refused.Saying("✗ tests: ", "error RW3003: ", "ones", "at adding/cases.jsonl:2:1");
        (await sandbox.RaywrightAsync("test", "adding")).With(3).Saying("error RW3003: ");
        (await sandbox.RaywrightAsync("query", "adding", """{"x": [[1, 2, 3, 4]]}""")).With(0).Saying("[[2,3,4,5]]");
        (await sandbox.RaywrightAsync("history", "adding")).With(0).Saying("deploy.failed");
        JsonElement failed = JsonElement.Parse((await sandbox.RaywrightAsync("deploy", "adding", "--json")).With(3).Output);
        Assert.Equal("RW3003", failed.GetProperty("code").GetString());
    }

    [Fact]
    public async Task WhereTheFirstDeployFails_UpStopsItsServer()
    {
        await using Sandbox sandbox = new();
        sandbox.Model("adding", ModelFolders.Adding(1), ModelFolders.Cases("""{"inputs": {"x": [[1, 1, 1, 1]]}, "expected": {"y": [[9, 9, 9, 9]]}}"""));
        (await sandbox.RaywrightAsync("up", "adding", "--port", sandbox.PortText, "--detach")).With(3).Saying("error RW3003: ", "stopping the server");
        Assert.Empty(sandbox.Running);
    }

    [Fact]
    public async Task ACasesFileWithoutACase_IsNoTest()
    {
        await using Sandbox sandbox = new();
        sandbox.Model("adding", ModelFolders.Adding(1), "");
        (await sandbox.RaywrightAsync("up", "adding", "--port", sandbox.PortText, "--detach")).With(3).Saying("error RW3005: cases.jsonl has no case.", "at adding/raywright.yaml:3:");
    }

    [Fact]
    public async Task QualityWithoutALabel_IsNoTest()
    {
        await using Sandbox sandbox = new();
        string iris = sandbox.Iris();
        await File.WriteAllTextAsync(Path.Combine(iris, "tests", "cases.jsonl"), ModelFolders.Cases("""{"inputs": [[5.1, 3.5, 1.4, 0.2]]}"""), TestContext.Current.CancellationToken);
        (await sandbox.RaywrightAsync("up", "iris", "--port", sandbox.PortText, "--detach")).With(3).Saying("error RW3005: No case has a label");
    }

    [Fact]
    public async Task QualityBelowTheBar()
    {
        await using Sandbox sandbox = new();
        string spec = Path.Combine(sandbox.Iris(), "raywright.yaml");
        await File.WriteAllTextAsync(spec, (await File.ReadAllTextAsync(spec, TestContext.Current.CancellationToken)).Replace("0.85", "0.99", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        (await sandbox.RaywrightAsync("up", "iris", "--port", sandbox.PortText, "--detach")).With(3).Saying("error RW3004: accuracy is 0.8833 over 60 labelled rows", "at iris/raywright.yaml:12:");
    }

    [Fact]
    public async Task AModelThatNeverEnds_IsEnded_AndNothingOfItIsLeft()
    {
        string loop = SharedFiles.Path("models", "adversarial", "onnx", "loop_forever.onnx");
        Assert.SkipUnless(File.Exists(loop), "There is no loop_forever.onnx.");
        await using Sandbox sandbox = new();
        await sandbox.UpAsync(sandbox.Iris());
        string folder = sandbox.Model("endless", await File.ReadAllBytesAsync(loop, TestContext.Current.CancellationToken), ModelFolders.Cases([.. Enumerable.Repeat("""{"inputs": {"input": [1]}}""", 20)]));
        Assert.True(Directory.Exists(folder));

        // With many cases, the first that does not end is enough.
        Ended refused = (await sandbox.RaywrightAsync("deploy", "endless")).With(1);

        refused.Saying("error RW2104: ", "endless loops");
        Assert.Empty(Signals.ChildrenOf(sandbox.Announced!.Pid));
        (await sandbox.RaywrightAsync("query", "iris", "--example")).With(0).Saying("setosa");
    }

    [Fact]
    public async Task AnAnswerOfAnotherShape()
    {
        await using Sandbox sandbox = new();
        await sandbox.UpAsync(sandbox.Iris());
        sandbox.Model("twofold", ModelFolders.WrongShape(), ModelFolders.Cases(Fine));
        (await sandbox.RaywrightAsync("deploy", "twofold")).With(1).Saying("error RW1301: ", "y");
        (await sandbox.RaywrightAsync("query", "twofold", """{"x": [[1, 2, 3, 4]]}""")).With(5);
    }

    [Fact]
    public async Task ANumberThatIsNone_FailsTheCase_AndTheRequest()
    {
        await using Sandbox sandbox = new();
        await sandbox.UpAsync(sandbox.Iris());
        string folder = sandbox.Model("logarithm", ModelFolders.Logarithm(), ModelFolders.Cases(Fine, """{"inputs": {"x": [[-1, 2, 3, 4]]}}"""));
        (await sandbox.RaywrightAsync("deploy", "logarithm")).With(1).Saying("error RW13", "NaN", "at logarithm/cases.jsonl:2:1");

        await File.WriteAllTextAsync(Path.Combine(folder, "cases.jsonl"), ModelFolders.Cases(Fine), TestContext.Current.CancellationToken);
        (await sandbox.RaywrightAsync("deploy", "logarithm")).With(0);
        (await sandbox.RaywrightAsync("query", "logarithm", """{"x": [[-1, 2, 3, 4]]}""")).With(1).Saying("error RW13", "NaN");
        (await sandbox.RaywrightAsync("query", "logarithm", """{"x": [[1, 2, 3, 4]]}""")).With(0);
    }
}

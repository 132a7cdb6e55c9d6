using Raywright.EndToEnd.Harness;
using Raywright.TestKit;
using Xunit;

namespace Raywright.EndToEnd.Journeys;

/// <summary>While <c>up</c> runs, each save of a file is deployed, and a broken one harms nothing.</summary>
public sealed class WatchingTests
{
    private const string Question = """{"x": [[1, 2, 3, 4]]}""";
    private const string Case = """{"inputs": {"x": [[1, 1, 1, 1]]}}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EachSave_IsDeployed_AndABrokenOneIsShown()
    {
        await using Sandbox sandbox = new();
        string folder = sandbox.Model("adding", ModelFolders.Adding(1), ModelFolders.Cases(Case));
        string model = Path.Combine(folder, "model.onnx"), spec = Path.Combine(folder, "raywright.yaml"), cases = Path.Combine(folder, "cases.jsonl");
        string written = await File.ReadAllTextAsync(spec, Cancellation);
        Child up = sandbox.Raywright("up", folder, "--port", sandbox.PortText, "--no-browser");
        await up.SaysAsync("Each save of the model's files is deployed");
        await AnswersAsync(sandbox, "[[2,3,4,5]]");

        await File.WriteAllBytesAsync(model, ModelFolders.Adding(10), Cancellation);
        await up.SaysAsync("adding:2 serves in dev");
        await AnswersAsync(sandbox, "[[11,12,13,14]]");
        up.AssertSaid("changed: adding/model.onnx");

        await File.WriteAllTextAsync(spec, written + "sclaing: { min: 2 }\n", Cancellation);
        await up.SaysAsync("error RW1002: ");
        await up.SaysAsync("what served before still serves; the next save is tried again");
        up.AssertSaid("raywright.yaml:4:1", "scaling");
        await AnswersAsync(sandbox, "[[11,12,13,14]]");

        await File.WriteAllTextAsync(spec, written + "resources: { memory: 1Gi }\n", Cancellation);
        await up.SaysAsync("adding:2 serves in dev", 2);
        (await sandbox.RaywrightAsync("render", "adding", "--explain")).With(0).Saying("1Gi");

        await File.WriteAllTextAsync(cases, ModelFolders.Cases(Case, """{"inputs": {"x": [[1, 1, 1, 1]]}, "expected": {"y": [[2, 2, 2, 2]]}}"""), Cancellation);
        await up.SaysAsync("error RW3003: ");
        await up.SaysAsync("what served before still serves; the next save is tried again", 2);
        up.AssertSaid("cases.jsonl:2:1");
        await AnswersAsync(sandbox, "[[11,12,13,14]]");

        // Half of a model, as a copy in progress leaves it.
        await File.WriteAllBytesAsync(model, ModelFolders.Adding(1)[..40], Cancellation);
        await up.SaysAsync("error RW1105: ");
        await AnswersAsync(sandbox, "[[11,12,13,14]]");

        await File.WriteAllBytesAsync(model, ModelFolders.Adding(1), Cancellation);
        await up.SaysAsync("adding:1 serves in dev", 2);
        await AnswersAsync(sandbox, "[[2,3,4,5]]");

        up.Signal(Signals.Interrupt);
        (await up.EndAsync()).With(0);
        Assert.Empty(sandbox.Running);
    }

    [Fact]
    public async Task WithoutWatching_ASaveChangesNothing()
    {
        await using Sandbox sandbox = new();
        string folder = sandbox.Model("adding", ModelFolders.Adding(1));
        Child up = sandbox.Raywright("up", folder, "--port", sandbox.PortText, "--no-browser", "--no-watch");
        await up.SaysAsync("Ctrl-C stops the server.");

        await File.WriteAllBytesAsync(Path.Combine(folder, "model.onnx"), ModelFolders.Adding(10), Cancellation);
        (await sandbox.RaywrightAsync("plan", "adding")).With(0).Saying("adding:2");

        await AnswersAsync(sandbox, "[[2,3,4,5]]");
        Assert.DoesNotContain("changed:", up.Error, StringComparison.Ordinal);
    }

    private static async Task AnswersAsync(Sandbox sandbox, string outputs) =>
        (await sandbox.RaywrightAsync("query", "adding", Question)).With(0).Saying(outputs);
}

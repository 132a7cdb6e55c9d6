using Microsoft.Playwright;
using Raywright.Core.Api.Client;
using Raywright.EndToEnd.Harness;
using Raywright.TestKit;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Raywright.EndToEnd.Browser;

/// <summary>One real model of each task: its spec by <c>init</c>, its endpoint by <c>up</c>, its question and its answer in the app.</summary>
public sealed class TaskJourneys(BrowserRun browser, TaskServer server) : IClassFixture<BrowserRun>, IClassFixture<TaskServer>
{
    /// <summary>Folder, artifact, modules that it needs, and what the answer to its example says: see its first case.</summary>
    public static TheoryData<string, string, string, string> Models => new()
    {
        { "iris/v1", "model.onnx", "", "0.66" },
        { "diabetes/v1", "model.onnx", "", "116.7" },
        { "digits/cnn", "model.onnx", "", "9" },
        { "tickets/v1", "model.onnx", "", "account" },
        { "churn", "model.onnx", "", "0.7" },
        { "anomaly", "model.onnx", "", "0.141" },
        { "forecast/v1", "model.onnx", "", "136.9" },
        { "boosters/xgboost-wine", "model.json", "xgboost", "0.989" },
        { "py-rules", "model.py", "", "allow" },
        { "tinylm", "model.onnx", "", "logits" },
    };

    [Theory]
    [MemberData(nameof(Models))]
    public async Task FirstVisit_Question_Answer(string folder, string artifact, string modules, string says)
    {
        if (artifact != "model.onnx")
            PythonHere.Needs(modules.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        string name = folder.Split('/')[folder.StartsWith("boosters", StringComparison.Ordinal) ? 1 : 0];
        IPage page = await browser.OpenAsync();
        List<string> complaints = PageChecks.Complaints(page);
        await server.DeployAsync(SharedFiles.Path("models", folder), name, artifact);
        await page.GotoAsync(await server.LinkAsync());
        await page.GetByRole(AriaRole.Link, new() { Name = $"Ask {name} in dev" }).ClickAsync();
        await page.Locator(PageChecks.Form).WaitForAsync();
        await BrowserRun.KeepAsync(page, $"task-{name}-question");
        await page.Locator(PageChecks.Form).ClickAsync();
        ILocator answer = page.GetByRole(AriaRole.Region, new() { Name = "Answer", Exact = true });
        await Expect(answer).ToContainTextAsync($"{name}:1", new() { Timeout = 30_000 });
        await Expect(answer).ToContainTextAsync(says);
        await Expect(answer.Locator(".problem")).ToHaveCountAsync(0);
        await BrowserRun.KeepAsync(page, $"task-{name}-answer");
        await PageChecks.IsAccessibleAsync(page);
        await PageChecks.FitsAsync(page);
        await page.SetViewportSizeAsync(390, 844);
        await PageChecks.FitsAsync(page);
        await BrowserRun.KeepAsync(page, $"task-{name}-phone");
        Assert.Empty(complaints);
    }
}

/// <summary>One server for all tasks, as <c>raywright up</c> starts it.</summary>
public sealed class TaskServer : IAsyncLifetime
{
    private readonly Sandbox sandbox = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>A folder with the model's files and cases alone, as a person has it; <c>init</c> writes the rest.</summary>
    public async Task DeployAsync(string source, string name, string artifact)
    {
        string folder = Directory.CreateDirectory(Path.Combine(sandbox.Work, name)).FullName;
        IEnumerable<string> files = artifact.EndsWith(".py", StringComparison.Ordinal)
            ? Directory.EnumerateFiles(source).Where(file => !file.EndsWith(".onnx", StringComparison.Ordinal))
            : [Path.Combine(source, artifact), Path.Combine(source, "cases.jsonl")];
        foreach (string file in files)
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        (await sandbox.RaywrightAsync("init", name, "--name", name, "--source", artifact)).With(0);
        await sandbox.UpAsync(name);
    }

    public async Task<string> LinkAsync()
    {
        using RaywrightClient owner = sandbox.Owner();
        return (await owner.AppLinkAsync(TestContext.Current.CancellationToken)).Value.Url;
    }

    public ValueTask DisposeAsync() => sandbox.DisposeAsync();
}

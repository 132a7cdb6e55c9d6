using Raywright.EndToEnd.Harness;
using Raywright.TestKit;
using Xunit;

namespace Raywright.EndToEnd.Failures;

/// <summary>The server goes away while a command relies on it.</summary>
public sealed class ServerStoppedTests
{
    [Theory]
    [InlineData(Signals.Terminate, "with status 0")]
    [InlineData(Signals.Kill, "by signal 9")]
    public async Task WhileUpWatches(int signal, string how)
    {
        await using Sandbox sandbox = new();
        Child up = sandbox.Raywright("up", sandbox.Iris(), "--port", sandbox.PortText, "--no-browser");
        await up.SaysAsync("Ctrl-C stops the server");

        Signals.Send(sandbox.Announced!.Pid, signal);
        Ended ended = await up.EndAsync();

        ended.With(1).Saying($"error RW6008: The server ended {how}.", "Run `raywright up` again");
        Assert.Empty(sandbox.Running);
        // What was acknowledged is there again.
        await sandbox.UpAsync("iris");
        (await sandbox.RaywrightAsync("query", "iris", "--example")).With(0).Saying("setosa");
    }

    [Fact]
    public async Task WhileAnUpWatches_ThatFoundItRunning()
    {
        await using Sandbox sandbox = new();
        await sandbox.UpAsync(sandbox.Iris());
        Child up = sandbox.Raywright("up", "iris", "--no-browser");
        await up.SaysAsync("the server goes on");

        Signals.Send(sandbox.Announced!.Pid, Signals.Kill);

        (await up.EndAsync()).With(1).Saying("error RW6008: ");
    }

    [Fact]
    public async Task InTheMiddleOfUp()
    {
        await using Sandbox sandbox = new();
        Child up = sandbox.Raywright("up", sandbox.Iris(), "--port", sandbox.PortText, "--no-browser");
        await up.SaysAsync("deploying");

        Signals.Send(sandbox.Announced!.Pid, Signals.Kill);

        (await up.EndAsync()).With(1).Saying("error RW6008: The server ended by signal 9.");
        Assert.Empty(sandbox.Running);
    }

    [Fact]
    public async Task Restarted_ADeployThatIsFollowedGoesOn()
    {
        await using Sandbox sandbox = new();
        await sandbox.UpAsync(sandbox.Iris());
        int before = sandbox.Announced!.Pid;
        sandbox.Model("adding", ModelFolders.Adding(1), ModelFolders.Cases("""{"inputs": {"x": [[1, 2, 3, 4]]}}"""));
        Child deploy = sandbox.Raywright("deploy", "adding");
        await deploy.SaysAsync("scan");

        Signals.Send(before, Signals.Kill);
        await Eventually.TrueAsync(() => !Signals.IsAlive(before), "the server is gone");
        sandbox.Start(Programs.Server, "--home", sandbox.Home, "--port", sandbox.PortText);

        (await deploy.EndAsync()).With(0).Saying("adding:1 serves in dev");
    }

    [Fact]
    public async Task AServerThatCannotStart_IsShownWithItsLog()
    {
        await using Sandbox sandbox = new();
        Directory.CreateDirectory(sandbox.Home);
        await File.WriteAllTextAsync(Path.Combine(sandbox.Home, "raywright.db"), new string('x', 10_000), TestContext.Current.CancellationToken);
        (await sandbox.RaywrightAsync("up", sandbox.Iris(), "--port", sandbox.PortText)).With(1).Saying("error RW5005: ", "raywright.db");
        Assert.Empty(sandbox.Running);
    }
}

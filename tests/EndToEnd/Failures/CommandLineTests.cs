using System.Text.Json;
using Raywright.EndToEnd.Harness;
using Xunit;

namespace Raywright.EndToEnd.Failures;

/// <summary>What was typed wrong, and where no person sits.</summary>
public sealed class CommandLineTests
{
    [Theory]
    [InlineData("stauts", "`stauts` is no command of `raywright`. Did you mean `status`?")]
    [InlineData("key creat", "`creat` is no command of `raywright key`. Did you mean `create`?")]
    [InlineData("up --detch", "`--detch` is no option of `raywright up`. Did you mean `--detach`?")]
    [InlineData("deploy --evn", "`--evn` is no option of `raywright deploy`. Did you mean `--env`?")]
    [InlineData("up --port many", "`many` is no number from 1 to 65535")]
    [InlineData("up iris other", "`other` is no argument of `raywright up`.")]
    [InlineData("query", "`raywright query` needs MODEL.")]
    [InlineData("version show iris", "`iris` is no version; write it like iris:7.")]
    public async Task AWordThatIsWrong_GetsTheNearestRightOne(string line, string said)
    {
        await using Sandbox sandbox = new();
        (await sandbox.RaywrightAsync(line.Split(' '))).With(1).Saying("error RW6001: ", said, "--help` shows what it takes.");
    }

    [Fact]
    public async Task WithoutAWord_TheHelpIsShown()
    {
        await using Sandbox sandbox = new();
        (await sandbox.RaywrightAsync()).With(0).Saying("Usage: raywright COMMAND", "raywright up samples/iris");
        (await sandbox.RaywrightAsync("--version")).With(0).Saying("raywright ");
    }

    [Fact]
    public async Task AFailure_IsOneJsonDocumentWhereJsonIsWanted()
    {
        await using Sandbox sandbox = new();
        foreach (string[] line in new[] { ["status"], ["up", "absent"], ["query", "iris", "{}"], new[] { "stauts" } })
        {
            Ended ended = await sandbox.RaywrightAsync([.. line, "--json"]);
            Assert.NotEqual(0, ended.Status);
            Assert.StartsWith("RW6", JsonElement.Parse(ended.Output).GetProperty("code").GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task WithoutATerminal_NothingIsAsked()
    {
        await using Sandbox sandbox = new();
        await sandbox.UpAsync(sandbox.Iris());
        // Standard input is open and silent: a command that asked would wait for ever.
        Child[] waiting =
        [
            sandbox.Raywright("delete", "iris"),
            sandbox.Raywright("delete", "iris", "--everywhere"),
            sandbox.Raywright("login", sandbox.Url),
        ];
        foreach (Child child in waiting)
        {
            Ended ended = await child.EndAsync();
            Assert.True(ended.Status is 1 or 2, ended.ToString());
            ended.Saying("error RW60");
        }
        (await sandbox.RaywrightAsync("query", "iris", "--example")).With(0);
    }

    [Fact]
    public async Task AtATerminal_ItAsks_AndANoIsANo()
    {
        await using Sandbox sandbox = new();
        await sandbox.UpAsync(sandbox.Iris());

        Ended no = await AtTerminalAsync(sandbox, "delete iris", "n\n");
        no.With(2).Saying("Stop serving iris in dev", "[y/N]", "RW6010");
        (await sandbox.RaywrightAsync("query", "iris", "--example")).With(0);

        Ended yes = await AtTerminalAsync(sandbox, "delete iris", "y\n");
        yes.With(0).Saying("iris is gone from dev");
        (await sandbox.RaywrightAsync("query", "iris", "--example")).With(5);
    }

    [Fact]
    public async Task AtATerminal_UpOpensTheBrowserThereIs_OrSaysThatThereIsNone()
    {
        await using Sandbox sandbox = new();
        string up = $"up {sandbox.Iris()} --detach --port {sandbox.PortText}", opened = Path.Combine(sandbox.Work, "opened"), browser = Path.Combine(sandbox.Work, "browser");

        Ended without = await AtTerminalAsync(sandbox, up, "");
        without.With(0).Saying("No browser was found here; open the app with the link above.", "/sign-in?token=");

        await File.WriteAllTextAsync(browser, $"#!/bin/sh\necho \"$1\" > {opened}\n", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(browser, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        sandbox.Variables["BROWSER"] = browser;
        Ended with = await AtTerminalAsync(sandbox, up, "");
        Assert.DoesNotContain("No browser was found", with.With(0).Output, StringComparison.Ordinal);
        await TestKit.Eventually.TrueAsync(() => File.Exists(opened) && new FileInfo(opened).Length > 0, "the browser was called");
        Assert.StartsWith($"{sandbox.Url}/sign-in?token=", await File.ReadAllTextAsync(opened, TestContext.Current.CancellationToken), StringComparison.Ordinal);

        // With a browser that is named and not there, serving goes on.
        sandbox.Variables["BROWSER"] = Path.Combine(sandbox.Work, "absent");
        (await AtTerminalAsync(sandbox, up, "")).With(0).Saying("No browser was found here");
    }

    [Fact]
    public async Task APipeThatCloses_EndsTheCommandQuietly()
    {
        await using Sandbox sandbox = new();
        Ended ended = await sandbox.ShellAsync($"{Programs.Cli} --help | head -n 1");
        ended.With(0);
        Assert.Equal("", ended.Error);
    }

    private static async Task<Ended> AtTerminalAsync(Sandbox sandbox, string line, string typed)
    {
        Child child = sandbox.AtTerminal(line);
        if (typed.Length > 0)
        {
            await child.SaysAsync("[y/N]");
            await child.Input.WriteAsync(typed);
            await child.Input.FlushAsync(TestContext.Current.CancellationToken);
        }
        return await child.EndAsync();
    }
}

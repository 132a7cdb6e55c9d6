using System.Text.Json;
using Raywright.Core.Api;
using Raywright.EndToEnd.Harness;
using Raywright.TestKit;
using Xunit;

namespace Raywright.EndToEnd.Journeys;

/// <summary>How <c>up</c> begins and ends, and what of it stays.</summary>
public sealed class UpTests
{
    [Theory]
    [InlineData(Signals.Interrupt)]
    [InlineData(Signals.Terminate)]
    [InlineData(Signals.Hangup)]
    public async Task ASignal_StopsWhatUpStarted(int signal)
    {
        await using Sandbox sandbox = new();
        Child up = sandbox.Raywright("up", sandbox.Iris(), "--port", sandbox.PortText, "--no-browser");
        await up.SaysAsync("Ctrl-C stops the server");
        int server = sandbox.Announced!.Pid;

        up.Signal(signal);
        Ended ended = await up.EndAsync();

        ended.With(0).Saying("stopping the server");
        Assert.False(Signals.IsAlive(server), "the server is gone when the command is");
        Assert.Empty(sandbox.Running);
        Assert.Null(sandbox.Announced);
    }

    [Fact]
    public async Task CtrlCAtATerminal_StopsWhatUpStarted()
    {
        await using Sandbox sandbox = new();
        Child up = sandbox.AtTerminal($"up {sandbox.Iris()} --port {sandbox.PortText} --no-browser");
        await up.SaysAsync("Ctrl-C stops the server");
        int server = sandbox.Announced!.Pid;

        await up.Input.WriteAsync('\u0003');
        await up.Input.FlushAsync(TestContext.Current.CancellationToken);
        Ended ended = await up.EndAsync();

        ended.With(0).Saying("stopping the server");
        Assert.False(Signals.IsAlive(server), "the server is gone when the command is");
        Assert.DoesNotContain("RW6008", ended.All, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Killed_ItTakesItsServerWithIt()
    {
        await using Sandbox sandbox = new();
        Child up = sandbox.Raywright("up", sandbox.Iris(), "--port", sandbox.PortText, "--no-browser");
        await up.SaysAsync("Ctrl-C stops the server");
        int server = sandbox.Announced!.Pid;

        up.Signal(Signals.Kill);

        await Eventually.TrueAsync(() => !Signals.IsAlive(server), "the server ends with the command that started it");
        await Eventually.TrueAsync(() => sandbox.Running.Length == 0, "nothing is left");
    }

    [Fact]
    public async Task InterruptedInTheMiddleOfADeploy_NothingIsLeft()
    {
        await using Sandbox sandbox = new();
        Child up = sandbox.Raywright("up", sandbox.Iris(), "--port", sandbox.PortText, "--no-browser");
        await up.SaysAsync("deploying");

        up.Signal(Signals.Interrupt);
        Ended ended = await up.EndAsync();

        Assert.True(ended.Status is 0 or 2, ended.ToString());
        Assert.Empty(sandbox.Running);
    }

    [Fact]
    public async Task WhereAServerRuns_UpDeploysThere_AndLeavesItRunning()
    {
        await using Sandbox sandbox = new();
        JsonElement first = await sandbox.UpAsync(sandbox.Iris());
        sandbox.Model("adding", ModelFolders.Adding(1));

        JsonElement second = JsonElement.Parse((await sandbox.RaywrightAsync("up", "adding", "--detach", "--json")).With(0).Output);
        Assert.Equal(first.GetProperty("serverPid").GetInt32(), second.GetProperty("serverPid").GetInt32());
        Assert.False(second.GetProperty("started").GetBoolean());

        Child third = sandbox.Raywright("up", "adding");
        await third.SaysAsync("the server goes on");
        third.Signal(Signals.Interrupt);
        (await third.EndAsync()).With(0).Saying("using the server that runs at");
        Assert.True(Signals.IsAlive(sandbox.Announced!.Pid), "a server that was there before stays");
        (await sandbox.RaywrightAsync("status")).With(0).Saying("adding\tdev\thealthy", "iris\tdev\thealthy");
    }

    [Fact]
    public async Task TwiceAtOnce_OneServer_AndBothSucceed()
    {
        await using Sandbox sandbox = new();
        string one = sandbox.Iris(), two = sandbox.Model("adding", ModelFolders.Adding(1));

        Ended[] ups = await Task.WhenAll(
            sandbox.RaywrightAsync("up", one, "--detach", "--json", "--port", sandbox.PortText),
            sandbox.RaywrightAsync("up", two, "--detach", "--json", "--port", sandbox.PortText));

        JsonElement[] said = [.. ups.Select(up => JsonElement.Parse(up.With(0).Output))];
        Assert.Single(said.Select(up => up.GetProperty("serverPid").GetInt32()).Distinct());
        Assert.Single(said, up => up.GetProperty("started").GetBoolean());
        Assert.Single(sandbox.Running);
        (await sandbox.RaywrightAsync("status")).With(0).Saying("adding\tdev\thealthy", "iris\tdev\thealthy");
    }

    [Fact]
    public async Task WhatWasServed_IsServedAgain_AfterDownAndUp()
    {
        await using Sandbox sandbox = new();
        string iris = sandbox.Iris();
        JsonElement before = await sandbox.UpAsync(iris);
        (await sandbox.RaywrightAsync("down")).With(0);

        JsonElement after = await sandbox.UpAsync(iris);

        Assert.NotEqual(before.GetProperty("serverPid").GetInt32(), after.GetProperty("serverPid").GetInt32());
        foreach (string same in new[] { "key", "queryKey", "version", "revision" })
            Assert.Equal(before.GetProperty(same).ToString(), after.GetProperty(same).ToString());
    }

    [Fact]
    public async Task AModelFileAlone_GetsItsSpec()
    {
        await using Sandbox sandbox = new();
        string folder = sandbox.ModelFile("adding", ModelFolders.Adding(1));

        JsonElement up = await sandbox.UpAsync(folder);

        Assert.Equal("adding", up.GetProperty("model").GetString());
        string spec = await File.ReadAllTextAsync(Path.Combine(folder, "raywright.yaml"), TestContext.Current.CancellationToken);
        Assert.Contains("source: model.onnx", spec, StringComparison.Ordinal);
        Assert.Contains("\"recorded\"", await File.ReadAllTextAsync(Path.Combine(folder, "tests", "cases.jsonl"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        (await sandbox.RaywrightAsync("query", "adding", """{"x": [[1, 2, 3, 4]]}""")).With(0).Saying("""[[2,3,4,5]]""");
        // A second time nothing is written, and nothing changes.
        Assert.Equal(up.GetProperty("revision").GetString(), (await sandbox.UpAsync(Path.Combine(folder, "model.onnx"))).GetProperty("revision").GetString());
        Assert.Equal(spec, await File.ReadAllTextAsync(Path.Combine(folder, "raywright.yaml"), TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("magika")]
    [InlineData("tickets/v2")]
    [InlineData("boosters/xgboost-wine")]
    public async Task ARealModel_DeploysFromItsFileAlone(string model)
    {
        string path = SharedFiles.Path(["models", .. model.Split('/'), "model.onnx"]);
        Assert.SkipUnless(File.Exists(path), $"There is no {model}.");
        await using Sandbox sandbox = new();
        string folder = sandbox.ModelFile("tried", await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken));

        JsonElement up = await sandbox.UpAsync(folder);

        EndpointInfo endpoint = (await sandbox.Owner().EndpointAsync("dev", up.GetProperty("model").GetString()!, TestContext.Current.CancellationToken)).Value;
        Assert.Equal(EndpointState.Healthy, endpoint.State);
        (await sandbox.RaywrightAsync("query", endpoint.Model, "--example")).With(0).Saying("outputs");
    }
}

using Microsoft.Extensions.DependencyInjection;
using Raywright.Core.Api;
using Raywright.Core.Api.Client;
using Raywright.Core.Errors;
using Raywright.Server.Hosting;
using Raywright.Server.Store;
using Raywright.Server.Tests.Hosting;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Server.Tests.Deploying;

/// <summary>Deploys and endpoints over stops, crashes and damage.</summary>
public sealed class RestartTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(TestDatabase.Both), MemberType = typeof(TestDatabase))]
    public async Task ADeployAcknowledgedBeforeAStop_IsServedAfterIt(string kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        using TestModel model = TestModel.Adding(1);
        Operation begun = (await server.Client.DeployAsync("dev", "adder", await server.UploadAsync(model.Folder), Token)).Value;
        await server.StopAsync();
        // Files that wait for their deploy are not old ones that nobody needs.
        foreach (string blob in Directory.EnumerateFiles(Path.Combine(server.Home, "blobs"), "*", SearchOption.AllDirectories))
            File.SetLastWriteTimeUtc(blob, new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        await server.RestartAsync();
        Assert.Equal(OperationState.Succeeded, (await server.EndOfAsync(begun.Id)).State);
        Assert.Equal("""{"outputs":{"y":[[2]]}}""", await server.AskAsync("adder", """{"x":[[1]]}"""));
    }

    [Fact]
    public async Task AFollower_SeesTheEndThroughARestart()
    {
        await using TestServer server = await TestServer.StartAsync();
        using TestModel model = TestModel.Adding(1);
        Operation begun = (await server.Client.DeployAsync("dev", "adder", await server.UploadAsync(model.Folder), Token)).Value;
        using RaywrightClient follower = new(server.Url, server.OwnerKey, TimeProvider.System);
        List<bool> connections = [];
        Operation? last = null;
        await foreach (Result<Operation> next in follower.FollowOperationAsync(begun.Id, FollowOptions.Default with { Connected = connections.Add }, Token))
        {
            if (last is null)
                await server.RestartAsync();
            last = next.Value;
        }
        Assert.Equal(OperationState.Succeeded, last!.State);
        Assert.Equal([false, true], connections.TakeLast(2));
    }

    [Fact]
    public async Task WhatACrashLeft_IsWorkedOffFromItsDisk()
    {
        await using TestServer server = await TestServer.StartAsync();
        using TestModel old = TestModel.Adding(1, "old"), one = TestModel.Adding(2, "one"), two = TestModel.Adding(3, "two");
        await server.DeployedAsync(old);
        DeployRequest first = await server.UploadAsync(one.Folder), second = await server.UploadAsync(two.Folder);
        string[] begun = [(await server.Client.DeployAsync("dev", "one", first, Token)).Value.Id, (await server.Client.DeployAsync("dev", "two", second, Token)).Value.Id];
        using TemporaryFolder crashed = new();
        // As a disk is found after a loss of power: in the middle of both deploys, between two writes of the database.
        await server.Services.GetRequiredService<DbStore>().WriteAsync(_ => { Copy(server.Home, crashed.Path); return Task.CompletedTask; }, Token);
        Result<ServerHost> started = await server.TryStartAsync(0, crashed.Path);
        Assert.True(started.Ok, string.Join("; ", started.Problems));
        await using ServerHost again = started.Value;
        using RaywrightClient client = new(new Uri(again.Info.Url), server.OwnerKey, TimeProvider.System);
        foreach (string id in begun)
            await Eventually.TrueAsync(async () => (await client.OperationAsync(id, Token)).Value.State == OperationState.Succeeded, $"{id} succeeds");
        Assert.Equal(["old", "one", "two"], (await client.EndpointsAsync(Token)).Value.Items.Select(endpoint => endpoint.Model));
        Assert.All((await client.EndpointsAsync(Token)).Value.Items, endpoint => Assert.Equal(EndpointState.Healthy, endpoint.State));
        Assert.True((await client.VerifyLedgerAsync(Token)).Value.Intact);
    }

    [Fact]
    public async Task AFileChangedOnDisk_StopsItsEndpointAlone_AndADeployMendsIt()
    {
        await using TestServer server = await TestServer.StartAsync();
        using TestModel broken = TestModel.Adding(1, "broken"), well = TestModel.Adding(2, "well");
        DeployResult before = await server.DeployedAsync(broken);
        await server.DeployedAsync(well);
        await server.StopAsync();
        FileReference file = TestServer.Files(broken.Folder).Single(one => one.Path == "model.onnx");
        string blob = Path.Combine(server.Home, "blobs", file.Sha256[..2], file.Sha256);
        await File.WriteAllBytesAsync(blob, new byte[file.Size], Token);
        await server.RestartAsync();
        EndpointInfo endpoint = (await server.Client.EndpointAsync("dev", "broken", Token)).Value;
        Assert.Equal(EndpointState.Unhealthy, endpoint.State);
        Assert.Contains("changed on disk", endpoint.Reason, StringComparison.Ordinal);
        Assert.Equal("RW2202", await server.AskAsync("broken", """{"x":[[1]]}"""));
        Assert.Equal("""{"outputs":{"y":[[3]]}}""", await server.AskAsync("well", """{"x":[[1]]}"""));
        Assert.Equal("RW5102", await server.OutcomeAsync(broken));
        Assert.Contains("changed on disk", (await server.Client.EndpointAsync("dev", "broken", Token)).Value.Reason, StringComparison.Ordinal);
        File.Delete(blob);
        Assert.Equal(before.Revision, (await server.DeployedAsync(broken)).Revision);
        endpoint = (await server.Client.EndpointAsync("dev", "broken", Token)).Value;
        Assert.Equal((EndpointState.Healthy, null), (endpoint.State, endpoint.Reason));
        Assert.Equal("""{"outputs":{"y":[[2]]}}""", await server.AskAsync("broken", """{"x":[[1]]}"""));
    }

    [Fact]
    public async Task AStart_RemovesWhatNothingRefersTo()
    {
        await using TestServer server = await TestServer.StartAsync();
        using TestModel model = TestModel.Adding(1);
        await server.DeployedAsync(model);
        await server.StopAsync();
        string[] blobs = [.. Directory.EnumerateFiles(Path.Combine(server.Home, "blobs"), "*", SearchOption.AllDirectories)];
        Assert.Equal(2, blobs.Length);
        foreach (string blob in blobs)
            File.SetLastWriteTimeUtc(blob, new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        await server.RestartAsync();
        FileReference kept = (await server.Client.VersionsAsync("adder", Token)).Value.Items[0].Files.Single();
        Assert.Equal([kept.Sha256], Directory.EnumerateFiles(Path.Combine(server.Home, "blobs"), "*", SearchOption.AllDirectories).Select(Path.GetFileName));
        Assert.Single(Directory.EnumerateDirectories(Path.Combine(server.Home, "versions")));
        Assert.Equal("""{"outputs":{"y":[[2]]}}""", await server.AskAsync("adder", """{"x":[[1]]}"""));
    }

    private static void Copy(string from, string to)
    {
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string path = Path.GetRelativePath(from, file);
            if (path is "server.lock" or "server.json" or "raywright.db-shm" || path.StartsWith("logs", StringComparison.Ordinal) || path.Contains(".new", StringComparison.Ordinal))
                continue;
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(to, path))!);
            File.Copy(file, Path.Combine(to, path));
        }
    }
}

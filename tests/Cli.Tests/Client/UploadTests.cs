using System.Collections.Immutable;
using Raywright.Cli.Tests.Fakes;
using Raywright.Core.Api;
using Raywright.Core.Api.Client;
using Raywright.Core.Artifacts;
using Raywright.Core.Errors;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Cli.Tests.Client;

public sealed class UploadTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AnUploadThatBreaks_GoesOnWhereItStopped()
    {
        await using FakeControlPlane server = await FakeControlPlane.StartAsync();
        using TemporaryFolder folder = new();
        FileReference file = Random(folder, 300_000);
        server.UploadBreaks.Enqueue(100_000);
        server.UploadBreaks.Enqueue(50_000);
        Result<long> sent = await UploadAsync(server, file, folder);
        Assert.True(sent.Ok, sent.Ok ? null : sent.Problems[0].ToString());
        Assert.Equal(150_000, sent.Value);
        Assert.Equal(File.ReadAllBytes(folder.Combine(file.Path)), server.Blobs[file.Sha256]);
    }

    [Fact]
    public async Task AFileThatTheServerHas_IsNotSent()
    {
        await using FakeControlPlane server = await FakeControlPlane.StartAsync();
        using TemporaryFolder folder = new();
        FileReference file = Random(folder, 1000);
        server.Blobs[file.Sha256] = [];
        Assert.Equal(0, (await UploadAsync(server, file, folder)).Value);
        Assert.DoesNotContain(server.Asked, asked => asked.StartsWith("PUT", StringComparison.Ordinal));
    }

    [Fact]
    public async Task AnEmptyFile_IsSentToo()
    {
        await using FakeControlPlane server = await FakeControlPlane.StartAsync();
        using TemporaryFolder folder = new();
        FileReference file = Random(folder, 0);
        Assert.True((await UploadAsync(server, file, folder)).Ok);
        Assert.Empty(server.Blobs[file.Sha256]);
    }

    [Fact]
    public async Task AFileThatChangedMeanwhile_IsAProblem()
    {
        await using FakeControlPlane server = await FakeControlPlane.StartAsync();
        using TemporaryFolder folder = new();
        FileReference file = Random(folder, 1000);
        File.AppendAllText(folder.Combine(file.Path), "more");
        Assert.Equal(Catalogue.UploadChanged, (await UploadAsync(server, file, folder)).Problems[0].Definition);
    }

    [Fact]
    public async Task AServerThatNeverTakesTheWhole_IsAProblemInTheEnd()
    {
        await using FakeControlPlane server = await FakeControlPlane.StartAsync();
        using TemporaryFolder folder = new();
        FileReference file = Random(folder, 5000);
        for (int attempt = 0; attempt < 20; attempt++)
            server.UploadBreaks.Enqueue(0);
        Assert.Equal(Catalogue.ServerUnreachable, (await UploadAsync(server, file, folder)).Problems[0].Definition);
    }

    private static async Task<Result<long>> UploadAsync(FakeControlPlane server, FileReference file, TemporaryFolder folder)
    {
        using RaywrightClient client = new(server.Url, FakeControlPlane.Key, TimeProvider.System);
        return await client.UploadAsync(file, folder.Combine(file.Path), null, Cancellation);
    }

    private static FileReference Random(TemporaryFolder folder, int size)
    {
        byte[] bytes = new byte[size];
        new Random(7).NextBytes(bytes);
        File.WriteAllBytes(folder.Combine("model.bin"), bytes);
        ImmutableArray<FileReference> files = FileSet.Read(folder.Path, ["model.bin"]).Value;
        return files[0];
    }
}

using System.Net.Http.Headers;
using System.Security.Cryptography;
using CsCheck;
using Microsoft.Extensions.DependencyInjection;
using Raywright.Core.Errors;
using Raywright.Server.Blobs;
using Raywright.Server.Tests.Hosting;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Server.Tests.Blobs;

/// <summary>Files by digest: whole and right, or not there.</summary>
public sealed class BlobTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1_000_003)]
    public async Task AFileSentWhole_ComesBackTheSame(int size)
    {
        await using TestServer server = await TestServer.StartAsync();
        byte[] bytes = Random(size);
        string path = Address(bytes);
        using (HttpResponseMessage before = await server.Http.CallAsync("HEAD", path, key: server.OwnerKey))
            Assert.Equal((404, "0"), (before.Status, Assert.Single(before.Headers.GetValues("Upload-Offset"))));
        Assert.Equal("404 RW5201", await (await server.Http.ReadAsync(path, server.OwnerKey)).OutcomeAsync());
        Assert.Equal(204, (await PutAsync(server, path, bytes)).Status);
        using (HttpResponseMessage after = await server.Http.CallAsync("HEAD", path, key: server.OwnerKey))
            Assert.Equal((200, size), (after.Status, after.Content.Headers.ContentLength));
        Assert.Equal(bytes, await (await server.Http.ReadAsync(path, server.OwnerKey)).Content.ReadAsByteArrayAsync(Token));
        Assert.Equal(204, (await PutAsync(server, path, bytes)).Status);
    }

    [Fact]
    public async Task APartOfAFile_CanBeFetched()
    {
        await using TestServer server = await TestServer.StartAsync();
        byte[] bytes = Random(1000);
        await PutAsync(server, Address(bytes), bytes);
        using HttpResponseMessage part = await server.Http.CallAsync("GET", Address(bytes), null, server.OwnerKey, ("Range", "bytes=100-199"));
        Assert.Equal(206, part.Status);
        Assert.Equal(bytes[100..200], await part.Content.ReadAsByteArrayAsync(Token));
    }

    [Theory]
    [InlineData("bytes 0-99/*")]
    [InlineData("bytes */1000")]
    [InlineData("bytes 0-98/1000")]
    [InlineData("rows 0-999/1000")]
    [InlineData("nonsense")]
    [InlineData("bytes 500-999/1000")]
    public async Task ARangeThatIsNotTheRest_IsRefused(string range)
    {
        await using TestServer server = await TestServer.StartAsync();
        byte[] bytes = Random(1000);
        Assert.Equal("409 RW5103", await (await PutAsync(server, Address(bytes), bytes, range)).OutcomeAsync());
        Assert.Equal(404, (await server.Http.CallAsync("HEAD", Address(bytes), key: server.OwnerKey)).Status);
    }

    [Fact]
    public async Task WhatHasAnotherDigest_IsRefusedAndForgotten()
    {
        await using TestServer server = await TestServer.StartAsync();
        byte[] bytes = Random(1000), other = [.. bytes];
        other[^1] ^= 1;
        Assert.Equal("422 RW5102", await (await PutAsync(server, Address(bytes), other)).OutcomeAsync());
        using HttpResponseMessage head = await server.Http.CallAsync("HEAD", Address(bytes), key: server.OwnerKey);
        Assert.Equal((404, "0"), (head.Status, Assert.Single(head.Headers.GetValues("Upload-Offset"))));
        Assert.Equal(204, (await PutAsync(server, Address(bytes), bytes)).Status);
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855")]
    [InlineData("..%2F..%2F..%2Fetc%2Fpasswd")]
    public async Task AnAddressThatIsNoDigest_IsRefused(string digest)
    {
        await using TestServer server = await TestServer.StartAsync();
        foreach (string method in new[] { "GET", "PUT" })
            Assert.Equal("400 RW5202", await (await server.Http.CallAsync(method, $"/api/v1/blobs/{digest}", method == "PUT" ? [1] : null, server.OwnerKey)).OutcomeAsync());
        Assert.Equal(400, (await server.Http.CallAsync("HEAD", $"/api/v1/blobs/{digest}", key: server.OwnerKey)).Status);
    }

    [Fact]
    public async Task UploadsThatBreakAnywhere_GoOnWhereTheyStopped()
    {
        await using TestServer server = await TestServer.StartAsync();
        Gen<(int Size, int Seed, int[] Cuts)> uploads = Gen.Select(Gen.Int[1, 400_000], Gen.Int, Gen.Int[0, 200_000].Array[0, 4]);
        await uploads.SampleAsync(async upload =>
        {
            byte[] bytes = new byte[upload.Size];
            new Random(upload.Seed).NextBytes(bytes);
            string path = Address(bytes);
            foreach (int cut in upload.Cuts)
            {
                int from = await OffsetAsync(server, path);
                if (from >= bytes.Length)
                    break;
                await BrokenPutAsync(server, path, bytes.AsMemory(from), cut, $"bytes {from}-{bytes.Length - 1}/{bytes.Length}");
                // What the kernel had not handed over yet when the connection broke is lost; what has arrived is kept.
                Assert.InRange(await OffsetAsync(server, path), 0, Math.Min(bytes.Length, from + cut));
            }
            int rest = await OffsetAsync(server, path);
            if (rest < bytes.Length)
                Assert.Equal("204", await (await PutAsync(server, path, bytes[rest..], $"bytes {rest}-{bytes.Length - 1}/{bytes.Length}")).OutcomeAsync());
            Assert.Equal(bytes, await (await server.Http.ReadAsync(path, server.OwnerKey)).Content.ReadAsByteArrayAsync(Token));
        }, iter: 40, threads: 1);
    }

    [Fact]
    public async Task APartThatHasArrived_IsKeptOverARestart()
    {
        await using TestServer server = await TestServer.StartAsync();
        byte[] bytes = Random(300_000);
        using (await BegunPutAsync(server, Address(bytes), bytes, 200_000, $"bytes 0-{bytes.Length - 1}/{bytes.Length}"))
            await Eventually.TrueAsync(async () => await OffsetAsync(server, Address(bytes)) == 200_000, "the part has arrived");
        const int before = 200_000;
        await server.RestartAsync();
        Assert.Equal(before, await OffsetAsync(server, Address(bytes)));
        Assert.Equal(204, (await PutAsync(server, Address(bytes), bytes[before..], $"bytes {before}-{bytes.Length - 1}/{bytes.Length}")).Status);
    }

    [Fact]
    public async Task TwoUploadsOfOneFileAtOnce_BothSucceed()
    {
        await using TestServer server = await TestServer.StartAsync();
        byte[] bytes = Random(2_000_000);
        HttpResponseMessage[] answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => PutAsync(server, Address(bytes), bytes)));
        Assert.All(answers, answer => Assert.Equal(204, answer.Status));
        Assert.Equal(bytes, await (await server.Http.ReadAsync(Address(bytes), server.OwnerKey)).Content.ReadAsByteArrayAsync(Token));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(server.Home, "blobs", "parts")));
    }

    [Fact]
    public async Task Collecting_KeepsWhatIsReferencedAndWhatIsYoung()
    {
        using TemporaryFolder folder = new();
        BlobStore blobs = new(folder.Path);
        string[] digests = [.. await Task.WhenAll(Enumerable.Range(1, 4).Select(async number => await StoredAsync(blobs, Random(number))))];
        DateTime old = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc), now = old.AddDays(2);
        foreach (string digest in digests)
            File.SetLastWriteTimeUtc(blobs.PathOf(digest), old);
        folder.Write("parts/0.part", "half");
        File.SetLastWriteTimeUtc(folder.Combine("parts", "0.part"), old);
        blobs.Touch(digests[1], now);
        Assert.Equal(3, blobs.Collect(new HashSet<string> { digests[0] }, old.AddDays(1)));
        Assert.Equal([true, true, false, false], digests.Select(blobs.Has));
        Assert.Equal(0, blobs.Collect(new HashSet<string> { digests[0] }, old.AddDays(1)));
    }

    [Fact]
    public async Task AFileChangedOnDisk_IsNeverHandedOut()
    {
        using TemporaryFolder folder = new();
        BlobStore blobs = new(folder.Combine("blobs"));
        string digest = await StoredAsync(blobs, Random(100));
        await File.WriteAllTextAsync(blobs.PathOf(digest), "another", Token);
        Problem? problem = await blobs.CopyToAsync(digest, folder.Combine("copy", "model.onnx"), Token);
        Assert.Equal("RW5102", problem?.Code);
        Assert.False(File.Exists(folder.Combine("copy", "model.onnx")));
    }

    [Fact]
    public async Task AFullDisk_IsSaidAndLeavesNothingHalfVisible()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Only root on Linux can mount a small disk.");
        using TemporaryFolder folder = new();
        Assert.SkipUnless(await RunAsync("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder.Path) == 0, "Mounting is not permitted here.");
        try
        {
            BlobStore blobs = new(folder.Path);
            byte[] large = Random(3_000_000), small = Random(1000);
            Exception full = await Assert.ThrowsAnyAsync<IOException>(() => blobs.PutAsync(Digest(large), 0, new MemoryStream(large), Token));
            Problem? problem = Raywright.Server.Store.StoreFailure.Of(full);
            Assert.Equal(("RW5004", 507), (problem?.Code, problem?.Definition.HttpStatus));
            Assert.False(blobs.Has(Digest(large)));
            // What has arrived waits for the rest; the disk is free again when it is collected.
            Assert.Equal(1, blobs.Collect(new HashSet<string>(), DateTime.MaxValue));
            Assert.True((await blobs.PutAsync(Digest(small), 0, new MemoryStream(small), Token)).Ok);
        }
        finally
        {
            await RunAsync("umount", folder.Path);
        }
    }

    [Fact]
    public async Task AServerOnAFullDisk_AnswersAndGoesOnWhenThereIsRoom()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Only root on Linux can mount a small disk.");
        await using TestServer server = await TestServer.StartAsync();
        string blobs = Path.Combine(server.Home, "blobs");
        Directory.CreateDirectory(blobs);
        Assert.SkipUnless(await RunAsync("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", blobs) == 0, "Mounting is not permitted here.");
        try
        {
            byte[] large = Random(3_000_000), small = Random(1000);
            Assert.Equal("507 RW5004", await (await PutAsync(server, Address(large), large)).OutcomeAsync());
            server.Services.GetRequiredService<BlobStore>().Collect(new HashSet<string>(), DateTime.MaxValue);
            Assert.Equal(204, (await PutAsync(server, Address(small), small)).Status);
        }
        finally
        {
            await RunAsync("umount", blobs);
        }
    }

    private static async Task<int> RunAsync(string program, params string[] arguments)
    {
        using System.Diagnostics.Process process = System.Diagnostics.Process.Start(program, arguments);
        await process.WaitForExitAsync(CancellationToken.None);
        return process.ExitCode;
    }

    private static byte[] Random(int size)
    {
        byte[] bytes = new byte[size];
        new Random(size).NextBytes(bytes);
        return bytes;
    }

    private static string Digest(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static string Address(byte[] bytes) => $"/api/v1/blobs/{Digest(bytes)}";

    private static async Task<string> StoredAsync(BlobStore blobs, byte[] bytes)
    {
        Assert.True((await blobs.PutAsync(Digest(bytes), 0, new MemoryStream(bytes), Token)).Ok);
        return Digest(bytes);
    }

    private static async Task<int> OffsetAsync(TestServer server, string path)
    {
        using HttpResponseMessage head = await server.Http.CallAsync("HEAD", path, key: server.OwnerKey);
        return head.Status == 200 ? int.MaxValue : int.Parse(head.Headers.GetValues("Upload-Offset").Single(), System.Globalization.CultureInfo.InvariantCulture);
    }

    private static Task<HttpResponseMessage> PutAsync(TestServer server, string path, byte[] bytes, string? range = null) =>
        server.Http.CallAsync("PUT", path, bytes, server.OwnerKey, range is null ? [] : [("Content-Range", range)]);

    /// <summary>Sends some of what it announces and breaks the connection.</summary>
    private static async Task BrokenPutAsync(TestServer server, string path, ReadOnlyMemory<byte> bytes, int cut, string range)
    {
        using System.Net.Sockets.TcpClient connection = await BegunPutAsync(server, path, bytes, cut, range);
        if (cut % 2 == 0)
            connection.Client.LingerState = new System.Net.Sockets.LingerOption(true, 0);
    }

    /// <summary>Sends some of what it announces.</summary>
    private static async Task<System.Net.Sockets.TcpClient> BegunPutAsync(TestServer server, string path, ReadOnlyMemory<byte> bytes, int cut, string range)
    {
        System.Net.Sockets.TcpClient connection = new();
        await connection.ConnectAsync(server.Url.Host, server.Url.Port, Token);
        System.Net.Sockets.NetworkStream stream = connection.GetStream();
        await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(
            $"PUT {path} HTTP/1.1\r\nHost: {server.Url.Authority}\r\nAuthorization: Bearer {server.OwnerKey}\r\nContent-Length: {bytes.Length}\r\nContent-Range: {range}\r\n\r\n"), Token);
        await stream.WriteAsync(bytes[..Math.Min(cut, bytes.Length - 1)], Token);
        return connection;
    }
}

using System.Diagnostics;
using System.Text.Json;
using Raywright.Core.Errors;
using Raywright.Server.Store;
using Raywright.Server.Tests.Hosting;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Server.Tests.Store;

/// <summary>A database file that is damaged, half made or out of reach.</summary>
public sealed class SqliteFileTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(4096)]
    public async Task ADamagedFile_IsAProblemOfItsOwn(int from)
    {
        await using TestDatabase database = await TestDatabase.CreateAsync(TestDatabase.Sqlite);
        await (await DbStoreTests.OpenedAsync(database)).DisposeAsync();
        byte[] bytes = await File.ReadAllBytesAsync(database.File, Token);
        new Random(5).NextBytes(bytes.AsSpan(from, bytes.Length - from));
        await File.WriteAllBytesAsync(database.File, bytes, Token);
        Problem problem = Assert.Single((await database.OpenAsync()).Problems);
        Assert.Equal("RW5005", problem.Code);
        Assert.Contains(database.File, problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AServerOnADamagedFile_SaysSoInOneLineAndEnds()
    {
        using TemporaryFolder home = new();
        home.Write("raywright.db", new string('x', 8192));
        ProcessStartInfo start = new("dotnet", [Path.Combine(AppContext.BaseDirectory, "raywright-server.dll"), "--port", "0", "--home", home.Path])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        using Process server = Process.Start(start)!;
        string said = await server.StandardOutput.ReadToEndAsync(Token);
        await server.WaitForExitAsync(Token);
        Assert.Equal((int)ExitCode.Error, server.ExitCode);
        Assert.Equal("RW5005", JsonDocument.Parse(said.Trim()).RootElement.GetProperty("code").GetString());
        Assert.False(File.Exists(home.Combine("server.json")));
    }

    [Fact]
    public async Task TheLockOfAMigrationThatWasKilled_HoldsNobodyUp()
    {
        await using TestDatabase database = await TestDatabase.CreateAsync(TestDatabase.Sqlite);
        await database.ExecuteAsync("CREATE TABLE __EFMigrationsLock (Id INTEGER NOT NULL CONSTRAINT PK___EFMigrationsLock PRIMARY KEY, Timestamp TEXT NOT NULL); INSERT INTO __EFMigrationsLock VALUES (1, '2026-01-01')");
        await using DbStore store = await DbStoreTests.OpenedAsync(database);
        Assert.Equal(0, await DbStoreTests.CountAsync(store));
    }

    [Fact]
    public async Task ACommit_IsOnDiskWhenItIsAcknowledged()
    {
        await using TestDatabase database = await TestDatabase.CreateAsync(TestDatabase.Sqlite);
        await using DbStore store = await DbStoreTests.OpenedAsync(database);
        Assert.Equal("wal 2 1", await store.ReadAsync(async db => $"{await PragmaAsync(db, "journal_mode")} {await PragmaAsync(db, "synchronous")} {await PragmaAsync(db, "foreign_keys")}"));
    }

    [Fact]
    public async Task AFolderThatIsAFile_IsRefused()
    {
        using TemporaryFolder folder = new();
        Problem problem = Assert.Single((await DbStore.OpenSqliteAsync(Path.Combine(folder.Write("home", "no folder"), "raywright.db"), Token)).Problems);
        Assert.Equal("RW5003", problem.Code);
    }

    private static async Task<object?> PragmaAsync(Db db, string name)
    {
        await Microsoft.EntityFrameworkCore.RelationalDatabaseFacadeExtensions.OpenConnectionAsync(db.Database, Token);
        await using System.Data.Common.DbCommand command = Microsoft.EntityFrameworkCore.RelationalDatabaseFacadeExtensions.GetDbConnection(db.Database).CreateCommand();
#pragma warning disable CA2100 // The names are constants of the test.
        command.CommandText = $"PRAGMA {name}";
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync(Token);
    }
}

using Microsoft.EntityFrameworkCore;
using Npgsql;
using Raywright.Core.Errors;
using Raywright.Server.Access;
using Raywright.Server.Store;
using Raywright.Server.Tests.Hosting;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Server.Tests.Store;

/// <summary>What only a database server can do: conflict with others, go away, have several callers.</summary>
public sealed class PostgresTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AWriteThatMeetsAnothers_IsMadeAgainFromItsStart()
    {
        await using TestDatabase database = await TestDatabase.CreateAsync(TestDatabase.Postgres);
        await using DbStore store = await DbStoreTests.OpenedAsync(database);
        await store.WriteAsync(db => { db.Add(DbStoreTests.Key("counter")); return Task.CompletedTask; }, Token);
        int attempts = 0;
        await store.WriteAsync(async db =>
        {
            KeyRow row = await db.Set<KeyRow>().SingleAsync(Token);
            if (++attempts == 1)
                await database.ExecuteAsync("UPDATE keys SET \"LastUsedAt\" = 100");
            row.LastUsedAt = (row.LastUsedAt ?? 0) + 1;
        }, Token);
        Assert.Equal(2, attempts);
        Assert.Equal(101, await store.ReadAsync(db => db.Set<KeyRow>().Select(row => row.LastUsedAt).SingleAsync(Token)));
    }

    [Fact]
    public async Task AConflictWithoutAnEnd_EndsInTheException()
    {
        await using TestDatabase database = await TestDatabase.CreateAsync(TestDatabase.Postgres);
        await using DbStore store = await DbStoreTests.OpenedAsync(database);
        int attempts = 0;
        await Assert.ThrowsAsync<PostgresException>(() => store.WriteAsync<int>(_ =>
        {
            attempts++;
            throw new PostgresException("again", "ERROR", "ERROR", PostgresErrorCodes.SerializationFailure);
        }, Token));
        Assert.Equal(6, attempts);
    }

    [Fact]
    public async Task ASecondServerOnTheDatabase_IsRefused_AndTheFirstOnesDeathGivesItBack()
    {
        await using TestServer first = await TestServer.StartAsync(TestDatabase.Postgres);
        using TemporaryFolder home = new();
        Problem problem = Assert.Single((await first.TryStartAsync(0, home.Path)).Problems);
        Assert.Equal("RW5007", problem.Code);
        await first.StopAsync();
        Result<Raywright.Server.Hosting.ServerHost> second = await first.TryStartAsync(0, home.Path);
        Assert.True(second.Ok, string.Join("; ", second.Problems));
        await second.Value.DisposeAsync();
    }

    [Fact]
    public async Task AnOpenThatFails_KeepsNoLock()
    {
        await using TestDatabase database = await TestDatabase.CreateAsync(TestDatabase.Postgres);
        await (await DbStoreTests.OpenedAsync(database)).DisposeAsync();
        await database.ExecuteAsync("INSERT INTO \"__EFMigrationsHistory\" VALUES ('29990101000000_Future', '99.0.0')");
        Assert.Equal("RW5005", (await database.OpenAsync()).Problems[0].Code);
        Assert.Equal("RW5005", (await database.OpenAsync()).Problems[0].Code);
    }

    [Theory]
    [InlineData("Host=127.0.0.1;Port=1;Database=x;Timeout=5")]
    [InlineData("Host=127.0.0.1;Nonsense=1")]
    [InlineData("nonsense")]
    public async Task AServerThatIsNotThere_IsAProblem(string connection) =>
        Assert.Equal("RW5005", Assert.Single((await DbStore.OpenPostgresAsync(connection, Token)).Problems).Code);

    [Fact]
    public async Task AConnectionThatIsCut_IsKnownAsPassing()
    {
        await using TestDatabase database = await TestDatabase.CreateAsync(TestDatabase.Postgres);
        await using DbStore store = await DbStoreTests.OpenedAsync(database);
        Exception thrown = await Assert.ThrowsAnyAsync<Exception>(() => store.WriteAsync(async db =>
        {
            await db.Set<KeyRow>().CountAsync(Token);
            await database.ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'");
            return await db.Set<KeyRow>().CountAsync(Token);
        }, Token));
        Assert.Equal("RW5005", StoreFailure.Of(thrown)?.Code);
        await Eventually.TrueAsync(async () => await store.WriteAsync(db => db.Set<KeyRow>().CountAsync(Token), Token) == 0, "the store writes again");
    }
}

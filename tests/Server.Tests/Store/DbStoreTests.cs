using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Raywright.Core.Errors;
using Raywright.Server.Access;
using Raywright.Server.Environments;
using Raywright.Server.Store;
using Raywright.Server.Tests.Hosting;
using Xunit;

namespace Raywright.Server.Tests.Store;

/// <summary>What both databases promise alike.</summary>
public sealed class DbStoreTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(TestDatabase.Both), MemberType = typeof(TestDatabase))]
    public async Task Migrations_AreComplete(string kind)
    {
        await using TestDatabase database = await TestDatabase.CreateAsync(kind);
        await using DbStore store = await OpenedAsync(database);
        Assert.Equal(kind, store.Kind);
        await store.ReadAsync(async db =>
        {
            Assert.False(db.Database.HasPendingModelChanges(), "The model has changed: add a migration for both databases.");
            Assert.Empty(await db.Database.GetPendingMigrationsAsync(Token));
            Assert.Equal(["dev", "prod", "staging"], await db.Set<EnvironmentRow>().Select(row => row.Name).OrderBy(name => name).ToListAsync(Token));
            return true;
        });
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Both), MemberType = typeof(TestDatabase))]
    public async Task AWriteThatThrows_LeavesNothing(string kind)
    {
        await using TestDatabase database = await TestDatabase.CreateAsync(kind);
        await using DbStore store = await OpenedAsync(database);
        await Assert.ThrowsAsync<TimeZoneNotFoundException>(() => store.WriteAsync(async db =>
        {
            db.Add(Key("half"));
            await db.SaveChangesAsync(Token);
            throw new TimeZoneNotFoundException();
        }, Token));
        Assert.Equal(0, await CountAsync(store));
        await store.WriteAsync(db => { db.Add(Key("whole")); return Task.CompletedTask; }, Token);
        Assert.Equal(1, await CountAsync(store));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Both), MemberType = typeof(TestDatabase))]
    public async Task WritesOfManyTasks_AllLandOnce(string kind)
    {
        await using TestDatabase database = await TestDatabase.CreateAsync(kind);
        await using DbStore store = await OpenedAsync(database);
        await store.WriteAsync(db => { db.Add(Key("counter")); return Task.CompletedTask; }, Token);
        await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => Task.Run(() => store.WriteAsync(async db =>
        {
            KeyRow row = await db.Set<KeyRow>().SingleAsync(Token);
            row.LastUsedAt = (row.LastUsedAt ?? 0) + 1;
        }, Token), Token)));
        Assert.Equal(32, await store.ReadAsync(db => db.Set<KeyRow>().Select(row => row.LastUsedAt).SingleAsync(Token)));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Both), MemberType = typeof(TestDatabase))]
    public async Task AReader_SeesWhatWasCommittedWhileAWriterIsAtIt(string kind)
    {
        await using TestDatabase database = await TestDatabase.CreateAsync(kind);
        await using DbStore store = await OpenedAsync(database);
        await store.WriteAsync(async db =>
        {
            db.Add(Key("new"));
            await db.SaveChangesAsync(Token);
            Assert.Equal(0, await CountAsync(store).WaitAsync(Token));
        }, Token);
        Assert.Equal(1, await CountAsync(store));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Both), MemberType = typeof(TestDatabase))]
    public async Task WhoeverWaitsForWrites_IsToldAfterTheCommit(string kind)
    {
        await using TestDatabase database = await TestDatabase.CreateAsync(kind);
        await using DbStore store = await OpenedAsync(database);
        int told = 0;
        store.Written = () => told++;
        await store.WriteAsync(db => { db.Add(Key("one")); return Task.CompletedTask; }, Token);
        await Assert.ThrowsAsync<TimeZoneNotFoundException>(() => store.WriteAsync<int>(_ => throw new TimeZoneNotFoundException(), Token));
        Assert.Equal(1, told);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Both), MemberType = typeof(TestDatabase))]
    public async Task ADatabaseOfANewerServer_IsRefusedUntouched(string kind)
    {
        await using TestDatabase database = await TestDatabase.CreateAsync(kind);
        await using (DbStore store = await OpenedAsync(database))
            await store.WriteAsync(db => db.Database.ExecuteSqlRawAsync("INSERT INTO \"__EFMigrationsHistory\" VALUES ('29990101000000_Future', '99.0.0')", Token), Token);
        Problem problem = Assert.Single((await database.OpenAsync()).Problems);
        Assert.Equal("RW5005", problem.Code);
        Assert.Contains("29990101000000_Future", problem.Detail, StringComparison.Ordinal);
        Assert.Equal(0L, Convert.ToInt64(await database.ExecuteAsync("SELECT COUNT(*) FROM keys"), System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public void BothDatabases_HaveTheSameMigrations()
    {
        using SqliteDb sqlite = new SqliteDb.DesignTime().CreateDbContext([]);
        using PostgresDb postgres = new PostgresDb.DesignTime().CreateDbContext([]);
        Assert.Equal(Names(sqlite.Database), Names(postgres.Database));
        static IEnumerable<string> Names(DatabaseFacade database) => database.GetMigrations().Select(migration => migration[(migration.IndexOf('_', StringComparison.Ordinal) + 1)..]);
    }

    internal static KeyRow Key(string id) => new() { Id = id, Name = id, Digest = "", Scopes = "query", Endpoints = "", CreatedAt = 1 };

    internal static Task<int> CountAsync(DbStore store) => store.ReadAsync(db => db.Set<KeyRow>().CountAsync(Token));

    internal static async Task<DbStore> OpenedAsync(TestDatabase database)
    {
        Result<DbStore> opened = await database.OpenAsync();
        Assert.True(opened.Ok, string.Join("; ", opened.Problems));
        return opened.Value;
    }
}

using CsCheck;
using Microsoft.EntityFrameworkCore;
using Raywright.Core.Api;
using Raywright.Server.Ledger;
using Raywright.Server.Store;
using Raywright.Server.Tests.Hosting;
using Raywright.Server.Tests.Store;
using Xunit;

namespace Raywright.Server.Tests.Ledger;

/// <summary>The record of changes: written with them, sealed after them, and true.</summary>
public sealed class LedgerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(TestDatabase.Both), MemberType = typeof(TestDatabase))]
    public async Task ARow_IsThereWithItsChangeOrNotAtAll(string kind)
    {
        await using TestDatabase database = await TestDatabase.CreateAsync(kind);
        await using DbStore store = await DbStoreTests.OpenedAsync(database);
        LedgerService ledger = new(store, TimeProvider.System);
        await Assert.ThrowsAsync<TimeZoneNotFoundException>(() => store.WriteAsync<int>(db =>
        {
            ledger.Append(db, "me", "change", "dev/iris", "a change that fails");
            throw new TimeZoneNotFoundException();
        }, Token));
        await AppendAsync(store, ledger, 1);
        LedgerRow row = Assert.Single((await ledger.ListAsync(null, null)).Items);
        Assert.Equal("change 0", row.Summary);
        Assert.Equal("""{"n":0}""", row.Data!.Value.GetRawText());
        Assert.Null(row.Hash);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Both), MemberType = typeof(TestDatabase))]
    public async Task ASealedChain_IsIntactAndEveryChangeInItIsFound(string kind)
    {
        await using TestDatabase database = await TestDatabase.CreateAsync(kind);
        await using DbStore store = await DbStoreTests.OpenedAsync(database);
        LedgerService ledger = new(store, TimeProvider.System);
        await AppendAsync(store, ledger, 6);
        Assert.Equal(new LedgerVerification(true, 6, 0, null), await ledger.VerifyAsync());
        await SealAllAsync(ledger);
        Assert.Equal(new LedgerVerification(true, 6, 6, null), await ledger.VerifyAsync());
        long[] numbers = [.. (await ledger.ListAsync(null, null)).Items.Select(row => row.Sequence).Order()];
        foreach ((string column, string other) in new[] { ("Summary", "'another'"), ("Actor", "'another'"), ("Target", "'another'"), ("Action", "'another'"), ("Data", "NULL"), ("At", "1"), ("Hash", "'00'") })
        {
            object? before = await database.ExecuteAsync($"SELECT \"{column}\" FROM ledger WHERE \"Sequence\" = {numbers[2]}");
            await database.ExecuteAsync($"UPDATE ledger SET \"{column}\" = {other} WHERE \"Sequence\" = {numbers[2]}");
            LedgerVerification found = await ledger.VerifyAsync();
            Assert.False(found.Intact, column);
            Assert.Equal((numbers[2], 2), (found.BrokenAt, found.Sealed));
            await database.ExecuteAsync($"UPDATE ledger SET \"{column}\" = {(before is string ? $"'{before}'" : before)} WHERE \"Sequence\" = {numbers[2]}");
            Assert.True((await ledger.VerifyAsync()).Intact, column);
        }
        await database.ExecuteAsync($"DELETE FROM ledger WHERE \"Sequence\" = {numbers[3]}");
        Assert.Equal(numbers[4], (await ledger.VerifyAsync()).BrokenAt);
    }

    [Fact]
    public async Task AHashThatWasTakenAway_IsFound()
    {
        await using TestDatabase database = await TestDatabase.CreateAsync(TestDatabase.Sqlite);
        await using DbStore store = await DbStoreTests.OpenedAsync(database);
        LedgerService ledger = new(store, TimeProvider.System);
        await AppendAsync(store, ledger, 3);
        await SealAllAsync(ledger);
        await database.ExecuteAsync("UPDATE ledger SET Hash = NULL WHERE Sequence = 2");
        Assert.Equal(3, (await ledger.VerifyAsync()).BrokenAt);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Both), MemberType = typeof(TestDatabase))]
    public async Task Pages_HoldEveryRowOnceNewestFirst(string kind)
    {
        await using TestDatabase database = await TestDatabase.CreateAsync(kind);
        await using DbStore store = await DbStoreTests.OpenedAsync(database);
        LedgerService ledger = new(store, TimeProvider.System);
        await AppendAsync(store, ledger, 250);
        List<string> seen = [];
        string? after = null;
        do
        {
            Page<LedgerRow> page = await ledger.ListAsync(null, after is null ? null : long.Parse(after, System.Globalization.CultureInfo.InvariantCulture));
            Assert.InRange(page.Items.Length, 1, 100);
            seen.AddRange(page.Items.Select(row => row.Summary));
            after = page.Next;
        }
        while (after is not null);
        Assert.Equal(Enumerable.Range(0, 250).Reverse().Select(number => $"change {number}"), seen);
        Assert.Equal(125, (await ledger.ListAsync("dev/1", null)).Items.Length + (await ledger.ListAsync("dev/1", (await ledger.ListAsync("dev/1", null)).Items[^1].Sequence)).Items.Length);
    }

    [Fact]
    public async Task AnyMixOfWritesAndSeals_LeavesAnIntactChain()
    {
        Gen<int[]> mixes = Gen.Int[-1, 4].Array[1, 12];
        await mixes.SampleAsync(async mix =>
        {
            await using TestDatabase database = await TestDatabase.CreateAsync(TestDatabase.Sqlite);
            await using DbStore store = await DbStoreTests.OpenedAsync(database);
            LedgerService ledger = new(store, TimeProvider.System);
            await Task.WhenAll(mix.Select(step => step < 0 ? SealAllAsync(ledger) : AppendAsync(store, ledger, step)));
            int rows = mix.Where(step => step > 0).Sum();
            LedgerVerification between = await ledger.VerifyAsync();
            Assert.True(between.Intact && between.Rows == rows, $"{between}");
            await SealAllAsync(ledger);
            Assert.Equal(new LedgerVerification(true, rows, rows, null), await ledger.VerifyAsync());
        }, iter: 15, threads: 1);
    }

    [Fact]
    public async Task AServer_SealsWhatItWrites()
    {
        await using TestServer server = await TestServer.StartAsync();
        await server.KeyAsync(["query"]);
        await TestKit.Eventually.TrueAsync(async () => (await server.Client.VerifyLedgerAsync(Token)).Value is { Intact: true, Rows: > 1 } found && found.Rows == found.Sealed, "every row is sealed");
        Assert.Equal("400 RW5202", await (await server.Http.ReadAsync("/api/v1/ledger?after=x", server.OwnerKey)).OutcomeAsync());
        Assert.Equal("400 RW5202", await (await server.Http.ReadAsync("/api/v1/ledger?after=-1", server.OwnerKey)).OutcomeAsync());
    }

    private static async Task AppendAsync(DbStore store, LedgerService ledger, int rows)
    {
        for (int row = 0; row < rows; row++)
        {
            int number = row;
            await store.WriteAsync(db =>
            {
                ledger.Append(db, "me", "change", $"dev/{number % 2}", $"change {number}", $$"""{"n":{{number}}}""");
                return Task.CompletedTask;
            }, Token);
        }
    }

    private static async Task SealAllAsync(LedgerService ledger)
    {
        while (await ledger.SealAsync(Token))
        {
        }
    }
}

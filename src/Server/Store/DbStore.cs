using System.Data;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;
using Raywright.Core.Errors;

namespace Raywright.Server.Store;

/// <summary>
/// The only way to the database. A write is one short transaction, saved and committed when its body returns, rolled back when it
/// throws; writes run one at a time, so that a ledger row's number is also its place in time. Reads run beside them.
/// </summary>
public sealed class DbStore : IAsyncDisposable
{
    private const int MostAttempts = 6;

    /// <summary>Names our lock among those of other programs on the same database server.</summary>
    private const long OneServerLock = 0x5261_7977_7269_6768;

    private readonly Func<Db> open;
    private readonly SemaphoreSlim writer = new(1, 1);
    private NpgsqlConnection? guard;

    private DbStore(string kind, Func<Db> open) => (Kind, this.open) = (kind, open);

    /// <summary><c>sqlite</c> or <c>postgresql</c>.</summary>
    public string Kind { get; }

    /// <summary>Called after a write was committed.</summary>
    internal Action? Written { get; set; }

    /// <summary>A file, made where it is missing.</summary>
    public static async Task<Result<DbStore>> OpenSqliteAsync(string file, CancellationToken cancellation)
    {
        string connection = new SqliteConnectionStringBuilder { DataSource = file, Cache = SqliteCacheMode.Private, DefaultTimeout = 30 }.ToString();
        DbContextOptions<SqliteDb> options = new DbContextOptionsBuilder<SqliteDb>().UseSqlite(connection).AddInterceptors(new SqliteSettings()).Options;
        DbStore store = new("sqlite", () => new SqliteDb(options));
        try
        {
            await store.ForgetMigrationLockAsync(cancellation);
            return await store.MigratedAsync(file, cancellation);
        }
        catch (SqliteException e)
        {
            return StoreFailure.Of(e) ?? new Problem(Catalogue.StoreUnreachable, $"{file} cannot be opened: {e.Message}");
        }
    }

    /// <summary>A database on a PostgreSQL server. One server a database: a second is refused.</summary>
    public static async Task<Result<DbStore>> OpenPostgresAsync(string connection, CancellationToken cancellation)
    {
        DbStore? store = null;
        Result<DbStore>? opened = null;
        try
        {
            DbContextOptions<PostgresDb> options = new DbContextOptionsBuilder<PostgresDb>().UseNpgsql(connection).Options;
            store = new("postgresql", () => new PostgresDb(options));
            opened = await store.GuardAsync(connection, cancellation) is { } taken ? taken : await store.MigratedAsync("The PostgreSQL database", cancellation);
        }
        catch (Exception e) when (e is ArgumentException or TimeoutException || StoreFailure.OfPostgres(e) is not null)
        {
            opened = new Problem(Catalogue.StoreUnreachable, $"The PostgreSQL database cannot be opened: {(StoreFailure.OfPostgres(e) ?? e).Message}");
        }
        finally
        {
            // Otherwise the lock would stay with a connection that nobody knows of.
            if (store is not null && opened is not { Ok: true })
                await store.DisposeAsync();
        }
        return opened.Value;
    }

    public async Task<T> ReadAsync<T>(Func<Db, Task<T>> read)
    {
        await using Db db = open();
        db.ChangeTracker.QueryTrackingBehavior = QueryTrackingBehavior.NoTracking;
        return await read(db);
    }

    /// <summary>Runs <paramref name="write"/> in a transaction. Where databases may ask for it, it runs again from the start.</summary>
    public async Task<T> WriteAsync<T>(Func<Db, Task<T>> write, CancellationToken cancellation = default)
    {
        await writer.WaitAsync(cancellation);
        try
        {
            T result = await AttemptAsync(write);
            Written?.Invoke();
            return result;
        }
        finally
        {
            writer.Release();
        }
    }

    public Task WriteAsync(Func<Db, Task> write, CancellationToken cancellation = default) => WriteAsync(
        async db =>
        {
            await write(db);
            return true;
        },
        cancellation);

    public async ValueTask DisposeAsync()
    {
        if (guard is not null)
            await guard.DisposeAsync();
        if (Kind == "sqlite")
            SqliteConnection.ClearAllPools();
        writer.Dispose();
    }

    private async Task<T> AttemptAsync<T>(Func<Db, Task<T>> write)
    {
        for (int attempt = 1; ; attempt++)
        {
            await using Db db = open();
            try
            {
                // Serializable is BEGIN IMMEDIATE on SQLite: a transaction that will write never finds that somebody else has.
                await using IDbContextTransaction transaction = await db.Database.BeginTransactionAsync(IsolationLevel.Serializable);
                T result = await write(db);
                await db.SaveChangesAsync();
                await transaction.CommitAsync();
                return result;
            }
            catch (Exception e) when (attempt < MostAttempts && StoreFailure.IsConflict(e))
            {
                // Nothing of the attempt is left; the next one reads anew.
            }
        }
    }

    /// <summary>This store, its tables brought up to date. A newer server may have given them a form that this one would damage.</summary>
    private async Task<Result<DbStore>> MigratedAsync(string name, CancellationToken cancellation)
    {
        await using Db db = open();
        string[] unknown = [.. (await db.Database.GetAppliedMigrationsAsync(cancellation)).Except(db.Database.GetMigrations())];
        if (unknown.Length > 0)
            return new Problem(Catalogue.StoreUnreachable, $"{name} was written by a newer server: this one does not know {string.Join(", ", unknown)}.", Fix: "Start the newer server, or restore the backup from before it.");
        await db.Database.MigrateAsync(cancellation);
        return this;
    }

    /// <summary>
    /// A server that was killed while it made its tables leaves the lock of migrations in the file, and the next one would wait for
    /// it without an end. The home folder is held, so nobody else can be at it.
    /// </summary>
    private async Task ForgetMigrationLockAsync(CancellationToken cancellation)
    {
        await using Db db = open();
        await db.Database.ExecuteSqlRawAsync("DROP TABLE IF EXISTS \"__EFMigrationsLock\"", cancellation);
    }

    /// <summary>A lock that lives as long as its connection, so that a server that dies gives it back.</summary>
    private async Task<Problem?> GuardAsync(string connection, CancellationToken cancellation)
    {
        NpgsqlConnectionStringBuilder settings = new(connection) { Pooling = false, KeepAlive = 30 };
        guard = new NpgsqlConnection(settings.ConnectionString);
        await guard.OpenAsync(cancellation);
        await using NpgsqlCommand command = new("SELECT pg_try_advisory_lock($1)", guard);
        command.Parameters.AddWithValue(OneServerLock);
        return await command.ExecuteScalarAsync(cancellation) is true
            ? null
            : new Problem(Catalogue.StoreInUse, $"Another server works on the database {settings.Database} at {settings.Host}.");
    }
}

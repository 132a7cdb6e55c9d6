using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;
using Raywright.Core.Errors;
using Raywright.Server.Store;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Server.Tests.Hosting;

/// <summary>An empty database of either kind, and a folder beside it; gone when the test ends.</summary>
internal sealed class TestDatabase : IAsyncDisposable
{
    public const string Sqlite = "sqlite";
    public const string Postgres = "postgresql";
    private const string Variable = "RAYWRIGHT_TEST_POSTGRES";

    private readonly TemporaryFolder folder = new();
    private readonly string? server;

    private TestDatabase(string kind, string? server)
    {
        (Kind, this.server) = (kind, server);
        if (server is not null)
            Connection = new NpgsqlConnectionStringBuilder(server) { Database = $"raywright_{Guid.NewGuid():n}" }.ConnectionString;
    }

    public static TheoryData<string> Both => [Sqlite, Postgres];

    public string Kind { get; }

    /// <summary>Of the PostgreSQL database; null for SQLite.</summary>
    public string? Connection { get; }

    public string Folder => folder.Path;

    /// <summary>Where the SQLite database lies, whether as a server's or alone.</summary>
    public string File => Path.Combine(Folder, "raywright.db");

    /// <summary>Skips the running test where there is no PostgreSQL; fails it where there has to be one.</summary>
    public static async Task<TestDatabase> CreateAsync(string kind)
    {
        if (kind == Sqlite)
            return new(kind, null);
        string? named = Environment.GetEnvironmentVariable(Variable);
        if (string.IsNullOrEmpty(named) && Environment.GetEnvironmentVariable("CI") == "true")
            Assert.Fail($"{Variable} is not set, and CI=true allows no skip.");
        Assert.SkipWhen(string.IsNullOrEmpty(named), $"{Variable} names no PostgreSQL server.");
        TestDatabase made = new(kind, named);
        await made.OnServerAsync($"CREATE DATABASE \"{made.Name}\"");
        return made;
    }

    public Task<Result<DbStore>> OpenAsync() => Connection is null
        ? DbStore.OpenSqliteAsync(File, TestContext.Current.CancellationToken)
        : DbStore.OpenPostgresAsync(Connection, TestContext.Current.CancellationToken);

    /// <summary>A statement beside every store, as somebody with the database in hand would run it.</summary>
    public async Task<object?> ExecuteAsync(string sql)
    {
        await using DbConnection connection = Connection is null
            ? new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = File, Pooling = false }.ToString())
            : new NpgsqlConnection(new NpgsqlConnectionStringBuilder(Connection) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using DbCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // The statements are constants of the tests.
        command.CommandText = sql;
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
            await OnServerAsync($"DROP DATABASE IF EXISTS \"{Name}\" WITH (FORCE)");
        folder.Dispose();
    }

    private string Name => new NpgsqlConnectionStringBuilder(Connection).Database!;

    private async Task OnServerAsync(string sql)
    {
        await using NpgsqlConnection connection = new(server);
        await connection.OpenAsync();
#pragma warning disable CA2100 // The statements are those above.
        await using NpgsqlCommand command = new(sql, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }
}

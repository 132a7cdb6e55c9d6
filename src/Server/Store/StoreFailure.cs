using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Raywright.Core.Errors;

namespace Raywright.Server.Store;

/// <summary>What a failure of a file or of the database means.</summary>
internal static class StoreFailure
{
    private const int SqliteReadOnly = 8;
    private const int SqliteIo = 10;
    private const int SqliteFull = 13;
    private const int SqliteCannotOpen = 14;
    private const int NoSpace = 28;
    private const int QuotaExceeded = 122;
    private const int ReadOnlyFileSystem = 30;

    /// <summary>The problem that an exception stands for; null where it is a bug.</summary>
    public static Problem? Of(Exception exception) => exception switch
    {
        DbUpdateException { InnerException: { } inner } => Of(inner),
        // So EF wraps what another attempt might mend.
        InvalidOperationException { InnerException: { } inner } => Of(inner),
        SqliteException { SqliteErrorCode: SqliteFull } => new(Catalogue.DiskFull, "The database could not be written: its disk is full."),
        SqliteException { SqliteErrorCode: SqliteReadOnly or SqliteCannotOpen } => new(Catalogue.HomeNotWritable, $"The database cannot be written: {exception.Message}"),
        SqliteException { SqliteErrorCode: SqliteIo } => new(Catalogue.StoreUnreachable, $"The database could not be written: {exception.Message}"),
        UnauthorizedAccessException => new(Catalogue.HomeNotWritable, exception.Message),
        IOException { HResult: NoSpace or QuotaExceeded } => new(Catalogue.DiskFull, exception.Message),
        IOException { HResult: ReadOnlyFileSystem } => new(Catalogue.HomeNotWritable, exception.Message),
        NpgsqlException { IsTransient: true } => new(Catalogue.StoreUnreachable, $"The database does not answer: {exception.Message}"),
        _ => null,
    };

    /// <summary>What PostgreSQL, or the way to it, said below an exception; null where that was not it.</summary>
    public static NpgsqlException? OfPostgres(Exception? exception) => exception switch
    {
        null => null,
        NpgsqlException said => said,
        _ => OfPostgres(exception.InnerException),
    };

    /// <summary>Whether the database asks for another attempt.</summary>
    public static bool IsConflict(Exception exception) => exception switch
    {
        PostgresException { SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected } => true,
        _ => exception.InnerException is { } inner && IsConflict(inner),
    };
}

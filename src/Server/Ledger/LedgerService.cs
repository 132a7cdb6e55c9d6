using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Raywright.Core;
using Raywright.Core.Api;
using Raywright.Server.Store;

namespace Raywright.Server.Ledger;

/// <summary>
/// The append-only record of every change. A row is written in the transaction of the change itself; afterwards it is sealed:
/// its hash covers the row and the hash before it, so that no row can be changed or taken out unnoticed.
/// </summary>
public sealed class LedgerService(DbStore store, TimeProvider clock)
{
    private const int PageSize = 100;
    private const int SealBatch = 500;

    /// <summary>Adds a row to the write that makes the change.</summary>
    /// <param name="db">The write.</param>
    /// <param name="actor">Who: the name of the key, or <c>server</c>.</param>
    /// <param name="action">What was done.</param>
    /// <param name="target">To what.</param>
    /// <param name="summary">For people, one sentence.</param>
    /// <param name="data">For programs, JSON.</param>
    public void Append(Db db, string actor, string action, string target, string summary, string? data = null) =>
        db.Add(new LedgerEntry { At = clock.NowMicros(), Actor = actor, Action = action, Target = target, Summary = summary, Data = data });

    /// <summary>Whether something was done to a target, at any time.</summary>
    public Task<bool> HasAsync(string action, string target) => store.ReadAsync(db => db.Set<LedgerEntry>().AnyAsync(row => row.Target == target && row.Action == action));

    /// <summary>Rows newest first; of one target where it is given, from below <paramref name="before"/> where that is given.</summary>
    public Task<Page<LedgerRow>> ListAsync(string? target, long? before) => store.ReadAsync(async db =>
    {
        IQueryable<LedgerEntry> rows = db.Set<LedgerEntry>();
        if (target is not null)
            rows = rows.Where(row => row.Target == target);
        if (before is { } sequence)
            rows = rows.Where(row => row.Sequence < sequence);
        List<LedgerEntry> page = await rows.OrderByDescending(row => row.Sequence).Take(PageSize + 1).ToListAsync();
        string? next = page.Count > PageSize ? page[PageSize - 1].Sequence.ToString(CultureInfo.InvariantCulture) : null;
        return new Page<LedgerRow>([.. page.Take(PageSize).Select(Row)], next);
    });

    /// <summary>Works the whole chain out again.</summary>
    public Task<LedgerVerification> VerifyAsync() => store.ReadAsync(async db =>
    {
        string hash = "";
        long rows = 0, sealedRows = 0;
        bool open = false;
        long? broken = null;
        await foreach (LedgerEntry row in db.Set<LedgerEntry>().OrderBy(row => row.Sequence).AsAsyncEnumerable())
        {
            rows++;
            open |= row.Hash is null;
            if (row.Hash is null || broken is not null)
                continue;
            // A sealed row after an open one has lost the hash before it.
            hash = Hash(hash, row);
            if (open || row.Hash != hash)
                broken = row.Sequence;
            else
                sealedRows++;
        }
        return new LedgerVerification(broken is null, rows, sealedRows, broken);
    });

    /// <summary>Seals what is open; whether there was anything.</summary>
    internal async Task<bool> SealAsync(CancellationToken cancellation)
    {
        bool pending = await store.ReadAsync(db => db.Set<LedgerEntry>().AnyAsync(row => row.Hash == null, cancellation));
        if (!pending)
            return false;
        return await store.WriteAsync(
            async db =>
            {
                string hash = await db.Set<LedgerEntry>().Where(row => row.Hash != null).OrderByDescending(row => row.Sequence).Select(row => row.Hash).FirstOrDefaultAsync(cancellation) ?? "";
                List<LedgerEntry> open = await db.Set<LedgerEntry>().Where(row => row.Hash == null).OrderBy(row => row.Sequence).Take(SealBatch).ToListAsync(cancellation);
                foreach (LedgerEntry row in open)
                    row.Hash = hash = Hash(hash, row);
                return open.Count > 0;
            },
            cancellation);
    }

    /// <summary>SHA-256 over the hash before and the row, each part with its length, lower-case hex.</summary>
    private static string Hash(string before, LedgerEntry row)
    {
        string[] parts =
        [
            before, row.Sequence.ToString(CultureInfo.InvariantCulture), row.At.ToString(CultureInfo.InvariantCulture),
            row.Actor, row.Action, row.Target, row.Summary, row.Data ?? "",
        ];
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(parts.Select(part => $"{part.Length}:{part}\n")))));
    }

    private static LedgerRow Row(LedgerEntry row) => new(
        row.Sequence, row.At, row.Actor, row.Action, row.Target, row.Summary, row.Data is null ? null : JsonElement.Parse(row.Data), row.Hash);
}

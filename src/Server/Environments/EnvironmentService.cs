using Microsoft.EntityFrameworkCore;
using Raywright.Core.Api;
using Raywright.Core.Errors;
using Raywright.Core.Spec;
using Raywright.Server.Ledger;
using Raywright.Server.Store;

namespace Raywright.Server.Environments;

/// <summary>Where models run, and which rules hold there.</summary>
public sealed class EnvironmentService(DbStore store, LedgerService ledger)
{
    /// <summary>Where people try things out.</summary>
    public const string Development = "dev";

    public async Task<Page<EnvironmentInfo>> ListAsync()
    {
        List<EnvironmentRow> rows = await RowsAsync();
        return new([.. rows.Select(row => new EnvironmentInfo(row.Name, row.Production, row.Compute))]);
    }

    public async Task<Result<EnvironmentConfig>> FindAsync(string name)
    {
        List<EnvironmentRow> rows = await RowsAsync();
        return rows.Find(row => row.Name == name) is { } found
            ? new EnvironmentConfig(found.Name, found.Production, found.Compute)
            : new Problem(Catalogue.EnvironmentUnknown, $"There is no environment {name}; there are {string.Join(", ", rows.Select(row => row.Name))}.", "environment");
    }

    /// <param name="name">Of the environment.</param>
    /// <param name="change">What is left out stays. The compute is one that there is.</param>
    /// <param name="actor">Who asked.</param>
    public Task<Result<EnvironmentInfo>> ChangeAsync(string name, EnvironmentChange change, string actor) => store.WriteAsync<Result<EnvironmentInfo>>(async db =>
    {
        if (await db.Set<EnvironmentRow>().FindAsync(name) is not { } row)
            return new Problem(Catalogue.EnvironmentUnknown, $"There is no environment {name}.", "environment");
        if (change.Compute is { } compute && compute != row.Compute)
        {
            ledger.Append(db, actor, "environment.changed", name, $"revisions run on {compute} from now on, before on {row.Compute}");
            row.Compute = compute;
        }
        return new EnvironmentInfo(row.Name, row.Production, row.Compute);
    });

    private Task<List<EnvironmentRow>> RowsAsync() => store.ReadAsync(db => db.Set<EnvironmentRow>().OrderBy(row => row.Place).ThenBy(row => row.Name).ToListAsync());
}

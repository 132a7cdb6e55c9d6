using Microsoft.EntityFrameworkCore;
using Raywright.Core.Api;
using Raywright.Core.Errors;
using Raywright.Core.Spec;
using Raywright.Server.Store;

namespace Raywright.Server.Environments;

/// <summary>Where models run, and which rules hold there.</summary>
public sealed class EnvironmentService(DbStore store)
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

    private Task<List<EnvironmentRow>> RowsAsync() => store.ReadAsync(db => db.Set<EnvironmentRow>().OrderBy(row => row.Place).ThenBy(row => row.Name).ToListAsync());
}

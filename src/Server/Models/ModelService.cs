using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Raywright.Core;
using Raywright.Core.Api;
using Raywright.Core.Errors;
using Raywright.Core.Planning;
using Raywright.Server.Ledger;
using Raywright.Server.Store;

namespace Raywright.Server.Models;

/// <summary>A version to be made, as its files and its spec describe it.</summary>
public sealed record VersionDraft(string Model, string? Task, string Digest, string Runtime, string Artifact, Core.Contracts.Contract Contract, ImmutableArray<FileReference> Files)
{
    public string Identity { get; } = RevisionRenderer.VersionIdentity(Digest, Contract, Runtime);
}

/// <summary>Models, their versions, and the evidence about these.</summary>
public sealed class ModelService(DbStore store, LedgerService ledger, TimeProvider clock)
{
    public async Task<Page<ModelInfo>> ListAsync()
    {
        List<ModelRow> rows = await store.ReadAsync(db => db.Set<ModelRow>().Where(row => row.DeletedAt == null && row.LatestVersion > 0).OrderBy(row => row.Name).ToListAsync());
        return new([.. rows.Select(Info)]);
    }

    public async Task<Result<ModelInfo>> FindAsync(string name)
    {
        ModelRow? row = await store.ReadAsync(db => db.Set<ModelRow>().FirstOrDefaultAsync(row => row.Name == name && row.DeletedAt == null && row.LatestVersion > 0));
        return row is null ? Unknown(name) : Info(row);
    }

    /// <summary>Newest first.</summary>
    /// <param name="model">The model.</param>
    /// <param name="serving">Where each version serves now: number and environment.</param>
    public async Task<Result<Page<VersionInfo>>> VersionsAsync(string model, ILookup<int, string> serving)
    {
        if (await FindAsync(model) is { Ok: false } unknown)
            return unknown.Problems;
        List<VersionRow> rows = await store.ReadAsync(db => db.Set<VersionRow>().Where(row => row.Model == model).OrderByDescending(row => row.Number).ToListAsync());
        List<EvidenceRow> evidence = await store.ReadAsync(db => db.Set<EvidenceRow>().Where(row => row.Model == model).OrderBy(row => row.Id).ToListAsync());
        ILookup<string, EvidenceInfo> about = evidence.ToLookup(row => row.VersionIdentity, Info, StringComparer.Ordinal);
        return new Page<VersionInfo>([.. rows.Select(row => new VersionInfo(
            row.Model, row.Number, row.Digest, row.Runtime, row.SizeBytes,
            JsonSerializer.Deserialize(row.Contract, ApiJson.Default.Contract)!,
            JsonSerializer.Deserialize(row.Files, ApiJson.Default.ImmutableArrayFileReference),
            [.. about[row.Identity]], [.. serving[row.Number]], row.CreatedAt, row.CreatedBy))]);
    }

    /// <summary>The newest versions of all models, newest first: model and number.</summary>
    public async Task<ImmutableArray<(string Model, int Number)>> NewestAsync(int most)
    {
        var rows = await store.ReadAsync(db => db.Set<VersionRow>().OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.Number).Select(row => new { row.Model, row.Number }).Take(most).ToListAsync());
        return [.. rows.Select(row => (row.Model, row.Number))];
    }

    /// <summary>The number of the version; of the one that exists already where nothing differs.</summary>
    public Task<int> EnsureVersionAsync(VersionDraft draft, string actor) => store.WriteAsync(async db =>
    {
        if (await db.Set<VersionRow>().FirstOrDefaultAsync(row => row.Model == draft.Model && row.Identity == draft.Identity) is { } same)
            return same.Number;
        ModelRow? model = await db.Set<ModelRow>().FirstOrDefaultAsync(row => row.Name == draft.Model);
        if (model is null)
            db.Add(model = new ModelRow { Name = draft.Model, CreatedAt = clock.NowMicros() });
        if (model.DeletedAt is not null)
            (model.DeletedAt, model.CreatedAt) = (null, clock.NowMicros());
        model.Task = draft.Task ?? model.Task;
        model.LatestVersion++;
        db.Add(new VersionRow
        {
            Model = draft.Model,
            Number = model.LatestVersion,
            Identity = draft.Identity,
            Digest = draft.Digest,
            Runtime = draft.Runtime,
            Artifact = draft.Artifact,
            SizeBytes = draft.Files.Sum(file => file.Size),
            Contract = JsonSerializer.Serialize(draft.Contract, ApiJson.Default.Contract),
            Files = JsonSerializer.Serialize(draft.Files, ApiJson.Default.ImmutableArrayFileReference),
            CreatedAt = clock.NowMicros(),
            CreatedBy = actor,
        });
        string name = string.Create(CultureInfo.InvariantCulture, $"{draft.Model}:{model.LatestVersion}");
        ledger.Append(db, actor, "version.created", name, $"{name} made of {draft.Artifact}", $$"""{"digest":"{{draft.Digest}}"}""");
        return model.LatestVersion;
    });

    /// <summary>The number that a version has, or would get.</summary>
    public Task<(int Number, bool IsNew)> NumberAsync(VersionDraft draft) => store.ReadAsync(async db =>
    {
        int? known = await db.Set<VersionRow>().Where(row => row.Model == draft.Model && row.Identity == draft.Identity).Select(row => (int?)row.Number).FirstOrDefaultAsync();
        int latest = await db.Set<ModelRow>().Where(row => row.Name == draft.Model).Select(row => row.LatestVersion).FirstOrDefaultAsync();
        return (known ?? latest + 1, known is null);
    });

    /// <summary>Whether a version is still there, in the write that relies on it.</summary>
    internal static Task<bool> ExistsAsync(Db db, string model, int number) => db.Set<VersionRow>().AnyAsync(row => row.Model == model && row.Number == number);

    /// <summary>The files of a version; empty where it does not exist.</summary>
    public async Task<ImmutableArray<FileReference>> FilesAsync(string model, int number)
    {
        string? files = await store.ReadAsync(db => db.Set<VersionRow>().Where(row => row.Model == model && row.Number == number).Select(row => row.Files).FirstOrDefaultAsync());
        return files is null ? [] : JsonSerializer.Deserialize(files, ApiJson.Default.ImmutableArrayFileReference);
    }

    /// <summary>Digests of every file that a version has: what the blob store keeps.</summary>
    public async Task<(HashSet<string> Blobs, HashSet<string> Digests)> ReferencedAsync()
    {
        List<VersionRow> rows = await store.ReadAsync(db => db.Set<VersionRow>().ToListAsync());
        return (
            [.. rows.SelectMany(row => JsonSerializer.Deserialize(row.Files, ApiJson.Default.ImmutableArrayFileReference)).Select(file => file.Sha256)],
            [.. rows.Select(row => row.Digest)]);
    }

    /// <summary>Evidence that passed under exactly these circumstances; empty where there is none.</summary>
    public async Task<ImmutableArray<EvidenceInfo>> PassedAsync(string evidenceIdentity)
    {
        List<EvidenceRow> rows = await store.ReadAsync(db => db.Set<EvidenceRow>().Where(row => row.Identity == evidenceIdentity).OrderByDescending(row => row.Id).ToListAsync());
        ImmutableArray<EvidenceInfo> newest = [.. rows.DistinctBy(row => row.Kind).OrderBy(row => row.Id).Select(Info)];
        // A form that answers differently says nothing about the version itself.
        return newest.All(evidence => evidence.Passed || evidence.Kind == "parity") ? newest : [];
    }

    public Task AddEvidenceAsync(VersionDraft draft, string evidenceIdentity, IReadOnlyCollection<EvidenceInfo> evidence, string actor) => store.WriteAsync(db =>
    {
        foreach (EvidenceInfo one in evidence)
        {
            db.Add(new EvidenceRow
            {
                Model = draft.Model,
                VersionIdentity = draft.Identity,
                Identity = evidenceIdentity,
                Kind = one.Kind,
                Passed = one.Passed,
                Summary = one.Summary,
                Executed = one.Executed,
                Failed = one.Failed,
                Figures = JsonSerializer.Serialize(one.Figures, ApiJson.Default.ImmutableSortedDictionaryStringDouble),
                At = one.At,
                By = actor,
            });
            ledger.Append(db, actor, $"evidence.{(one.Passed ? "passed" : "failed")}", draft.Model, $"{one.Kind}: {one.Summary}", $$"""{"identity":"{{evidenceIdentity}}"}""");
        }
        return Task.CompletedTask;
    });

    /// <summary>Takes a model away with its versions and evidence, in the write of whoever decides it.</summary>
    internal async Task DeleteAsync(Db db, string model, string actor)
    {
        if (await db.Set<ModelRow>().FirstOrDefaultAsync(row => row.Name == model && row.DeletedAt == null) is not { } row)
            return;
        row.DeletedAt = clock.NowMicros();
        await db.Set<VersionRow>().Where(version => version.Model == model).ExecuteDeleteAsync();
        await db.Set<EvidenceRow>().Where(evidence => evidence.Model == model).ExecuteDeleteAsync();
        await db.Set<ProposedCaseRow>().Where(proposed => proposed.Model == model).ExecuteDeleteAsync();
        ledger.Append(db, actor, "model.deleted", model, $"{model} deleted with all its versions");
    }

    private static Problem Unknown(string name) => new(Catalogue.NotFound, $"There is no model {name}.", "model");

    private static ModelInfo Info(ModelRow row) => new(row.Name, row.Task, row.LatestVersion, row.CreatedAt, ImmutableSortedDictionary<string, int>.Empty);

    private static EvidenceInfo Info(EvidenceRow row) => new(
        row.Kind, row.Passed, row.Summary, row.Executed, row.Failed,
        JsonSerializer.Deserialize(row.Figures, ApiJson.Default.ImmutableSortedDictionaryStringDouble)!, row.At);
}

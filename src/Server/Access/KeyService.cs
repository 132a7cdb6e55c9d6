using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Raywright.Core;
using Raywright.Core.Access;
using Raywright.Core.Api;
using Raywright.Core.Errors;
using Raywright.Gateway.Access;
using Raywright.Server.Api;
using Raywright.Server.Ledger;
using Raywright.Server.Store;

namespace Raywright.Server.Access;

/// <summary>Keys: who may use the server, and for what. What changes here is what the gateway knows a moment later.</summary>
public sealed partial class KeyService(DbStore store, LedgerService ledger, KeyDirectoryStore directory, TimeProvider clock) : IDisposable
{
    private const int LongestName = 100;
    private const int MostPatterns = 100;

    /// <summary>One publication at a time: an older list that comes later would bring a revoked key back.</summary>
    private readonly SemaphoreSlim publishing = new(1, 1);

    /// <summary>The app asks models as everybody does, with a key of its own that lives as long as the process.</summary>
    private readonly ApiKey appKey = ApiKey.Create();

    /// <summary>With which the app asks models.</summary>
    public string AppKey => appKey.Text;

    public async Task<Page<KeyInfo>> ListAsync()
    {
        await NoteUsesAsync();
        List<KeyRow> rows = await store.ReadAsync(db => db.Set<KeyRow>().OrderByDescending(row => row.CreatedAt).ToListAsync());
        return new([.. rows.Select(Info)]);
    }

    public async Task<Result<KeyCreated>> CreateAsync(KeyRequest request, string actor)
    {
        ImmutableArray<Problem> problems = [.. Objections(request)];
        if (!problems.IsEmpty)
            return problems;
        ApiKey key = ApiKey.Create();
        ImmutableArray<string> endpoints = request.Endpoints.IsDefault ? [] : request.Endpoints;
        KeyRow row = new()
        {
            Id = key.Id,
            Name = request.Name,
            Digest = key.Digest,
            Scopes = string.Join(' ', request.Scopes.Distinct()),
            Endpoints = string.Join(' ', endpoints.Distinct()),
            CreatedAt = clock.NowMicros(),
            ExpiresAt = request.ExpiresAt,
        };
        await store.WriteAsync(db =>
        {
            db.Add(row);
            ledger.Append(db, actor, "key.created", $"key/{key.Id}", $"{request.Name} may {string.Join(", ", request.Scopes)} {(endpoints.IsEmpty ? "everywhere" : $"at {string.Join(", ", endpoints)}")}");
            return Task.CompletedTask;
        });
        await PublishAsync();
        return new KeyCreated(key.Text, Info(row));
    }

    public async Task<Problem?> RevokeAsync(string id, string actor)
    {
        await NoteUsesAsync();
        Problem? problem = await store.WriteAsync(async db =>
        {
            if (await db.Set<KeyRow>().FirstOrDefaultAsync(row => row.Id == id) is not { } row)
                return new Problem(Catalogue.NotFound, $"There is no key {id}.");
            if (row.RevokedAt is null)
                ledger.Append(db, actor, "key.revoked", $"key/{id}", $"{row.Name} may do nothing any more");
            row.RevokedAt ??= clock.NowMicros();
            return null;
        });
        await PublishAsync();
        return problem;
    }

    /// <summary>Whether a key is valid; for the owner's key in the home folder.</summary>
    public bool IsValid(string text) => directory.Current.Find(text, clock.NowMicros()) is not null;

    /// <summary>Gives the gateway every key that is valid now.</summary>
    public async Task PublishAsync()
    {
        await publishing.WaitAsync();
        try
        {
            await NoteUsesAsync();
            List<KeyRow> rows = await store.ReadAsync(db => db.Set<KeyRow>().Where(row => row.RevokedAt == null).ToListAsync());
            KeyEntry app = new(appKey.Id, "app", appKey.Digest, ["query"], [], null);
            directory.Publish(new KeyDirectory([app, .. rows.Select(row => new KeyEntry(row.Id, row.Name, row.Digest, [.. Words(row.Scopes)], [.. Words(row.Endpoints)], row.ExpiresAt))]));
        }
        finally
        {
            publishing.Release();
        }
    }

    /// <summary>Keeps when each key was last used, as far as this process has seen it.</summary>
    public async Task NoteUsesAsync()
    {
        ImmutableDictionary<string, long> uses = directory.Current.Uses();
        List<KeyRow> behind = await store.ReadAsync(db => db.Set<KeyRow>().Where(row => row.RevokedAt == null).ToListAsync());
        if (!behind.Exists(row => uses.TryGetValue(row.Id, out long at) && at > (row.LastUsedAt ?? 0)))
            return;
        await store.WriteAsync(async db =>
        {
            foreach (KeyRow row in await db.Set<KeyRow>().Where(row => row.RevokedAt == null).ToListAsync())
            {
                if (uses.TryGetValue(row.Id, out long at))
                    row.LastUsedAt = Math.Max(at, row.LastUsedAt ?? 0);
            }
        });
    }

    public void Dispose() => publishing.Dispose();

    private IEnumerable<Problem> Objections(KeyRequest request)
    {
        if (string.IsNullOrWhiteSpace(request.Name) || request.Name.Length > LongestName || request.Name.Any(char.IsControl))
            yield return new(Catalogue.RequestInvalid, $"A key needs a name of at most {LongestName} characters, on one line.", "name");
        if (request.Scopes.IsDefaultOrEmpty)
            yield return new(Catalogue.RequestInvalid, $"A key needs a scope: {string.Join(", ", ScopeNames.All)}.", "scopes");
        foreach (string scope in request.Scopes.IsDefault ? [] : request.Scopes)
        {
            if (!ScopeNames.All.Contains(scope, StringComparer.Ordinal))
                yield return new(Catalogue.RequestInvalid, $"`{scope}` is no scope; there are {string.Join(", ", ScopeNames.All)}.", "scopes");
        }
        if (!request.Endpoints.IsDefault && request.Endpoints.Length > MostPatterns)
            yield return new(Catalogue.RequestInvalid, $"A key takes at most {MostPatterns} patterns.", "endpoints");
        foreach (string pattern in request.Endpoints.IsDefault ? [] : request.Endpoints)
        {
            if (pattern is null || !Pattern().IsMatch(pattern))
                yield return new(Catalogue.RequestInvalid, $"`{pattern}` is not `environment/model`, with `*` for any.", "endpoints");
        }
        if (request.ExpiresAt <= clock.NowMicros())
            yield return new(Catalogue.RequestInvalid, "The key would have expired already.", "expiresAt");
    }

    private static KeyInfo Info(KeyRow row) =>
        new(row.Id, row.Name, [.. Words(row.Scopes)], [.. Words(row.Endpoints)], row.CreatedAt, row.ExpiresAt, row.LastUsedAt, row.RevokedAt is not null);

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    [GeneratedRegex(@"\A([a-z0-9-]{1,12}|\*)/([a-z0-9-]{1,30}|\*)\z")]
    private static partial Regex Pattern();
}

using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Raywright.Core.Access;

namespace Raywright.Gateway.Access;

/// <summary>A key as the gateway knows it; the key itself is nowhere.</summary>
/// <param name="Digest">SHA-256 of the key, lower-case hex.</param>
/// <param name="Endpoints">Patterns <c>environment/model</c>, <c>*</c> for any; empty means all.</param>
/// <param name="ExpiresAt">UTC microseconds; null means never.</param>
public sealed record KeyEntry(string Id, string Name, string Digest, ImmutableHashSet<string> Scopes, ImmutableArray<string> Endpoints, long? ExpiresAt)
{
    private long lastUsed;

    /// <summary>When it was last used in this process, UTC microseconds to about a second; 0 where it was not.</summary>
    public long LastUsed => Volatile.Read(ref lastUsed);

    /// <summary>Notes a use. At most one write a second, so that cores do not fight for the line.</summary>
    internal void Use(long nowMicros)
    {
        if (nowMicros - Volatile.Read(ref lastUsed) > 1_000_000)
            Volatile.Write(ref lastUsed, nowMicros);
    }

    /// <summary>Whether it may ask models: every scope includes that.</summary>
    public bool MayQuery { get; } = Scopes.Contains("query") || Scopes.Contains("deploy") || Scopes.Contains("admin");

    /// <summary>Whether the key reaches a model in any environment.</summary>
    public bool Knows(string model) => Endpoints.IsDefaultOrEmpty || Endpoints.Any(pattern => pattern.Split('/', 2) is [_, var right] && (right == "*" || right == model));

    /// <summary>Whether the key reaches an endpoint.</summary>
    public bool Reaches(string environment, string model) => Endpoints.IsDefaultOrEmpty || Endpoints.Any(pattern =>
        pattern.Split('/', 2) is [var left, var right] && (left == "*" || left == environment) && (right == "*" || right == model));
}

/// <summary>All valid keys: an immutable snapshot, published by the control plane.</summary>
public sealed class KeyDirectory(IEnumerable<KeyEntry> keys)
{
    private const int MostRemembered = 4096;
    private readonly FrozenDictionary<string, KeyEntry> byId = keys.ToFrozenDictionary(key => key.Id, StringComparer.Ordinal);

    /// <summary>Keys that proved right under this snapshot: hashing costs half a microsecond a request. It goes with the snapshot.</summary>
    private readonly ConcurrentDictionary<string, KeyEntry> proven = new(StringComparer.Ordinal);

    public static readonly KeyDirectory Empty = new([]);

    /// <summary>The entry of a whole key; null where it is no key, unknown or expired.</summary>
    public KeyEntry? Find(string text, long nowMicros)
    {
        if (!proven.TryGetValue(text, out KeyEntry? entry))
        {
            if (!ApiKey.TryParse(text, out ApiKey? key) || !byId.TryGetValue(key.Id, out entry) || !Same(entry.Digest, key.Digest))
                return null;
            if (proven.Count < MostRemembered)
                proven[text] = entry;
        }
        if (entry.ExpiresAt is { } end && end <= nowMicros)
            return null;
        entry.Use(nowMicros);
        return entry;
    }

    /// <summary>The entry of a key that proved itself before, e.g. of whoever is signed in; null where it is gone or expired.</summary>
    public KeyEntry? ById(string id, long nowMicros) =>
        byId.TryGetValue(id, out KeyEntry? entry) && !(entry.ExpiresAt <= nowMicros) ? entry : null;

    /// <summary>When keys were last used under this snapshot.</summary>
    public ImmutableDictionary<string, long> Uses() => byId.Values.Where(entry => entry.LastUsed > 0).ToImmutableDictionary(entry => entry.Id, entry => entry.LastUsed, StringComparer.Ordinal);

    private static bool Same(string stored, string given) =>
        CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(stored), Encoding.ASCII.GetBytes(given));
}

/// <summary>Holds the current directory.</summary>
public sealed class KeyDirectoryStore
{
    private KeyDirectory current = KeyDirectory.Empty;

    public KeyDirectory Current => Volatile.Read(ref current);

    public void Publish(KeyDirectory directory) => Volatile.Write(ref current, directory);
}

using System.Collections.Concurrent;
using System.Security.Claims;
using System.Security.Cryptography;
using Raywright.Gateway.Access;

namespace Raywright.Server.App.Sessions;

/// <summary>
/// Sessions of the app. A session is no right of its own: it names the key with which it was opened, and lives as long as that key
/// is valid. Which sessions were signed out is remembered until they would have ended anyway, or the server does.
/// </summary>
internal sealed class AppSessions(KeyDirectoryStore keys, TimeProvider clock)
{
    public const string Scheme = "raywright_session";
    public static readonly TimeSpan Life = TimeSpan.FromHours(12);
    private const string KeyClaim = "key";
    private const string SessionClaim = "session";
    private const string ScopeClaim = "scope";
    private const string OnlyClaim = "only";
    private readonly ConcurrentDictionary<string, DateTimeOffset> ended = new(StringComparer.Ordinal);

    /// <summary>Who has proved to have a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="only">The one page that a shared link opens; null for the whole app.</param>
    public static ClaimsPrincipal Open(KeyEntry key, string? only = null) => new(new ClaimsIdentity(
        [
            new(ClaimTypes.Name, key.Name),
            new(KeyClaim, key.Id),
            new(SessionClaim, RandomNumberGenerator.GetHexString(32, lowercase: true)),
            .. key.Scopes.Select(scope => new Claim(ScopeClaim, scope)),
            .. only is null ? Array.Empty<Claim>() : [new Claim(OnlyClaim, only)],
        ],
        Scheme));

    /// <summary>The one page that a session may see; null where it is not limited to one.</summary>
    public static string? OnlyPage(ClaimsPrincipal? person) => person?.FindFirstValue(OnlyClaim);

    /// <summary>The key of a session as it is now; null where there is no session any more.</summary>
    public KeyEntry? KeyOf(ClaimsPrincipal? person)
    {
        if (person?.FindFirstValue(KeyClaim) is not { } id || person.FindFirstValue(SessionClaim) is not { } session || ended.ContainsKey(session))
            return null;
        return keys.Current.ById(id, Raywright.Core.Instants.NowMicros(clock));
    }

    /// <summary>Ends a session everywhere: its cookie, wherever it was copied to, and its open pages.</summary>
    public void End(ClaimsPrincipal person)
    {
        DateTimeOffset now = clock.GetUtcNow();
        foreach ((string old, DateTimeOffset forgotten) in ended)
        {
            if (forgotten < now)
                ended.TryRemove(old, out _);
        }
        if (person.FindFirstValue(SessionClaim) is { } session)
            ended[session] = now + Life;
    }
}

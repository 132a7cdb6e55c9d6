using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Raywright.Gateway.Access;
using Raywright.Server.Api;

namespace Raywright.Server.App.Sessions;

/// <summary>
/// The session of one open page. It asks for the key anew each time, so that a revoked one ends it at once. A page that nobody touches
/// renews no cookie and would outlive it: it ends when the cookie would have.
/// </summary>
internal sealed class AppSession(AuthenticationStateProvider authentication, AppSessions sessions, TimeProvider clock)
{
    private ClaimsPrincipal? person;
    private long usedAt = clock.GetTimestamp();

    /// <summary>Whether a browser shows the page now; without one it is kept for a while, should the browser come back.</summary>
    public bool IsShown { get; set; } = true;

    /// <summary>Notes that the person has done something on the page.</summary>
    public void Use() => Volatile.Write(ref usedAt, clock.GetTimestamp());

    /// <summary>The key with which the person signed in; null where the session has ended.</summary>
    public async ValueTask<KeyEntry?> KeyAsync()
    {
        if (clock.GetElapsedTime(Volatile.Read(ref usedAt)) > AppSessions.Life)
            return null;
        person ??= (await authentication.GetAuthenticationStateAsync()).User;
        return sessions.KeyOf(person);
    }

    /// <summary>Whether a shared link opened the session, which then sees one page.</summary>
    public async ValueTask<bool> IsSharedAsync()
    {
        person ??= (await authentication.GetAuthenticationStateAsync()).User;
        return AppSessions.OnlyPage(person) is not null;
    }

    /// <summary>Whether a key may see operations: what the API would say to it.</summary>
    public static bool SeesOperations(KeyEntry key) => ScopeNames.Highest(key.Scopes) >= Scope.Deploy;
}

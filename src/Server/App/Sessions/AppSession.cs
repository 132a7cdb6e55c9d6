using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Raywright.Gateway.Access;
using Raywright.Server.Api;

namespace Raywright.Server.App.Sessions;

/// <summary>The session of one open page. It asks for the key anew each time, so that a revoked one ends it at once.</summary>
internal sealed class AppSession(AuthenticationStateProvider authentication, AppSessions sessions)
{
    private ClaimsPrincipal? person;

    /// <summary>The key with which the person signed in; null where the session has ended.</summary>
    public async ValueTask<KeyEntry?> KeyAsync()
    {
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

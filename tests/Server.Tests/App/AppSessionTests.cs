using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.Time.Testing;
using Raywright.Gateway.Access;
using Raywright.Server.App.Sessions;
using Xunit;

namespace Raywright.Server.Tests.App;

/// <summary>The session of an open page.</summary>
public sealed class AppSessionTests
{
    private static readonly KeyEntry Owner = new("id", "owner", "", ["admin"], [], null);
    private readonly FakeTimeProvider clock = new();
    private readonly KeyDirectoryStore keys = new();
    private readonly AppSessions sessions;
    private readonly AppSession session;
    private readonly ClaimsPrincipal person = AppSessions.Open(Owner);

    public AppSessionTests()
    {
        keys.Publish(new KeyDirectory([Owner]));
        sessions = new(keys, clock);
        session = new(new Known(person), sessions, clock);
    }

    [Fact]
    public async Task APageThatNobodyTouches_EndsWhenItsCookieWould()
    {
        clock.Advance(AppSessions.Life - TimeSpan.FromMinutes(1));
        Assert.NotNull(await session.KeyAsync());
        session.Use();
        clock.Advance(AppSessions.Life - TimeSpan.FromMinutes(1));
        Assert.NotNull(await session.KeyAsync());
        clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Null(await session.KeyAsync());
    }

    [Fact]
    public async Task ARevokedKey_OrSigningOut_EndsIt()
    {
        Assert.Equal("owner", (await session.KeyAsync())?.Name);
        keys.Publish(KeyDirectory.Empty);
        Assert.Null(await session.KeyAsync());
        keys.Publish(new KeyDirectory([Owner]));
        Assert.NotNull(await session.KeyAsync());
        sessions.End(person);
        Assert.Null(await session.KeyAsync());
    }

    private sealed class Known(ClaimsPrincipal person) : AuthenticationStateProvider
    {
        public override Task<AuthenticationState> GetAuthenticationStateAsync() => Task.FromResult(new AuthenticationState(person));
    }
}

using System.Collections.Concurrent;
using System.Security.Cryptography;
using Raywright.Core;
using Raywright.Core.Api;
using Raywright.Gateway.Access;
using Raywright.Server.Hosting;

namespace Raywright.Server.Access;

/// <summary>Links that open the app signed in, once, within five minutes. They are not kept: a restart makes them void.</summary>
public sealed class AppLinks(ServerAddress address, TimeProvider clock)
{
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(5);
    private readonly ConcurrentDictionary<string, (KeyEntry Owner, long ExpiresAt)> open = new(StringComparer.Ordinal);

    public AppLink Create(KeyEntry owner)
    {
        foreach ((string old, (_, long end)) in open)
        {
            if (end < clock.NowMicros())
                open.TryRemove(old, out _);
        }
        string token = RandomNumberGenerator.GetHexString(48, lowercase: true);
        long expires = Instants.Micros(clock.GetUtcNow() + Life);
        open[token] = (owner, expires);
        return new($"{address.AppUrl}/sign-in?token={token}", expires);
    }

    /// <summary>The key that made the link; null where the link is unknown, used or too old.</summary>
    public KeyEntry? Redeem(string token) => open.TryRemove(token, out (KeyEntry Owner, long ExpiresAt) link) && link.ExpiresAt >= clock.NowMicros() ? link.Owner : null;
}

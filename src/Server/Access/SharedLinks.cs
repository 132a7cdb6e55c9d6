using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Raywright.Core;
using Raywright.Core.Api;
using Raywright.Core.Errors;
using Raywright.Gateway.Access;

namespace Raywright.Server.Access;

/// <summary>What a shared link is about.</summary>
/// <param name="Key">The key behind it; null where it has expired or was revoked.</param>
public sealed record SharedAccess(string Environment, string Model, KeyEntry? Key);

/// <summary>
/// Links that open the playground of one endpoint to whoever has them, until they expire. Behind each stands a key that may ask this
/// endpoint and no other; nobody ever sees it, and revoking it ends the link. The link is the key's ID, sealed by this server.
/// </summary>
public sealed class SharedLinks(KeyService keys, KeyDirectoryStore directory, IDataProtectionProvider protection, TimeProvider clock)
{
    public const string Path = "/shared";
    private static readonly TimeSpan Usual = TimeSpan.FromDays(7);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(365);
    private readonly IDataProtector seal = protection.CreateProtector("Raywright.SharedLinks");

    /// <param name="environment">Of the endpoint.</param>
    /// <param name="model">Of the endpoint.</param>
    /// <param name="request">How long.</param>
    /// <param name="address">How the server was reached, as a URL.</param>
    /// <param name="actor">Who shares.</param>
    public async Task<Result<SharedLink>> CreateAsync(string environment, string model, SharedLinkRequest request, string address, string actor)
    {
        if (request.Seconds is { } wanted && (wanted < 1 || wanted > Longest.TotalSeconds))
            return new Problem(Catalogue.RequestInvalid, $"A link works for 1 second to {Longest.TotalDays:0} days.", "seconds");
        long expires = Instants.Micros(clock.GetUtcNow() + (request.Seconds is { } seconds ? TimeSpan.FromSeconds(seconds) : Usual));
        Result<KeyCreated> key = await keys.CreateAsync(new KeyRequest($"link to {model} in {environment}", ["query"], [$"{environment}/{model}"], expires), actor);
        if (!key.Ok)
            return key.Problems;
        string token = seal.Protect($"{key.Value.Info.Id}/{environment}/{model}");
        return new SharedLink($"{address.TrimEnd('/')}{Path}/{token}", key.Value.Info.Id, expires);
    }

    /// <summary>Null where it was not made here.</summary>
    public SharedAccess? Open(string token)
    {
        try
        {
            return seal.Unprotect(token).Split('/') is [var id, var environment, var model] ? new(environment, model, directory.Current.ById(id, clock.NowMicros())) : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}

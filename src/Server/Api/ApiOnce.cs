using Raywright.Core.Errors;

namespace Raywright.Server.Api;

/// <summary>A call that must happen at most once, however often it is sent.</summary>
/// <param name="Key">Of the caller, unique to it.</param>
/// <param name="Content">What was asked, to tell a repetition from another call.</param>
public sealed record OnceOnly(string Key, string Content)
{
    /// <summary>Another call came under the same key.</summary>
    public Problem Reused() => new(Catalogue.IdempotencyReused, "This `Idempotency-Key` was used for another call.", "Idempotency-Key");
}

internal static class ApiOnce
{
    private const int Longest = 200;

    /// <summary>The caller and its <c>Idempotency-Key</c>; null where it sends none. One that cannot be kept is refused, not forgotten.</summary>
    public static Result<OnceOnly?> Of(HttpContext http, string content) => http.Request.Headers["Idempotency-Key"].ToString() switch
    {
        "" => (OnceOnly?)null,
        { Length: <= Longest } key when key.All(character => character is >= ' ' and <= '~') => new OnceOnly($"{http.Caller().Id}:{key}", content),
        _ => new Problem(Catalogue.RequestInvalid, $"An `Idempotency-Key` has at most {Longest} printable ASCII characters.", "Idempotency-Key"),
    };
}

using Raywright.Core;
using Raywright.Core.Errors;
using Raywright.Gateway.Access;

namespace Raywright.Server.Api;

/// <summary>
/// Lets only keys with the scope of a call in. The API takes keys and never the app's cookie, so no page of another site can use a
/// person's session.
/// </summary>
internal static class ApiAccess
{
    /// <summary>Marks what a call needs; a call without a mark is open to everybody.</summary>
    public static TBuilder Needs<TBuilder>(this TBuilder builder, Scope scope) where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(scope);

    /// <summary>Who calls; only where the call needs a key.</summary>
    public static KeyEntry Caller(this HttpContext http) => http.Features.Get<KeyEntry>() ?? throw new InvalidOperationException("The call is open to everybody.");

    public static Task CheckAsync(HttpContext http, RequestDelegate next)
    {
        if (http.GetEndpoint()?.Metadata.OfType<Scope>().Cast<Scope?>().LastOrDefault() is not { } needed)
            return next(http);
        KeyDirectoryStore keys = http.RequestServices.GetRequiredService<KeyDirectoryStore>();
        TimeProvider clock = http.RequestServices.GetRequiredService<TimeProvider>();
        if (RequestKey.Of(http.Request) is not { } text || keys.Current.Find(text, clock.NowMicros()) is not { } key)
        {
            http.Response.Headers.WWWAuthenticate = "Bearer";
            return ApiAnswers.Refuse(http, new Problem(Catalogue.KeyMissing, "The request has no valid key.")).ExecuteAsync(http);
        }
        if (ScopeNames.Highest(key.Scopes) < needed)
            return ApiAnswers.Refuse(http, new Problem(Catalogue.KeyForbidden, $"The key lacks the scope `{needed.Name()}`.")).ExecuteAsync(http);
        // It could make a key without limits for itself.
        if (needed == Scope.Admin && !key.Endpoints.IsDefaultOrEmpty)
            return ApiAnswers.Refuse(http, new Problem(Catalogue.KeyForbidden, "The key is limited to endpoints, and this call is about all of them.")).ExecuteAsync(http);
        if (http.GetRouteValue("environment") is string environment && http.GetRouteValue("model") is string model && !key.Reaches(environment, model))
            return ApiAnswers.Refuse(http, new Problem(Catalogue.EndpointUnknown, $"There is no model {model} in {environment} for this key.")).ExecuteAsync(http);
        if (http.GetRouteValue("environment") is null && http.GetRouteValue("model") is string name && !key.Knows(name))
            return ApiAnswers.Refuse(http, new Problem(Catalogue.NotFound, $"There is no model {name} for this key.")).ExecuteAsync(http);
        http.Features.Set(key);
        return next(http);
    }
}

using System.Collections.Concurrent;
using System.Text.Json;
using Raywright.Core.Api;
using Raywright.Core.Errors;
using Raywright.Server.Api;
using Raywright.Server.Endpoints;

namespace Raywright.Server.Access;

internal static class KeyEndpoints
{
    public static void MapKeys(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Routes.Keys, async (KeyService keys) => ApiAnswers.Json(await keys.ListAsync(), ApiJson.Default.PageKeyInfo))
            .Needs(Scope.Admin).Describe<Page<KeyInfo>>("List keys");
        routes.MapPost(Routes.Keys, async (HttpContext http, KeyService keys, RecentAnswers recent) =>
            {
                Result<KeyRequest> request = await ApiBody.ReadAsync(http, ApiJson.Default.KeyRequest);
                if (!request.Ok)
                    return ApiAnswers.Refuse(http, request.Problems);
                Result<OnceOnly?> once = ApiOnce.Of(http, JsonSerializer.Serialize(request.Value, ApiJson.Default.KeyRequest));
                if (!once.Ok)
                    return ApiAnswers.Refuse(http, once.Problems);
                Result<KeyCreated> created = await recent.OnceAsync(once.Value, () => keys.CreateAsync(request.Value, http.Caller().Name));
                return ApiAnswers.Of(http, created, ApiJson.Default.KeyCreated, StatusCodes.Status201Created);
            })
            .Needs(Scope.Admin).Takes<KeyRequest>().Describe<KeyCreated>("Make a key", "The key itself is in this answer and nowhere else.", StatusCodes.Status201Created);
        routes.MapDelete(Routes.Key, async (HttpContext http, KeyService keys, string id) =>
                await keys.RevokeAsync(id, http.Caller().Name) is { } problem ? ApiAnswers.Refuse(http, problem) : Results.NoContent())
            .Needs(Scope.Admin).WithSummary("Revoke a key").Produces(StatusCodes.Status204NoContent);
        routes.MapPost(Routes.AppLinks, (HttpContext http, AppLinks links) => ApiAnswers.Json(links.Create(http.Caller()), ApiJson.Default.AppLink))
            .Needs(Scope.Deploy).Describe<AppLink>("Make a link that opens the app", "It works once, for five minutes.");
        routes.MapPost(Routes.SharedLinks, ShareAsync)
            .Needs(Scope.Deploy).Takes<SharedLinkRequest>().Describe<SharedLink>("Share an endpoint", "A link that opens its playground and nothing else, until it expires or its key is revoked.", StatusCodes.Status201Created);
    }

    private static async Task<IResult> ShareAsync(HttpContext http, SharedLinks links, EndpointService endpoints, RecentAnswers recent, string environment, string model)
    {
        Result<SharedLinkRequest> request = await ApiBody.ReadAsync(http, ApiJson.Default.SharedLinkRequest);
        if (!request.Ok)
            return ApiAnswers.Refuse(http, request.Problems);
        if (await endpoints.FindAsync(environment, model) is { Ok: false } unknown)
            return ApiAnswers.Refuse(http, unknown.Problems);
        // By the name by which the caller reached the server, which is one that works for others.
        string address = $"{http.Request.Scheme}://{http.Request.Host}";
        Result<OnceOnly?> once = ApiOnce.Of(http, $"share {environment}/{model} {request.Value.Seconds}");
        if (!once.Ok)
            return ApiAnswers.Refuse(http, once.Problems);
        Result<SharedLink> link = await recent.OnceAsync(once.Value, () => links.CreateAsync(environment, model, request.Value, address, http.Caller().Name));
        return ApiAnswers.Of(http, link, ApiJson.Default.SharedLink, StatusCodes.Status201Created);
    }
}

/// <summary>
/// Answers to calls that make a secret, for a few minutes: a repeated call gets the same one. They are kept in memory only, because
/// a secret is stored nowhere.
/// </summary>
internal sealed class RecentAnswers(TimeProvider clock)
{
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(5);
    private readonly ConcurrentDictionary<string, Recent> answers = new(StringComparer.Ordinal);

    public async Task<Result<T>> OnceAsync<T>(OnceOnly? once, Func<Task<Result<T>>> make)
    {
        if (once is null)
            return await make();
        foreach ((string old, Recent one) in answers)
        {
            if (clock.GetElapsedTime(one.At) > Kept)
                answers.TryRemove(old, out _);
        }
        Recent recent = answers.GetOrAdd(once.Key, _ => new(clock.GetTimestamp(), once.Content, new(async () => await make())));
        if (recent.Content != once.Content)
            return once.Reused();
        bool made = false;
        try
        {
            // Another kind of call has another content.
            Result<T> created = (Result<T>)await recent.Answer.Value;
            made = created.Ok;
            return created;
        }
        finally
        {
            // What made nothing may be tried again.
            if (!made)
                answers.TryRemove(KeyValuePair.Create(once.Key, recent));
        }
    }

    private sealed record Recent(long At, string Content, Lazy<Task<object>> Answer);
}

using System.Text.Json;
using Raywright.Core.Api;
using Raywright.Core.Errors;
using Raywright.Server.Api;

namespace Raywright.Server.Operations;

internal static class OperationEndpoints
{
    public static void MapOperations(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Routes.Operations, async (HttpContext http, OperationService operations) => ApiAnswers.Json(await operations.ListAsync(http.Caller()), ApiJson.Default.PageOperation))
            .Needs(Scope.Deploy).Describe<Page<Operation>>("List operations", "Newest first.");
        routes.MapGet(Routes.Operation, async (HttpContext http, OperationService operations, string id) => ApiAnswers.Of(http, await operations.GetAsync(id, http.Caller()), ApiJson.Default.Operation))
            .Needs(Scope.Deploy).Describe<Operation>("Show an operation");
        routes.MapPost(Routes.CancelOperation, CancelAsync)
            .Needs(Scope.Deploy).Describe<Operation>("Cancel an operation", "Stops it before its last step; afterwards it has no effect. Answers when it has ended.");
        routes.MapGet(Routes.OperationEvents, WatchAsync)
            .Needs(Scope.Deploy).Describe<Operation>("Follow an operation", "Server-Sent Events, one operation a change, resumed by `Last-Event-ID`.");
    }

    private static async Task<IResult> CancelAsync(HttpContext http, OperationService operations, string id) =>
        await operations.GetAsync(id, http.Caller()) is { Ok: false } unknown
            ? ApiAnswers.Refuse(http, unknown.Problems)
            : ApiAnswers.Of(http, await operations.CancelAsync(id, http.RequestAborted), ApiJson.Default.Operation);

    private static async Task<IResult> WatchAsync(HttpContext http, OperationService operations, string id)
    {
        if (await operations.GetAsync(id, http.Caller()) is { Ok: false } unknown)
            return ApiAnswers.Refuse(http, unknown.Problems);
        string? seen = http.Request.Headers["Last-Event-ID"] is [{ Length: > 0 } last] ? last : null;
        return new EventStream<Operation>(operations.WatchAsync(id, seen, http.RequestAborted), ApiJson.Default.Operation);
    }
}

using System.Globalization;
using System.Text.Json;
using Raywright.Core.Api;
using Raywright.Core.Errors;
using Raywright.Server.Api;
using Raywright.Server.Ledger;
using Raywright.Server.Models;
using Raywright.Server.Operations;

namespace Raywright.Server.Endpoints;

internal static class EndpointEndpoints
{
    public static void MapEndpoints(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Routes.Endpoints, async (HttpContext http, EndpointService endpoints) => ApiAnswers.Json(await endpoints.ListAsync(http.Caller()), ApiJson.Default.PageEndpointInfo))
            .Needs(Scope.Query).Describe<Page<EndpointInfo>>("List endpoints", "Those that the key may ask, in all environments.");
        routes.MapGet(Routes.Endpoint, async (HttpContext http, EndpointService endpoints, string environment, string model) =>
                ApiAnswers.Of(http, await endpoints.FindAsync(environment, model), ApiJson.Default.EndpointInfo))
            .Needs(Scope.Query).Describe<EndpointInfo>("Show an endpoint");
        routes.MapPatch(Routes.Endpoint, async (HttpContext http, EndpointService endpoints, string environment, string model) =>
            {
                Result<EndpointChange> change = await ApiBody.ReadAsync(http, ApiJson.Default.EndpointChange);
                return change.Ok
                    ? ApiAnswers.Of(http, await endpoints.ScaleAsync(environment, model, change.Value, http.Caller().Name), ApiJson.Default.EndpointInfo)
                    : ApiAnswers.Refuse(http, change.Problems);
            })
            .Needs(Scope.Deploy).Takes<EndpointChange>().Describe<EndpointInfo>("Scale an endpoint", "How many replicas it may have; the next deploy sets what its spec says.");
        routes.MapGet(Routes.Revisions, async (HttpContext http, EndpointService endpoints, string environment, string model) =>
                ApiAnswers.Of(http, await endpoints.RevisionsAsync(environment, model), ApiJson.Default.PageRevisionInfo))
            .Needs(Scope.Deploy).Describe<Page<RevisionInfo>>("List revisions of an endpoint", "Newest first, with their rendered configuration.");
        routes.MapGet(Routes.History, async (LedgerService ledger, string environment, string model) =>
                ApiAnswers.Json(await ledger.ListAsync($"{environment}/{model}", null), ApiJson.Default.PageLedgerRow))
            .Needs(Scope.Deploy).Describe<Page<LedgerRow>>("History of an endpoint", "Rows of the ledger about it, newest first.");
        routes.MapGet(Routes.Logs, LogsAsync)
            .Needs(Scope.Deploy).Describe<Page<LogLine>>("Logs of an endpoint", "The latest lines; with `follow=true` Server-Sent Events, resumed by `Last-Event-ID`.");
        routes.MapDelete(Routes.Endpoint, DeleteEndpointAsync)
            .Needs(Scope.Deploy).Describe<Operation>("Take an endpoint away", "Its versions stay.", StatusCodes.Status202Accepted);
        routes.MapDelete(Routes.Model, DeleteModelAsync)
            .Needs(Scope.Admin).Describe<Operation>("Delete a model", "With every endpoint, version and file.", StatusCodes.Status202Accepted);
    }

    private static async Task<IResult> LogsAsync(HttpContext http, EndpointService endpoints, EndpointLogs logs, string environment, string model, bool follow = false)
    {
        Result<EndpointInfo> endpoint = await endpoints.FindAsync(environment, model);
        if (!endpoint.Ok)
            return ApiAnswers.Refuse(http, endpoint.Problems);
        string? Serving(Result<EndpointInfo> found) => found.Ok && found.Value.Traffic is [{ Revision: var serving }, ..] ? serving : null;
        if (!follow)
            return ApiAnswers.Json(await logs.LatestAsync(environment, model, Serving(endpoint)), ApiJson.Default.PageLogLine);
        long seen = long.TryParse(http.Request.Headers["Last-Event-ID"], NumberStyles.None, CultureInfo.InvariantCulture, out long last) ? last : 0;
        return new EventStream<LogLine>(
            logs.FollowAsync(environment, model, async () => Serving(await endpoints.FindAsync(environment, model)), seen, int.MaxValue, http.RequestAborted), ApiJson.Default.LogLine);
    }

    private static async Task<IResult> DeleteEndpointAsync(HttpContext http, EndpointService endpoints, OperationService operations, string environment, string model)
    {
        if (await endpoints.FindAsync(environment, model) is { Ok: false } unknown)
            return ApiAnswers.Refuse(http, unknown.Problems);
        string request = JsonSerializer.Serialize(new DeleteRequest(environment, model), DeleteJson.Default.DeleteRequest);
        return await BeginAsync(http, operations, $"{environment}/{model}", request);
    }

    private static async Task<IResult> DeleteModelAsync(HttpContext http, ModelService models, OperationService operations, string model)
    {
        if (await models.FindAsync(model) is { Ok: false } unknown)
            return ApiAnswers.Refuse(http, unknown.Problems);
        string request = JsonSerializer.Serialize(new DeleteRequest(null, model), DeleteJson.Default.DeleteRequest);
        return await BeginAsync(http, operations, model, request);
    }

    private static async Task<IResult> BeginAsync(HttpContext http, OperationService operations, string target, string request)
    {
        Result<OnceOnly?> once = ApiOnce.Of(http, request);
        return once.Ok
            ? ApiAnswers.Accepted(http, await operations.BeginAsync("delete", target, request, http.Caller().Name, once.Value))
            : ApiAnswers.Refuse(http, once.Problems);
    }
}

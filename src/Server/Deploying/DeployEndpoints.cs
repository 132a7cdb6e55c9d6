using System.Net;
using Raywright.Core.Api;
using Raywright.Core.Errors;
using Raywright.Core.Planning;
using Raywright.Server.Api;

namespace Raywright.Server.Deploying;

internal static class DeployEndpoints
{
    private static readonly string[] Forwarding = ["Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"];

    public static void MapDeploying(this IEndpointRouteBuilder routes)
    {
        routes.MapPost(Routes.Revisions, (HttpContext http, DeployService deploys, string environment, string model) => BeginAsync(http, deploys, "deploy", environment, model))
            .Needs(Scope.Deploy).Takes<DeployRequest>().Describe<Operation>("Deploy", "The files' blobs are uploaded before. Answers at once; the operation tells how it goes.", StatusCodes.Status202Accepted);
        routes.MapPost(Routes.Test, (HttpContext http, DeployService deploys, string environment, string model) => BeginAsync(http, deploys, "test", environment, model))
            .Needs(Scope.Deploy).Takes<DeployRequest>().Describe<Operation>("Test a model folder", "Runs its tests without giving it traffic.", StatusCodes.Status202Accepted);
        routes.MapPost(Routes.Plan, PlanAsync)
            .Needs(Scope.Deploy).Takes<PlanRequest>().Describe<EndpointPlan>("Plan a deploy", "What it would change, without changing it.");
    }

    private static async Task<IResult> BeginAsync(HttpContext http, DeployService deploys, string kind, string environment, string model)
    {
        Result<DeployRequest> request = await ApiBody.ReadAsync(http, ApiJson.Default.DeployRequest);
        if (request is { Ok: true, Value.Trust.IsEmpty: false } && !IsOwner(http))
            return ApiAnswers.Refuse(http, new Problem(Catalogue.TrustElsewhere, "The order vouches for files, and does not come from the owner at this machine.", "trust"));
        return request.Ok
            ? ApiAnswers.Accepted(http, await deploys.BeginAsync(kind, environment, model, request.Value, http.Caller(), order => ApiOnce.Of(http, order)))
            : ApiAnswers.Refuse(http, request.Problems);
    }

    /// <summary>Whether a key that may do everything is used on this very machine; what a proxy hands on comes from elsewhere.</summary>
    private static bool IsOwner(HttpContext http) =>
        ScopeNames.Highest(http.Caller().Scopes) == Scope.Admin
        && http.Caller().Endpoints.IsDefaultOrEmpty
        && http.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address)
        && !Forwarding.Any(http.Request.Headers.ContainsKey);

    private static async Task<IResult> PlanAsync(HttpContext http, DeployService deploys, string environment, string model)
    {
        Result<PlanRequest> request = await ApiBody.ReadAsync(http, ApiJson.Default.PlanRequest);
        return request.Ok
            ? ApiAnswers.Of(http, await deploys.PlanAsync(environment, model, request.Value, http.RequestAborted), ApiJson.Default.EndpointPlan)
            : ApiAnswers.Refuse(http, request.Problems);
    }
}

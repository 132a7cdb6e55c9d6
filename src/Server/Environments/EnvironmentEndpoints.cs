using Raywright.Core.Api;
using Raywright.Core.Errors;
using Raywright.Server.Api;
using Raywright.Server.Computes;

namespace Raywright.Server.Environments;

internal static class EnvironmentEndpoints
{
    public static void MapEnvironments(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Routes.Environments, async (EnvironmentService environments) => ApiAnswers.Json(await environments.ListAsync(), ApiJson.Default.PageEnvironmentInfo))
            .Needs(Scope.Query).Describe<Page<EnvironmentInfo>>("List environments");
        routes.MapPatch(Routes.Environment, ChangeAsync)
            .Needs(Scope.Admin).Takes<EnvironmentChange>().Describe<EnvironmentInfo>("Change an environment", "What is deployed from then on follows it; what runs stays where it is.");
    }

    private static async Task<IResult> ChangeAsync(HttpContext http, EnvironmentService environments, ComputeService computes, string environment)
    {
        Result<EnvironmentChange> change = await ApiBody.ReadAsync(http, ApiJson.Default.EnvironmentChange);
        if (!change.Ok)
            return ApiAnswers.Refuse(http, change.Problems);
        if (change.Value.Compute is { } compute && await computes.FindAsync(compute) is { Ok: false } unknown)
            return ApiAnswers.Refuse(http, unknown.Problems);
        return ApiAnswers.Of(http, await environments.ChangeAsync(environment, change.Value, http.Caller().Name), ApiJson.Default.EnvironmentInfo);
    }
}

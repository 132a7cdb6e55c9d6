using Raywright.Core.Api;
using Raywright.Server.Api;

namespace Raywright.Server.Environments;

internal static class EnvironmentEndpoints
{
    public static void MapEnvironments(this IEndpointRouteBuilder routes) =>
        routes.MapGet(Routes.Environments, async (EnvironmentService environments) => ApiAnswers.Json(await environments.ListAsync(), ApiJson.Default.PageEnvironmentInfo))
            .Needs(Scope.Query).Describe<Page<EnvironmentInfo>>("List environments");
}

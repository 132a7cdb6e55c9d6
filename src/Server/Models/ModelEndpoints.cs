using Raywright.Core.Api;
using Raywright.Core.Errors;
using Raywright.Server.Api;
using Raywright.Server.Endpoints;

namespace Raywright.Server.Models;

internal static class ModelEndpoints
{
    public static void MapModels(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Routes.Models, async (ModelService models) => ApiAnswers.Json(await models.ListAsync(), ApiJson.Default.PageModelInfo))
            .Needs(Scope.Deploy).Describe<Page<ModelInfo>>("List models");
        routes.MapGet(Routes.Model, async (HttpContext http, ModelService models, string model) => ApiAnswers.Of(http, await models.FindAsync(model), ApiJson.Default.ModelInfo))
            .Needs(Scope.Deploy).Describe<ModelInfo>("Show a model");
        routes.MapGet(Routes.Versions, async (HttpContext http, ModelService models, EndpointService endpoints, string model) =>
                ApiAnswers.Of(http, await models.VersionsAsync(model, await endpoints.ServingAsync(model)), ApiJson.Default.PageVersionInfo))
            .Needs(Scope.Deploy).Describe<Page<VersionInfo>>("List versions of a model", "Newest first, with their contract, files and evidence.");
    }
}

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
        routes.MapGet(Routes.Cases, async (HttpContext http, ProposedCases cases, string model) =>
            {
                Result<byte[]> lines = await cases.LinesAsync(model);
                return lines.Ok ? Results.Bytes(lines.Value, "application/x-ndjson") : ApiAnswers.Refuse(http, lines.Problems);
            })
            .Needs(Scope.Deploy).WithSummary("Cases proposed for a model").WithDescription("Lines of a cases file, oldest first.").Produces<string>(StatusCodes.Status200OK, "application/x-ndjson");
        routes.MapPost(Routes.Cases, async (HttpContext http, ProposedCases cases, string model) =>
            {
                Result<CaseProposal> proposal = await ApiBody.ReadAsync(http, ApiJson.Default.CaseProposal);
                return proposal.Ok
                    ? ApiAnswers.Of(http, await cases.AddAsync(model, proposal.Value, http.Caller().Name), ApiJson.Default.ProposedCase, StatusCodes.Status201Created)
                    : ApiAnswers.Refuse(http, proposal.Problems);
            })
            .Needs(Scope.Query).Takes<CaseProposal>().Describe<ProposedCase>("Propose a case", "Kept for whoever looks after the model; it counts for nothing before it is in the cases file.", StatusCodes.Status201Created);
    }
}

using Raywright.Core.Errors;
using Raywright.Gateway.Access;
using Raywright.Server.App.Sessions;
using Raywright.Server.App.Shared;
using Raywright.Server.Models;

namespace Raywright.Server.App.Playground;

/// <summary>Proposed cases as a file, for whoever is signed in and may see the model; the API takes no cookie.</summary>
internal static class CasesDownload
{
    public static void MapProposedCases(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/app/{environment}/{model}/cases.jsonl", GetAsync).ExcludeFromDescription();

    private static async Task<IResult> GetAsync(HttpContext http, string environment, string model, AppSessions sessions, ProposedCases cases)
    {
        if (sessions.KeyOf(http.User) is not { } key || !key.Reaches(environment, model) || !AppSession.SeesOperations(key))
            return AppPages.NotFound();
        Result<byte[]> lines = await cases.LinesAsync(model);
        return lines.Ok ? Results.Bytes(lines.Value, "application/x-ndjson", $"{model}-cases.jsonl") : AppPages.Failure(lines.Problems[0]);
    }
}

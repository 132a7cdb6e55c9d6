using System.Text.Json;
using System.Text.RegularExpressions;
using Raywright.Core.Api;
using Raywright.Core.Errors;
using Raywright.Server.Api;
using Raywright.Server.Operations;

namespace Raywright.Server.Computes;

internal static partial class ComputeEndpoints
{
    public static void MapComputes(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Routes.Computes, async (ComputeService computes) => ApiAnswers.Json(await computes.ListAsync(), ApiJson.Default.PageComputeInfo))
            .Needs(Scope.Deploy).Describe<Page<ComputeInfo>>("List computes");
        routes.MapGet(Routes.Compute, async (HttpContext http, ComputeService computes, string compute) => ApiAnswers.Of(http, await computes.FindAsync(compute), ApiJson.Default.ComputeInfo))
            .Needs(Scope.Deploy).Describe<ComputeInfo>("Show a compute", "With its nodes.");
        routes.MapPost(Routes.Computes, AddAsync)
            .Needs(Scope.Admin).Takes<ComputeRequest>().Describe<Operation>("Add a compute", "A step for each thing that has to work; it is kept only where all of them do.", StatusCodes.Status202Accepted);
        routes.MapPost(Routes.CheckCompute, (HttpContext http, ComputeService computes, OperationService operations, string compute) => BeginAsync(http, computes, operations, "compute.check", compute))
            .Needs(Scope.Deploy).Describe<Operation>("Check a compute", "The same steps as when it was added.", StatusCodes.Status202Accepted);
        routes.MapDelete(Routes.Compute, async (HttpContext http, ComputeService computes, OperationService operations, string compute) =>
                await computes.UsersAsync(compute) is { IsEmpty: false } users
                    ? ApiAnswers.Refuse(http, new Problem(Catalogue.ComputeInUse, $"{string.Join(", ", users)} {(users.Length == 1 ? "uses" : "use")} {compute}.", "compute"))
                    : await BeginAsync(http, computes, operations, "compute.remove", compute))
            .Needs(Scope.Admin).Describe<Operation>("Remove a compute", "Takes everything of ours out of the cluster.", StatusCodes.Status202Accepted);
    }

    private static async Task<IResult> AddAsync(HttpContext http, ComputeService computes, OperationService operations)
    {
        Result<ComputeRequest> request = await ApiBody.ReadAsync(http, ApiJson.Default.ComputeRequest);
        if (!request.Ok)
            return ApiAnswers.Refuse(http, request.Problems);
        if (Against(request.Value) is { } wrong)
            return ApiAnswers.Refuse(http, wrong);
        if ((await computes.RowAsync(request.Value.Name)).Ok)
            return ApiAnswers.Refuse(http, new Problem(Catalogue.ComputeExists, $"There is a compute {request.Value.Name} already.", "name"));
        string body = JsonSerializer.Serialize(request.Value, ComputeJson.Default.ComputeRequest);
        return await BeginAsync(http, operations, "compute.add", request.Value.Name, body);
    }

    private static async Task<IResult> BeginAsync(HttpContext http, ComputeService computes, OperationService operations, string kind, string compute)
    {
        Result<ComputeRow> row = await computes.RowAsync(compute);
        return row.Ok
            ? await BeginAsync(http, operations, kind, compute, JsonSerializer.Serialize(new ComputeName(compute), ComputeJson.Default.ComputeName))
            : ApiAnswers.Refuse(http, row.Problems);
    }

    private static async Task<IResult> BeginAsync(HttpContext http, OperationService operations, string kind, string target, string request)
    {
        Result<OnceOnly?> once = ApiOnce.Of(http, request);
        return once.Ok
            ? ApiAnswers.Accepted(http, await operations.BeginAsync(kind, target, request, http.Caller().Name, once.Value))
            : ApiAnswers.Refuse(http, once.Problems);
    }

    private static Problem? Against(ComputeRequest request)
    {
        if (!Label().IsMatch(request.Name) || request.Name == ComputeInfo.Embedded)
            return new(Catalogue.RequestInvalid, $"`{request.Name}` is no name for a compute: it is 1 to 30 small letters, digits and dashes, and not `embedded`.", "name");
        if (request.Local)
            return request.Dashboard is null && request.Serve is null ? null : new(Catalogue.RequestInvalid, "A local cluster has no address of yours: leave `dashboard` and `serve` out.", "local");
        if (!IsAddress(request.Dashboard))
            return new(Catalogue.RequestInvalid, $"`dashboard` is the address of Ray's dashboard, such as http://ray-head:8265, and not `{request.Dashboard}`.", "dashboard");
        return request.Serve is null || IsAddress(request.Serve) ? null : new(Catalogue.RequestInvalid, $"`serve` is the address of Ray Serve's proxy, such as http://ray-head:8000, and not `{request.Serve}`.", "serve");
    }

    private static bool IsAddress(string? text) => Uri.TryCreate(text, UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https" && address is { PathAndQuery: "/", UserInfo: "" };

    [GeneratedRegex("^[a-z0-9]([a-z0-9-]{0,28}[a-z0-9])?$")]
    private static partial Regex Label();
}

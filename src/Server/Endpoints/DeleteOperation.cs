using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Raywright.Core.Errors;
using Raywright.Server.Models;
using Raywright.Server.Operations;
using Raywright.Server.Store;

namespace Raywright.Server.Endpoints;

/// <param name="Environment">Null means the model itself, everywhere.</param>
internal sealed record DeleteRequest(string? Environment, string Model);

[JsonSerializable(typeof(DeleteRequest))]
internal sealed partial class DeleteJson : JsonSerializerContext;

/// <summary>Takes an endpoint away, or a model with all its endpoints, versions and files.</summary>
internal sealed class DeleteOperation(DbStore store, EndpointService endpoints, ModelService models, EndpointReconciler reconciler) : IOperationKind
{
    public string Kind => "delete";

    public ImmutableArray<string> Steps => ["traffic"];

    public async Task<ImmutableArray<Problem>> RunAsync(OperationRun run, CancellationToken cancellation)
    {
        DeleteRequest request = JsonSerializer.Deserialize(run.Request, DeleteJson.Default.DeleteRequest)!;
        Result<ImmutableArray<string>> removed = await run.StepAsync(
            "traffic",
            async () =>
            {
                ImmutableArray<string> gone = await store.WriteAsync(
                    async db =>
                    {
                        ImmutableArray<string> paths = await endpoints.RemoveAsync(db, request.Environment, request.Model, run.Actor);
                        if (request.Environment is null)
                            await models.DeleteAsync(db, request.Model, run.Actor);
                        run.Describe("traffic", Words(paths));
                        await run.Succeed(db, request, DeleteJson.Default.DeleteRequest);
                        return paths;
                    },
                    cancellation);
                await reconciler.PublishAsync();
                return (Result<ImmutableArray<string>>)gone;
            },
            gone => new(Words(gone)));
        return removed.Problems;
    }

    private static string Words(ImmutableArray<string> gone) => gone.IsEmpty ? "nothing served" : $"{string.Join(", ", gone)} takes no more requests";
}

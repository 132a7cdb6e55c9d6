using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Serialization;
using Raywright.Core.Api;
using Raywright.Gateway.Access;
using Raywright.Server.App.Overview;
using Raywright.Server.App.Sessions;
using Raywright.Server.App.Shared;
using Raywright.Server.Models;
using Raywright.Server.Operations;

namespace Raywright.Server.App.Palette;

/// <summary>What the command palette can find, for the key of the session: the browser searches it by itself, without a circuit.</summary>
internal static class PaletteEndpoints
{
    private const int MostVersions = 200;
    private const int MostOperations = 40;

    public static void MapPalette(this IEndpointRouteBuilder routes) => routes.MapGet("/palette", ListAsync).ExcludeFromDescription();

    private static async Task<IResult> ListAsync(HttpContext http, AppSessions sessions, EndpointBoard board, ModelService models, OperationService operations)
    {
        http.Response.Headers.CacheControl = "no-store";
        if (sessions.KeyOf(http.User) is not { } key)
            return Results.StatusCode(StatusCodes.Status401Unauthorized);
        EndpointInfo[] endpoints = [.. (await board.FreshAsync()).Where(endpoint => key.Reaches(endpoint.Environment, endpoint.Model))];
        List<PaletteItem> items = [.. Room.All.Where(room => room.IsOpenTo(key)).Select(room => new PaletteItem("room", room.Name, $"g {room.Shortcut}", room.Path))];
        items.AddRange(endpoints.Select(endpoint => new PaletteItem("endpoint", $"{endpoint.Model} in {endpoint.Environment}", endpoint.State.ToString().ToLowerInvariant(), $"/endpoints/{endpoint.Environment}/{endpoint.Model}")));
        if (Room.Models.IsOpenTo(key))
            items.AddRange(await ModelsAsync(models, key));
        items.AddRange(Commands(key, endpoints));
        if (Room.Operations.IsOpenTo(key))
        {
            items.AddRange((await operations.ListAsync(key)).Items.Take(MostOperations).Select(operation =>
                new PaletteItem("operation", $"{operation.Kind} {operation.Target}", $"{operation.State.ToString().ToLowerInvariant()}, {operation.Id}", $"/operations/{operation.Id}")));
        }
        return Results.Json(new PaletteItems(items), PaletteJson.Default.PaletteItems);
    }

    private static async Task<IEnumerable<PaletteItem>> ModelsAsync(ModelService models, KeyEntry key)
    {
        ImmutableArray<ModelInfo> all = (await models.ListAsync()).Items;
        ImmutableArray<(string Model, int Number)> versions = await models.NewestAsync(MostVersions);
        return all.Where(model => key.Knows(model.Name)).Select(model => new PaletteItem("model", model.Name, model.Task, $"/models/{model.Name}"))
            .Concat(versions.Where(version => key.Knows(version.Model)).Select(version =>
                new PaletteItem("version", string.Create(CultureInfo.InvariantCulture, $"{version.Model}:{version.Number}"), null, string.Create(CultureInfo.InvariantCulture, $"/models/{version.Model}/{version.Number}"))));
    }

    /// <summary>What is done in a terminal, to be copied.</summary>
    private static IEnumerable<PaletteItem> Commands(KeyEntry key, EndpointInfo[] endpoints)
    {
        bool deploys = Room.Operations.IsOpenTo(key);
        if (deploys)
        {
            yield return Command("raywright deploy PATH", "deploy the model in a folder");
            yield return Command("raywright plan PATH", "what a deploy would change");
            yield return Command("raywright test PATH", "run its tests without a deploy");
            yield return Command("raywright up PATH", "everything on one machine");
        }
        yield return Command("raywright status", "what runs and how well");
        foreach (EndpointInfo endpoint in endpoints)
        {
            string at = $"{endpoint.Model}{(endpoint.Environment == "dev" ? "" : $" -e {endpoint.Environment}")}";
            yield return Command($"raywright query {at} --example", "ask it");
            if (!deploys)
                continue;
            yield return Command($"raywright logs {at}", "what its replicas wrote");
            yield return Command($"raywright history {at}", "what changed");
            yield return Command($"raywright scale {at} 2", "how many replicas");
        }
        if (Room.Keys.IsOpenTo(key))
        {
            yield return Command("raywright key create NAME", "a key for a person or a program");
            yield return Command("raywright compute add NAME --dashboard URL", "a Ray cluster");
        }
        if (deploys)
            yield return Command("raywright ledger verify", "whether no change was taken back in silence");
        yield return Command("raywright doctor", "check this machine and the server");
    }

    private static PaletteItem Command(string text, string hint) => new("command", text, hint, null);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PaletteItems))]
internal sealed partial class PaletteJson : JsonSerializerContext;

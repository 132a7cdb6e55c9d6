using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.OpenApi;
using Raywright.Core.Api;
using Raywright.Server.Hosting;
using Raywright.Server.Store;

namespace Raywright.Server.Api;

/// <summary>The API as a whole: what server this is, its description, and what is not there.</summary>
internal static class ApiDocument
{
    /// <summary>Only the description goes by these; calls name the form of their bodies themselves.</summary>
    public static void Configure(JsonOptions json)
    {
        json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
        json.SerializerOptions.TypeInfoResolverChain.Insert(0, new DescribedTypes());
        json.SerializerOptions.TypeInfoResolverChain.Insert(1, ApiJson.Default);
    }

    public static void Configure(OpenApiOptions options)
    {
        options.ShouldInclude = description => description.RelativePath?.StartsWith("api/", StringComparison.Ordinal) == true;
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "Raywright";
            document.Info.Description = "The control plane. Every call but `GET /api/v1/server` takes a key: `Authorization: Bearer rwk_…`. Problems are RFC 9457 problem details with a `code` of the error reference.";
            // The address is that of whoever asks; the document says nothing about this machine.
            document.Servers = [];
            return Task.CompletedTask;
        });
    }

    public static void MapServer(this IEndpointRouteBuilder routes, ServerOptions options) =>
        routes.MapGet(Routes.Server, (ServerAddress address, DbStore store) => ApiAnswers.Json(ServerApplication.Info(options, address, store), ApiJson.Default.ServerInfo))
            .Describe<ServerInfo>("What server this is", "Needs no key.");
}

using Raywright.Core.Api;

namespace Raywright.Server.Api;

/// <summary>What the OpenAPI document says of a call besides its address.</summary>
internal static class ApiDescriptions
{
    public static RouteHandlerBuilder Describe<TAnswer>(this RouteHandlerBuilder builder, string summary, string? description = null, int status = StatusCodes.Status200OK)
    {
        builder.WithSummary(summary).Produces<TAnswer>(status).Produces<ProblemDetails>(StatusCodes.Status400BadRequest, "application/problem+json");
        return description is null ? builder : builder.WithDescription(description);
    }

    public static RouteHandlerBuilder Takes<TBody>(this RouteHandlerBuilder builder) where TBody : notnull => builder.Accepts<TBody>("application/json");
}

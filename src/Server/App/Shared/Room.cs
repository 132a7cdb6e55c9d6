using System.Collections.Immutable;
using Raywright.Gateway.Access;
using Raywright.Server.Api;

namespace Raywright.Server.App.Shared;

/// <summary>A part of the app with a place in its bar.</summary>
/// <param name="Path">Where it begins.</param>
/// <param name="Shortcut">The key that leads there, after <c>g</c>.</param>
/// <param name="Needs">What the API wants for the same.</param>
internal sealed record Room(string Path, string Name, char Shortcut, Scope Needs)
{
    public static readonly Room Endpoints = new("/", "Endpoints", 'e', Scope.Query);
    public static readonly Room Models = new("/models", "Models", 'm', Scope.Deploy);
    public static readonly Room Operations = new("/operations", "Operations", 'o', Scope.Deploy);
    public static readonly Room Clusters = new("/clusters", "Clusters", 'c', Scope.Deploy);
    public static readonly Room Keys = new("/keys", "Keys", 'k', Scope.Admin);

    public static readonly ImmutableArray<Room> All = [Endpoints, Models, Operations, Clusters, Keys];

    /// <summary>Whether a key may see it; what the API would say to it.</summary>
    public bool IsOpenTo(KeyEntry key) =>
        ScopeNames.Highest(key.Scopes) >= Needs && (Needs != Scope.Admin || key.Endpoints.IsDefaultOrEmpty);

    /// <summary>The room to which a page belongs.</summary>
    public static Room Of(PathString path) => All.FirstOrDefault(room => room != Endpoints && path.StartsWithSegments(room.Path)) ?? Endpoints;
}

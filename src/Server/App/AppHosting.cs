using Raywright.Server.Hosting;

namespace Raywright.Server.App;

/// <summary>The app: pages that call the slices' services in this process.</summary>
internal static class AppHosting
{
    public static void AddApp(this WebApplicationBuilder builder, ServerHome home)
    {
    }

    public static void UseApp(this WebApplication app)
    {
    }

    public static void MapApp(this WebApplication app)
    {
    }
}

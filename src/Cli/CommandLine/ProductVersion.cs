using System.Reflection;

namespace Raywright.Cli.CommandLine;

internal static class ProductVersion
{
    /// <summary>Version of this build, e.g. <c>0.1.0</c>.</summary>
    public static string Text { get; } =
        typeof(ProductVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}

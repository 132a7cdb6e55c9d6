using System.ComponentModel;
using System.Diagnostics;
using Raywright.Cli.CommandLine;

namespace Raywright.Cli.Servers;

/// <summary>Opens an address in the person's browser, where there is one.</summary>
internal static class Browser
{
    /// <summary>False where no browser was found; that is never a failure.</summary>
    public static bool TryOpen(CliHost host, string address)
    {
        if (Opener(host) is not { } opener)
            return false;
        try
        {
            using Process? process = Process.Start(new ProcessStartInfo(opener, [address])
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            });
            return process is not null;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    private static string? Opener(CliHost host)
    {
        if (host.Variable("BROWSER") is { } chosen)
            return chosen.Split(':')[0];
        if (OperatingSystem.IsMacOS())
            return "open";
        bool display = host.Variable("DISPLAY") is not null || host.Variable("WAYLAND_DISPLAY") is not null;
        return display ? new[] { "xdg-open", "wslview" }.Select(name => InPath(host, name)).FirstOrDefault(path => path is not null) : null;
    }

    private static string? InPath(CliHost host, string name) =>
        (host.Variable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
}

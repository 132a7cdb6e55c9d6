using System.Collections;
using System.Diagnostics;

namespace Raywright.Core.Probing;

/// <summary>What of the server's own environment variables reaches a process that it starts to try a model or to install packages.</summary>
public static class ChildVariables
{
    private static readonly string[] PassedOn =
    [
        "PATH", "HOME", "USER", "LANG", "TMPDIR", "VIRTUAL_ENV", "CONDA_PREFIX", "DOTNET_ROOT", "DOTNET_ROLL_FORWARD", "LD_LIBRARY_PATH", "XDG_CONFIG_HOME", "XDG_CACHE_HOME",
        "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
    ];

    /// <summary>Settings of those who install packages.</summary>
    private static readonly string[] Prefixes = ["PIP_", "UV_"];

    /// <summary>Takes everything else away from a process that is about to be started.</summary>
    public static void Restrict(ProcessStartInfo start)
    {
        start.Environment.Clear();
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            string name = (string)variable.Key;
            if (PassedOn.Contains(name) || Prefixes.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)))
                start.Environment[name] = (string?)variable.Value;
        }
    }
}

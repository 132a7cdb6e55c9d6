using System.Collections;
using System.Diagnostics;

namespace Raywright.Ray.Local;

/// <summary>
/// What of the caller's environment variables reaches Ray. Models run with them, so that keys and passwords of the caller must not be
/// among them: a list of what is needed instead of one of what is secret.
/// </summary>
internal static class RayVariables
{
    private const string Loopback = "127.0.0.1";

    private static readonly string[] PassedOn =
    [
        "PATH", "HOME", "LANG", "TZ", "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy",
        // Which authorities are believed is no secret, and without it nothing is fetched behind a proxy that signs for others.
        "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE",
    ];

    /// <summary>Settings of installers, for environments of models.</summary>
    private static readonly string[] Prefixes = ["PIP_", "UV_"];

    /// <summary>All variables of this process.</summary>
    public static Dictionary<string, string> OfThisProcess() => Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
        .ToDictionary(variable => (string)variable.Key, variable => (string?)variable.Value ?? "", StringComparer.Ordinal);

    /// <summary>Gives a process that is about to start those of <paramref name="caller"/> that it may have.</summary>
    public static void PassOn(ProcessStartInfo start, IReadOnlyDictionary<string, string> caller)
    {
        start.Environment.Clear();
        foreach ((string name, string value) in caller)
        {
            if (PassedOn.Contains(name, StringComparer.Ordinal) || Prefixes.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)))
                start.Environment[name] = value;
        }
        // Parts of Ray ask each other over HTTP and gRPC: a proxy must never stand between them.
        string[] direct = [.. new[] { "no_proxy", "NO_PROXY" }.Select(name => caller.GetValueOrDefault(name, "")).Append(Loopback)
            .SelectMany(list => list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).Distinct(StringComparer.Ordinal)];
        start.Environment["no_proxy"] = start.Environment["NO_PROXY"] = string.Join(',', direct);
    }

    /// <summary>The first program of that name in the PATH of <paramref name="caller"/>.</summary>
    public static string? OnPath(string name, IReadOnlyDictionary<string, string> caller) => caller.GetValueOrDefault("PATH", "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => Path.Combine(folder, name))
        .FirstOrDefault(File.Exists);
}

using System.Diagnostics;
using System.Globalization;

namespace Raywright.Ray.Local;

/// <summary>How <c>ray start</c> is called.</summary>
internal static class HeadCommand
{
    private const string Address = "127.0.0.1";

    /// <summary>
    /// Opens a session of its own, so that all its processes can be told from others, lets go of what the caller has open, and becomes
    /// the program in the arguments: the number of the process stays.
    /// </summary>
    private const string Boot = """
        import os, sys
        os.setsid()
        os.umask(0o077)
        log = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.closerange(3, 65536)
        os.execv(sys.argv[2], sys.argv[2:])
        """;

    public static ProcessStartInfo Of(HeadRecord head, HomeFiles home, IReadOnlyDictionary<string, string> caller)
    {
        ProcessStartInfo start = new(head.Environment.Python, ["-c", Boot, home.Log, head.Environment.Python, .. Arguments(head)]) { UseShellExecute = false, WorkingDirectory = head.Folder };
        RayVariables.PassOn(start, caller);
        IDictionary<string, string?> variables = start.Environment;
        // Jobs and workers take the first `python` there is.
        variables["PATH"] = $"{Path.GetDirectoryName(head.Environment.Python)}:{caller.GetValueOrDefault("PATH", "/usr/bin:/bin")}";
        variables[HeadProcesses.Variable] = head.Folder;
        // Left out, it depends on a file in the person's home.
        variables["RAY_AUTH_MODE"] = "token";
        variables["RAY_AUTH_TOKEN_PATH"] = home.Token;
        variables["RAY_USAGE_STATS_ENABLED"] = "0";
        // The one way to have every part of Ray listen at 127.0.0.1 alone.
        variables["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0";
        // A process that is ready for a replica has done half of what it takes to start one.
        variables["RAY_preload_python_modules"] = "ray.serve._private.replica";
        // Nobody waits for work to end where the machine's only node goes.
        variables["RAY_GRACEFUL_SHUTDOWN_DRAIN_TIMEOUT_S"] = "0";
        variables["AUTOSCALER_METRIC_PORT"] = Text(head.Ports.AutoscalerMetrics);
        variables["DASHBOARD_METRIC_PORT"] = Text(head.Ports.DashboardMetrics);
        return start;
    }

    private static IEnumerable<string> Arguments(HeadRecord head)
    {
        HeadPorts ports = head.Ports;
        yield return "-m";
        yield return "ray.scripts.scripts";
        yield return "start";
        yield return "--head";
        yield return "--block";
        yield return "--disable-usage-stats";
        yield return $"--node-ip-address={Address}";
        yield return $"--dashboard-host={Address}";
        yield return $"--port={Text(ports.Store)}";
        yield return $"--dashboard-port={Text(ports.Dashboard)}";
        yield return $"--metrics-export-port={Text(ports.Metrics)}";
        yield return $"--ray-client-server-port={Text(ports.Client)}";
        yield return $"--dashboard-agent-listen-port={Text(ports.Agent)}";
        yield return $"--dashboard-agent-grpc-port={Text(ports.AgentRpc)}";
        yield return $"--runtime-env-agent-port={Text(ports.RuntimeEnvironments)}";
        yield return $"--node-manager-port={Text(ports.Nodes)}";
        yield return $"--object-manager-port={Text(ports.Objects)}";
        // Any free ones: without these Ray goes through 10002 to 19999.
        yield return "--min-worker-port=0";
        yield return "--max-worker-port=0";
        yield return $"--temp-dir={HeadFolder.ForRay(head.Folder)}";
        yield return string.Create(CultureInfo.InvariantCulture, $"--object-store-memory={head.Settings.ObjectStoreBytes}");
        if (head.Settings.Cpus is { } cpus)
            yield return $"--num-cpus={Text(cpus)}";
        if (head.Settings.Gpus is { } gpus)
            yield return $"--num-gpus={Text(gpus)}";
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

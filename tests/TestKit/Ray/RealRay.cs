using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using Xunit;

namespace Raywright.TestKit.Ray;

/// <summary>
/// A real Ray for the tests of one run: a private head on free ports of the loopback, with a token of its own, started when the
/// first test asks for it. Name it as a fixture of the assembly. It takes some seconds and more than a gigabyte.
/// </summary>
public class RealRay : IAsyncDisposable
{
    /// <summary>
    /// Ends the head when its input closes, and so also when the process of the tests is killed. Leads a session, so that
    /// everything that the head starts can be found by it; takes the head's folder along.
    /// </summary>
    private const string Script = "\"$@\" < /dev/null & read -r _; kill -TERM $!; wait; rm -rf \"$0\"";

    private const int StopPolls = 300;

    private readonly SemaphoreSlim once = new(1, 1);
    private readonly List<HttpClient> clients = [];
    private string? folder;
    private Process? shell;
    private Task? output;

    /// <summary>The dashboard, once started.</summary>
    public Uri Address { get; private set; } = new("http://127.0.0.1:0");

    public string Token { get; } = RandomNumberGenerator.GetHexString(64, lowercase: true);

    /// <summary>Free for <c>http_options.port</c> of the first PUT, which alone decides it.</summary>
    public int ServePort { get; private set; }

    /// <summary>Ray's own folder of this life of the head.</summary>
    public string SessionFolder => Path.Combine(folder!, "r", "session_latest");

    /// <summary>Where the Python of the head and of all that runs in it looks for modules, too.</summary>
    public string Modules => folder!;

    /// <summary>CPUs that the head says it has.</summary>
    protected virtual int Cpus => 4;

    /// <summary>Variables of the head.</summary>
    protected virtual IReadOnlyDictionary<string, string> More => ImmutableDictionary<string, string>.Empty;

    /// <summary>The file that Ray's autoscaler reads, for a head whose GCS listens at a port; null for none.</summary>
    /// <param name="port">Of the GCS.</param>
    /// <param name="modules">Where the head's Python looks for modules, too.</param>
    protected virtual string? Autoscaling(int port, string modules) => null;

    /// <summary>Starts the head unless it runs; skips the running test where there is no Ray.</summary>
    public async Task StartAsync()
    {
        RayHere.Needs();
        await once.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            if (shell is not null)
                return;
            Launch();
            using HttpClient client = new();
            await Eventually.TrueAsync(() => AnswersAsync(client), $"the dashboard of a private Ray answers and shows its node; its output is in {folder}/head.log");
        }
        finally
        {
            once.Release();
        }
    }

    /// <summary>Starts Serve without an application, by the dashboard, as KubeRay does.</summary>
    public async Task StartServeAsync()
    {
        using StringContent nothing = new($$"""{"proxy_location":"EveryNode","http_options":{"host":"127.0.0.1","port":{{ServePort}}},"applications":[]}""", MediaTypeHeaderValue.Parse("application/json"));
        using HttpResponseMessage answer = await Client().PutAsync(new Uri("/api/serve/applications/", UriKind.Relative), nothing, TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>A client with the dashboard as its base and the token; it lives as long as the head.</summary>
    public HttpClient Client()
    {
        HttpClient client = new() { BaseAddress = Address };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        clients.Add(client);
        return client;
    }

    /// <summary>Processes of the head whose title holds a text, e.g. <c>ray::ServeController</c>.</summary>
    public int[] Processes(string title) => [.. Members(shell!.Id).Where(process => Title(process).Contains(title, StringComparison.Ordinal))];

    /// <summary>Waits until a process is there that nobody uses and that has done what it does to be ready for the next replica.</summary>
    public async Task SpareAsync()
    {
        const int enough = 20;
        (string spent, int times) = ("", 0);
        await Eventually.TrueAsync(
            () =>
            {
                string now = Processes("ray::IDLE") is [int spare, ..] ? Spent(spare) : "";
                (spent, times) = (now, now.Length > 0 && now == spent ? times + 1 : 0);
                return times == enough;
            },
            "the agent has had a process started for the next replica");
    }

    /// <summary>Ends one of the head's processes without a warning.</summary>
    /// <returns>When, by the system's timestamps: to find out whose the process is takes longer than to end it.</returns>
    public long Kill(int process)
    {
        Assert.Contains(process, Members(shell!.Id));
        long now = TimeProvider.System.GetTimestamp();
        End(process);
        return now;
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        clients.ForEach(client => client.Dispose());
        once.Dispose();
        await StopAsync();
    }

    /// <summary>The head is another one, elsewhere, with the same token, and knows nothing of before.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        await StartAsync();
    }

    private async Task StopAsync()
    {
        if (shell is null)
            return;
        int session = shell.Id;
        shell.StandardInput.Close();
        for (int i = 0; i < StopPolls && Members(session).Length > 0; i++)
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        foreach (int member in Members(session))
            End(member);
        if (output is not null)
            await output;
        shell.Dispose();
        shell = null;
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    private void Launch()
    {
        if (OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException("A head is started and stopped by the means of Unix.");
        // Ray puts Unix sockets below it, whose paths may have little more than a hundred characters.
        folder = Path.Combine("/tmp", $"rw{RandomNumberGenerator.GetHexString(6, lowercase: true)}");
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        string token = Path.Combine(folder, "token");
        File.WriteAllText(token, Token);
        int[] ports = FreePorts(12);
        Address = new($"http://127.0.0.1:{ports[1]}");
        ServePort = ports[2];
        string bin = Path.Combine(RayHere.Environment!, "bin");
        string[] head =
        [
            Path.Combine(bin, "ray"), "start", "--head", "--block", "--node-ip-address=127.0.0.1", $"--port={ports[0]}",
            "--dashboard-host=127.0.0.1", $"--dashboard-port={ports[1]}", $"--metrics-export-port={ports[3]}", $"--ray-client-server-port={ports[4]}",
            $"--dashboard-agent-listen-port={ports[5]}", $"--dashboard-agent-grpc-port={ports[6]}", $"--runtime-env-agent-port={ports[7]}",
            $"--node-manager-port={ports[8]}", $"--object-manager-port={ports[9]}", "--min-worker-port=0", "--max-worker-port=0",
            $"--num-cpus={Cpus}", "--object-store-memory=100000000", $"--temp-dir={folder}/r", "--disable-usage-stats",
        ];
        if (Autoscaling(ports[0], folder) is { } autoscaling)
        {
            string file = Path.Combine(folder, "autoscaling.yaml");
            File.WriteAllText(file, autoscaling);
            head = [.. head, $"--autoscaling-config={file}"];
        }
        ProcessStartInfo start = new("setsid", ["sh", "-c", Script, folder, .. head])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string inherited in start.Environment.Keys.Where(key => key.StartsWith("RAY_", StringComparison.Ordinal)).ToArray())
            start.Environment.Remove(inherited);
        foreach ((string name, string value) in More)
            start.Environment[name] = value;
        start.Environment["PYTHONPATH"] = folder;
        start.Environment["RAY_AUTH_MODE"] = "token";
        start.Environment["RAY_AUTH_TOKEN_PATH"] = token;
        start.Environment["RAY_USAGE_STATS_ENABLED"] = "0";
        // As docs/how-to/ray.md asks of a cluster.
        start.Environment["RAY_preload_python_modules"] = "ray.serve._private.replica";
        // Makes the loopback the node's address: nothing listens beyond this machine.
        start.Environment["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0";
        start.Environment["RAY_GRACEFUL_SHUTDOWN_DRAIN_TIMEOUT_S"] = "0";
        start.Environment["AUTOSCALER_METRIC_PORT"] = ports[10].ToString(CultureInfo.InvariantCulture);
        start.Environment["DASHBOARD_METRIC_PORT"] = ports[11].ToString(CultureInfo.InvariantCulture);
        // Jobs run the first Python of the path.
        start.Environment["PATH"] = $"{bin}:{System.Environment.GetEnvironmentVariable("PATH")}";
        shell = Process.Start(start)!;
        output = Task.WhenAll(CopyAsync(shell.StandardOutput, "head.log"), CopyAsync(shell.StandardError, "head.err"));
    }

    private async Task CopyAsync(StreamReader reader, string file)
    {
        await using FileStream log = File.Create(Path.Combine(folder!, file));
        await reader.BaseStream.CopyToAsync(log);
    }

    private async Task<bool> AnswersAsync(HttpClient client)
    {
        Assert.False(shell!.HasExited, "The shell around the head ended.");
        try
        {
            using HttpRequestMessage request = new(HttpMethod.Get, new Uri(Address, "/api/v0/nodes?detail=1"));
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token);
            using HttpResponseMessage response = await client.SendAsync(request, TestContext.Current.CancellationToken);
            return response.StatusCode == HttpStatusCode.OK
                && (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Contains("is_head_node", StringComparison.Ordinal);
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>
    /// Ports that are free together: all are held before any is let go. They lie below those that the kernel gives to outgoing
    /// connections, because Serve binds its own much later.
    /// </summary>
    private static int[] FreePorts(int count)
    {
        List<TcpListener> held = [];
        while (held.Count < count)
        {
            TcpListener listener = new(IPAddress.Loopback, RandomNumberGenerator.GetInt32(10_000, 20_000));
            try
            {
                listener.Start();
                held.Add(listener);
            }
            catch (SocketException)
            {
                listener.Dispose();
            }
        }
        int[] ports = [.. held.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        held.ForEach(listener => listener.Dispose());
        return ports;
    }

    /// <summary>The living processes of a session.</summary>
    private static int[] Members(int session) =>
        [.. Directory.EnumerateDirectories("/proc").Select(path => Path.GetFileName(path)!).Where(name => char.IsAsciiDigit(name[0])).Where(name => Session(name) == session).Select(name => int.Parse(name, CultureInfo.InvariantCulture))];

    private static int? Session(string process)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{process}/stat");
            // Behind the name, which may hold anything: state, parent, group, session.
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] == "Z" ? null : int.Parse(fields[3], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>A process and the time that it has computed, in the kernel's ticks.</summary>
    private static string Spent(int process)
    {
        try
        {
            string stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/stat"));
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return $"{process} {fields[11]} {fields[12]}";
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static string Title(int process)
    {
        try
        {
            return File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/cmdline"));
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static void End(int process)
    {
        try
        {
            using Process one = Process.GetProcessById(process);
            one.Kill();
        }
        catch (ArgumentException)
        {
            // It ended by itself.
        }
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using Raywright.Bench.Serving;

namespace Raywright.Bench.App;

/// <summary>A server with one model on core 0, and ways into its app.</summary>
internal sealed class AppSubject : IDisposable
{
    private readonly Subject subject;
    private readonly string key;

    private AppSubject(Subject subject, Uri url, string key) => (this.subject, Url, this.key) = (subject, url, key);

    public Uri Url { get; }

    public LoadRequest Request => subject.Request;

    public TimeSpan CpuTime() => subject.CpuTime();

    public static async Task<AppSubject> StartAsync(string programs, string model)
    {
        string home = Directory.CreateTempSubdirectory("raywright-bench-").FullName;
        string port = FreePort().ToString(CultureInfo.InvariantCulture), cli = Path.Combine(programs, "raywright");
        await RunAsync(cli, "up", model, "--detach", "--json", "--no-browser", "--home", home, "--port", port);
        await RunAsync(cli, "down", "--home", home);
        string owner = (await File.ReadAllTextAsync(Path.Combine(home, "admin.key"))).Trim();
        Uri url = new($"http://127.0.0.1:{port}/");
        LoadRequest request = LoadRequest.Post(new Uri(url, "serve/dev/predict/iris"), """{"inputs":{"input":[[5.1,3.5,1.4,0.2]]}}""", ("Authorization", $"Bearer {owner}"));
        return new(await Subject.StartAsync("raywright", Path.Combine(programs, "server", "raywright-server"), ["--role", "all", "--port", port, "--home", home], request, home), url, owner);
    }

    /// <summary>A link that signs in once.</summary>
    public async Task<Uri> LinkAsync()
    {
        using HttpClient http = new() { BaseAddress = Url };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using HttpResponseMessage answer = await http.PostAsync("api/v1/app-links", null);
        answer.EnsureSuccessStatusCode();
        using JsonDocument link = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return new Uri(link.RootElement.GetProperty("url").GetString()!);
    }

    public void Dispose() => subject.Dispose();

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true })!;
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}.");
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Raywright.Bench.Serving;

/// <summary>The servers that are compared, each answering the same question about the same model.</summary>
/// <param name="Programs">Folder with <c>raywright</c> and <c>server/raywright-server</c>, as published.</param>
/// <param name="Floors">The program of <c>bench/Floors</c>.</param>
/// <param name="Python">A Python with FastAPI, uvicorn and ONNX Runtime; null leaves FastAPI out.</param>
/// <param name="ModelFolder">Folder with the model's spec.</param>
/// <param name="Root">The checkout.</param>
/// <param name="OnRay">Whether Raywright runs the model on a Ray of its own, beside Ray's own way of serving; Python has Ray then.</param>
internal sealed record Subjects(string Programs, string Floors, string? Python, string ModelFolder, string Root, bool OnRay)
{
    private const string IrisBody = """{"inputs":{"input":[[5.1,3.5,1.4,0.2]]}}""";
    private const string RulesBody = """{"inputs":{"transactions":[{"amount":234.79,"country":"FR","hour":12,"card_age_days":1}]}}""";

    /// <summary>A model that is a class has floors of its own.</summary>
    private bool IsClass => File.Exists(Path.Combine(ModelFolder, "model.py"));

    private string Model => IsClass ? "fraud-rules" : "iris";

    public string[] Names => OnRay ? ["ray", "ray-batch", "raywright"] : IsClass ? ["raywright", "fastapi"] : Python is null ? ["echo", "onnx", "raywright"] : ["echo", "onnx", "raywright", "fastapi"];

    public async Task<Subject> StartAsync(string name)
    {
        int port = FreePort();
        string number = port.ToString(CultureInfo.InvariantCulture), model = Path.Combine(ModelFolder, "model.onnx");
        return name switch
        {
            "ray" or "ray-batch" => await Subject.StartAsync(
                name, Python!, [Path.Combine(Root, "bench", "Serving", "ray_floor.py"), number, model, name == "ray" ? "plain" : "batch"], Request(number)),
            "raywright" => await RaywrightAsync(number),
            "fastapi" when IsClass => await Subject.StartAsync(name, Python!, [Path.Combine(Root, "bench", "Serving", "fastapi_class_floor.py"), number, Path.GetFullPath(ModelFolder), Model], Request(number)),
            "fastapi" => await Subject.StartAsync(name, Python!, [Path.Combine(Root, "bench", "Serving", "fastapi_floor.py"), number, model], Request(number)),
            _ => await Subject.StartAsync(name, Floors, [name, number, model], Request(number)),
        };
    }

    private LoadRequest Request(string port, params (string, string)[] headers) =>
        LoadRequest.Post(new Uri($"http://127.0.0.1:{port}/serve/dev/predict/{Model}"), IsClass ? RulesBody : IrisBody, headers);

    /// <summary>Deploys with the command line, stops, and starts the server again on its core: what is measured is a server as it runs for months.</summary>
    private async Task<Subject> RaywrightAsync(string port)
    {
        string home = Directory.CreateTempSubdirectory("raywright-bench-").FullName;
        string cli = Path.Combine(Programs, "raywright");
        using JsonDocument up = JsonDocument.Parse(await RunAsync(cli, ["up", ModelFolder, "--detach", "--json", "--no-browser", "--home", home, "--port", port, .. OnRay ? new[] { "--on", "ray" } : []]));
        string key = up.RootElement.GetProperty("queryKey").GetString()!;
        await RunAsync(cli, "down", "--home", home);
        return await Subject.StartAsync("raywright", Path.Combine(Programs, "server", "raywright-server"), ["--role", "all", "--port", port, "--home", home], Request(port, ("Authorization", $"Bearer {key}")), home);
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true })!;
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}.");
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

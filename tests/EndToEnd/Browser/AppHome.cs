using System.Security.Cryptography;
using Microsoft.Extensions.Hosting;
using Raywright.Core.Api;
using Raywright.Core.Api.Client;
using Raywright.Core.Errors;
using Raywright.EndToEnd.Harness;
using Raywright.Server.Hosting;
using Raywright.TestKit;
using Xunit;

namespace Raywright.EndToEnd.Browser;

/// <summary>A home with a server in this process, which can be stopped and started again at the same address.</summary>
internal sealed class AppHome : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();
    private ServerHost? host;

    private AppHome(int port) => Port = port;

    public int Port { get; }

    private string Home => folder.Combine("home");

    public static async Task<AppHome> StartAsync()
    {
        AppHome home = new(Ports.Free());
        await home.StartServerAsync();
        return home;
    }

    public async Task StartServerAsync()
    {
        Result<ServerHost> started = await ServerHost.StartAsync(new ServerOptions(Port, null, Home, null, null, false), TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.True(started.Ok, string.Join('\n', started.Problems));
        host = started.Value;
    }

    public async Task StopServerAsync()
    {
        ((IHostApplicationLifetime)host!.Services.GetService(typeof(IHostApplicationLifetime))!).StopApplication();
        await host.WaitAsync(stopWithStdin: false);
        await host.DisposeAsync();
        host = null;
    }

    public RaywrightClient Connect() => new(new Uri(host!.Info.Url), File.ReadAllText(Path.Combine(Home, "admin.key")).Trim(), TimeProvider.System);

    public string OwnerKey => File.ReadAllText(Path.Combine(Home, "admin.key")).Trim();

    /// <summary>Asks the sample so many questions, as a program would.</summary>
    public async Task AskAsync(string model, int times)
    {
        for (int time = 0; time < times; time++)
            await AskAsync(model, """{"inputs": [[5.1, 3.5, 1.4, 0.2]]}""");
    }

    /// <summary>Asks a model in <c>dev</c>.</summary>
    /// <returns>ID of the request.</returns>
    public async Task<string> AskAsync(string model, string body)
    {
        using HttpClient http = new();
        using HttpRequestMessage request = new(HttpMethod.Post, $"http://127.0.0.1:{Port}/serve/dev/predict/{model}") { Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new("Bearer", OwnerKey);
        using HttpResponseMessage answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
        return answer.Headers.GetValues("x-request-id").Single();
    }

    /// <summary>What <c>raywright up</c> opens.</summary>
    public async Task<string> LinkAsync()
    {
        using RaywrightClient client = Connect();
        return (await client.AppLinkAsync(TestContext.Current.CancellationToken)).Value.Url;
    }

    /// <summary>Deploys the sample into <c>dev</c>, under its own name or another, and waits for the end.</summary>
    public async Task<Operation> DeployAsync(string model, Func<string, string>? edit = null)
    {
        string source = RepositoryRoot.Combine("samples", "iris");
        string spec = (await File.ReadAllTextAsync(Path.Combine(source, "raywright.yaml"), TestContext.Current.CancellationToken)).Replace("model: iris", $"model: {model}", StringComparison.Ordinal);
        return await DeployAsync(model, edit?.Invoke(spec) ?? spec, source, "model.onnx", "tests/cases.jsonl");
    }

    /// <summary>Deploys a class of Python without a contract into <c>dev</c>, and waits for the end.</summary>
    public async Task<Operation> DeployCodeAsync(string model, string code)
    {
        string source = Directory.CreateDirectory(folder.Combine(model)).FullName;
        await File.WriteAllTextAsync(Path.Combine(source, "model.py"), code, TestContext.Current.CancellationToken);
        return await DeployAsync(model, $"model: {model}\nsource: model.py\ncontract: none\n", source, "model.py");
    }

    private async Task<Operation> DeployAsync(string model, string spec, string source, params string[] paths)
    {
        using RaywrightClient client = Connect();
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        List<FileReference> files = [];
        foreach (string path in paths)
        {
            byte[] content = await File.ReadAllBytesAsync(Path.Combine(source, path), cancellation);
            FileReference file = new(path, content.Length, Convert.ToHexStringLower(SHA256.HashData(content)));
            Assert.True((await client.UploadAsync(file, Path.Combine(source, path), null, cancellation)).Ok);
            files.Add(file);
        }
        Operation begun = (await client.DeployAsync("dev", model, new DeployRequest(spec, "raywright.yaml", [.. files]), cancellation)).Value;
        await Eventually.TrueAsync(async () => (begun = (await client.OperationAsync(begun.Id, cancellation)).Value).Ended, $"the deploy of {model} ends");
        return begun;
    }

    public async ValueTask DisposeAsync()
    {
        if (host is not null)
            await host.DisposeAsync();
        folder.Dispose();
    }
}

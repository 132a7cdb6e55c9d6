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

    /// <summary>What <c>raywright up</c> opens.</summary>
    public async Task<string> LinkAsync()
    {
        using RaywrightClient client = Connect();
        return (await client.AppLinkAsync(TestContext.Current.CancellationToken)).Value.Url;
    }

    /// <summary>Deploys the sample into <c>dev</c>, under its own name or another, and waits for the end.</summary>
    public async Task<Operation> DeployAsync(string model, Func<string, string>? edit = null)
    {
        using RaywrightClient client = Connect();
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        string source = RepositoryRoot.Combine("samples", "iris");
        List<FileReference> files = [];
        foreach (string path in new[] { "model.onnx", "tests/cases.jsonl" })
        {
            byte[] content = await File.ReadAllBytesAsync(Path.Combine(source, path), cancellation);
            FileReference file = new(path, content.Length, Convert.ToHexStringLower(SHA256.HashData(content)));
            Assert.True((await client.UploadAsync(file, Path.Combine(source, path), null, cancellation)).Ok);
            files.Add(file);
        }
        string spec = (await File.ReadAllTextAsync(Path.Combine(source, "raywright.yaml"), cancellation)).Replace("model: iris", $"model: {model}", StringComparison.Ordinal);
        Operation begun = (await client.DeployAsync("dev", model, new DeployRequest(edit?.Invoke(spec) ?? spec, "raywright.yaml", [.. files]), cancellation)).Value;
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

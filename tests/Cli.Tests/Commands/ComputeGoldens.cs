using Raywright.Cli.Tests.Fakes;
using Raywright.Core.Errors;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Cli.Tests.Commands;

/// <summary>What is said about computes, once at a terminal and once in a pipe.</summary>
public sealed class ComputeGoldens : IAsyncLifetime
{
    private readonly CliRun cli = new();
    private FakeControlPlane server = null!;

    public async ValueTask InitializeAsync()
    {
        server = await FakeControlPlane.StartAsync();
        cli.Announce(server);
        server.Computes = [SampleComputes.Embedded, SampleComputes.Gpu, SampleComputes.Local];
        server.Story = SampleComputes.Added;
        Samples.CopyIris(Path.Combine(cli.Work, "iris"));
    }

    public async ValueTask DisposeAsync()
    {
        cli.Dispose();
        await server.DisposeAsync();
    }

    [Fact]
    public Task ListAndShow() => MatchesAsync(
        "compute", "compute list", "compute list --json", "compute show gpu", "compute show ray", "compute show gpu --json", "compute show nothing");

    [Fact]
    public Task Add() => MatchesAsync(
        "compute-add", "compute add gpu --dashboard http://ray-head:8265", "compute add gpu --dashboard http://ray-head:8265 --json", "compute add gpu --dashboard http://ray-head:8265 --no-wait");

    [Fact]
    public async Task Add_SaysAllThatIsWrong_BeforeItSendsAnything()
    {
        cli.Write("empty", "\n");
        cli.Write("two", "one\ntwo\n");
        cli.Write("key.pem", "-----BEGIN PRIVATE KEY-----\nMAo=\n-----END PRIVATE KEY-----\n");
        cli.Write("broken.pem", "-----BEGIN CERTIFICATE-----\nMAo=\n-----END CERTIFICATE-----\n");
        string[] lines =
        [
            "compute add gpu",
            "compute add gpu --dashboard ray-head:8265 --serve http://ray-head:8000/serve",
            "compute add gpu --dashboard ftp://ray-head --serve http://user:secret@ray-head:8000",
            "compute add gpu --dashboard http://a:8265 --token-file missing --ca missing.pem",
            "compute add gpu --dashboard http://a:8265 --token-file empty --ca key.pem",
            "compute add gpu --dashboard http://a:8265 --token-file two --ca broken.pem",
            "compute add gpu --dashboard http://a:8265 --token-file -",
            "compute add gpu --dashboard http://a:8265 --header X-Id --header ': 1' --header 'A B: secret' --header 'X: ' --header 'X: 1' --header 'x: 2'",
            "compute add gpu --local --dashboard http://a:8265 --header 'X: 1'",
            "compute add gpu --dashboard http://a:8265 --python venv --install",
        ];
        foreach (string line in lines)
            await cli.RunAsync(line);
        Golden.Matches("compute-add-wrong.txt", cli.Transcript);
        Assert.Empty(server.Asked);
    }

    [Fact]
    public async Task Check()
    {
        await cli.BothAsync("compute check gpu");
        server.Story = SampleComputes.WithoutRay;
        await MatchesAsync("compute-check", "compute check ray", "compute check ray --json");
    }

    [Fact]
    public async Task Remove()
    {
        await cli.RunAsync("compute remove gpu", terminal: true, input: "y\n");
        await cli.RunAsync("compute remove ray", terminal: true, input: "n\n");
        await cli.RunAsync("compute remove ray");
        Assert.DoesNotContain(server.Asked, asked => asked.StartsWith("DELETE", StringComparison.Ordinal));
        await cli.RunAsync("compute remove ray", terminal: true, input: "y\n");
        Assert.Single(server.Asked, asked => asked.StartsWith("DELETE", StringComparison.Ordinal));
        await MatchesAsync("compute-remove", "compute remove ray --yes", "compute remove ray --yes --json", "compute remove nothing --yes");
    }

    /// <summary>One <c>up</c> after the other on the same server, which runs already.</summary>
    [Fact]
    public async Task UpOn()
    {
        server.Computes = [SampleComputes.Embedded, SampleComputes.Gpu];
        const string Up = "up iris --detach --no-watch --no-browser";
        await UpAsync($"{Up} --on rya");
        server.ComputeStories.Enqueue(SampleComputes.WithoutRay);
        await UpAsync($"{Up} --on ray");
        server.ComputeStories.Enqueue(SampleComputes.WithoutRay);
        await UpAsync($"{Up} --on ray", terminal: true, input: "n\n");
        Assert.Equal("embedded", server.Environments[0].Compute);
        Assert.Null(server.Deployed);
        Golden.Matches("up-on-refused.txt", cli.Transcript);
    }

    [Fact]
    public async Task UpOn_MovesTheEnvironment_ThenDeploys()
    {
        server.Computes = [SampleComputes.Embedded, SampleComputes.Gpu];
        server.Refusal = [new Problem(Catalogue.ModelNameDiffers, "No deploy here: only what comes before it is looked at.")];
        const string Up = "up iris --detach --no-watch --no-browser";
        await UpAsync($"{Up} --on gpu", terminal: true);
        Assert.Equal("gpu", server.Environments[0].Compute);
        await UpAsync($"{Up} --on gpu");
        await UpAsync($"{Up} --on embedded");
        Assert.Equal("embedded", server.Environments[0].Compute);
        Assert.Empty(server.ComputesAsked);
        Assert.NotNull(server.Deployed);
        Golden.Matches("up-on.txt", cli.Transcript);
    }

    private Task UpAsync(string line, bool terminal = false, string input = "") => cli.RunAsync(line, terminal, input);

    private async Task MatchesAsync(string golden, params string[] lines)
    {
        foreach (string line in lines)
            await cli.BothAsync(line);
        Golden.Matches($"{golden}.txt", cli.Transcript);
    }
}

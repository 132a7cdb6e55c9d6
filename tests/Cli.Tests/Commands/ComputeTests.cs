using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Raywright.Cli.Tests.Fakes;
using Raywright.Core.Api;
using Xunit;

namespace Raywright.Cli.Tests.Commands;

/// <summary>What the server is asked for.</summary>
public sealed class ComputeTests : IAsyncLifetime
{
    private readonly CliRun cli = new();
    private FakeControlPlane server = null!;

    public async ValueTask InitializeAsync()
    {
        server = await FakeControlPlane.StartAsync();
        cli.Announce(server);
        server.Computes = [SampleComputes.Embedded];
        server.Story = SampleComputes.Added;
        Samples.CopyIris(Path.Combine(cli.Work, "iris"));
    }

    public async ValueTask DisposeAsync()
    {
        cli.Dispose();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task Add_SendsWhatTheFilesHold()
    {
        (string certificate, string key) = Certificate();
        cli.Write("token", "a.token==\r\n");
        cli.Write("ca.pem", $"{key}\n# the root\n{certificate}\n");
        Assert.Equal(0, (await cli.RunAsync("compute add gpu --dashboard https://ray:443/ --serve http://ray:8000 --token-file token --ca ca.pem --header 'X-Id: 1' --header 'X-Secret:two: three '")).Status);
        ComputeRequest request = Assert.Single(server.ComputesAsked);
        Assert.Equal(("gpu", "https://ray", "http://ray:8000", "a.token=="), (request.Name, request.Dashboard, request.Serve, request.Token));
        Assert.Equal(certificate, request.Authority);
        Assert.Equal([new("X-Id", "1"), new("X-Secret", "two: three")], request.Headers!);
        Assert.Equal((false, null, false), (request.Local, request.Python, request.Install));
    }

    [Fact]
    public async Task Add_TakesATokenFromStandardInput()
    {
        Assert.Equal(0, (await cli.RunAsync("compute add gpu --dashboard http://ray:8265 --token-file -", input: "secret\n")).Status);
        Assert.Equal(new ComputeRequest("gpu", "http://ray:8265", Token: "secret"), Assert.Single(server.ComputesAsked));
    }

    [Fact]
    public async Task Add_OfALocalOne_NamesTheFolderWhole()
    {
        Assert.Equal(0, (await cli.RunAsync("compute add ray --local --python venv --install")).Status);
        Assert.Equal(new ComputeRequest("ray", Local: true, Python: Path.Combine(cli.Work, "venv"), Install: true), Assert.Single(server.ComputesAsked));
    }

    [Theory]
    [InlineData(true, "y\n", "", new[] { false, true })]
    [InlineData(true, "n\n", "", new[] { false })]
    [InlineData(false, "", "", new[] { false })]
    [InlineData(false, "", "--yes", new[] { true })]
    public async Task UpOnRay_InstallsItOnlyWhenTold(bool terminal, string answer, string option, bool[] installs)
    {
        if (option.Length == 0)
            server.ComputeStories.Enqueue(SampleComputes.WithoutRay);
        server.ComputeStories.Enqueue(SampleComputes.Added);
        await cli.RunAsync($"up iris --detach --no-watch --no-browser --on ray {option}", terminal, answer);
        Assert.Equal(installs.Select(install => new ComputeRequest("ray", Local: true, Install: install)), server.ComputesAsked);
        Assert.Equal(installs[^1] ? "ray" : "embedded", server.Environments[0].Compute);
        // What follows the move is the deploy.
        Assert.Equal(installs[^1], server.Deployed is not null);
    }

    [Fact]
    public async Task UpOnRay_ThatFailsOtherwise_AsksNothing()
    {
        Operation failed = SampleComputes.WithoutRay[1] with { Problem = SampleComputes.Local.Problem };
        server.ComputeStories.Enqueue([SampleComputes.WithoutRay[0], failed]);
        (int status, _, string error) = await cli.RunAsync("up iris --detach --no-watch --no-browser --on ray", terminal: true, input: "y\n");
        Assert.Equal(1, status);
        Assert.Contains("error RW4110: Nothing listens", error, StringComparison.Ordinal);
        Assert.Single(server.ComputesAsked);
    }

    private static (string Certificate, string Key) Certificate()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=test", key, HashAlgorithmName.SHA256);
        using X509Certificate2 certificate = request.CreateSelfSigned(FixedClock.Now, FixedClock.Now.AddDays(1));
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }
}

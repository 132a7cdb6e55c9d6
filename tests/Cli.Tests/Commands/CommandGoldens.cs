using System.Collections.Immutable;
using System.IO.Compression;
using System.Text.Json;
using Raywright.Cli.Tests.Fakes;
using Raywright.Core.Api;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Cli.Tests.Commands;

/// <summary>Everything that each command prints and its exit status, once at a terminal and once in a pipe.</summary>
public sealed class CommandGoldens : IAsyncLifetime
{
    private readonly CliRun cli = new();
    private FakeControlPlane server = null!;

    public async ValueTask InitializeAsync()
    {
        server = await FakeControlPlane.StartAsync();
        cli.Announce(server);
        server.Endpoints = [Sample.Unwell, Sample.Healthy];
        server.Models = [new ModelInfo("iris", "classification", 3, FixedClock.Ago(86400), ImmutableSortedDictionary<string, int>.Empty.Add("champion", 3))];
        server.Versions = [Sample.Version];
        server.Ledger = [Sample.Row];
        server.Story = Sample.Deploy;
        Samples.CopyIris(Path.Combine(cli.Work, "iris"));
    }

    public async ValueTask DisposeAsync()
    {
        cli.Dispose();
        await server.DisposeAsync();
    }

    [Fact]
    public Task Status() => MatchesAsync("status", "status", "status iris", $"status {Sample.OperationId}", "status --json", "status nothing");

    [Fact]
    public async Task Status_WhenNothingIsDeployed()
    {
        server.Endpoints = [];
        await MatchesAsync("status-empty", "status");
    }

    [Fact]
    public async Task StatusOfAnOperation_ThatRunsOrFailed()
    {
        server.Story = [Sample.Deploy[1]];
        await cli.BothAsync($"status {Sample.OperationId}");
        server.Story = Sample.Failing;
        await MatchesAsync("status-operation", $"status {Sample.OperationId}", "status op_unknown");
    }

    [Fact]
    public async Task Operations()
    {
        server.Story = [Sample.Deploy[1]];
        await cli.BothAsync("operation list");
        await cli.BothAsync($"operation cancel {Sample.OperationId}");
        server.Story = Sample.Failing;
        await MatchesAsync("operation", "operation list", $"operation cancel {Sample.OperationId}");
    }

    [Fact]
    public Task Query() => MatchesAsync(
        "query", "query iris --example", "query iris '{\"sepal_length\": 5.1}'", "query iris '{\"inputs\": [1]}' --json", "query iris 'no json'", "query iris @missing.json", "query nothing --example");

    [Fact]
    public async Task Query_ThatIsRefused()
    {
        server.Answer = (400, """{"type":"urn:raywright:error:RW1205","title":"An input is missing","status":400,"detail":"`petal_width` is missing.","code":"RW1205","requestId":"01K0","retryable":false,"field":"inputs.petal_width"}""");
        await MatchesAsync("query-refused", "query iris '{\"sepal_length\": 5.1}'", "query iris '{\"sepal_length\": 5.1}' --json");
    }

    [Fact]
    public async Task Deploy()
    {
        await cli.BothAsync("deploy iris --note 'for a test'");
        Assert.Equal("for a test", server.Deployed!.Note);
        Assert.Equal(["model.onnx", "tests/cases.jsonl"], server.Deployed.Files.Select(file => file.Path));
        await MatchesAsync("deploy", "deploy iris --no-wait", "deploy iris --json", "deploy nowhere", "deploy .");
    }

    [Fact]
    public async Task Deploy_ThatFails()
    {
        server.Story = Sample.Failing;
        await MatchesAsync("deploy-failing", "deploy iris", "deploy iris --json");
    }

    [Fact]
    public async Task Deploy_ThatIsRefusedAtOnce()
    {
        server.Refusal = [new Problem(Catalogue.EnvironmentUnknown, "There is no environment stage.")];
        await MatchesAsync("deploy-refused", "deploy iris -e stage");
    }

    [Fact]
    public async Task Deploy_OfABrokenSpec_SaysEverythingBeforeItSendsAnything()
    {
        cli.Write("iris/raywright.yaml", "model: iris\nsourse: model.onnx\nresources: { cpus: many }\n");
        await MatchesAsync("deploy-broken-spec", "deploy iris", "deploy iris --json");
        Assert.DoesNotContain(server.Asked, asked => asked.StartsWith("POST", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Deploy_OfBrokenCases()
    {
        cli.Write("iris/tests/cases.jsonl", "{\"inputs\": [[1,2,3,4]]}\n{\"input\": 1}\n");
        await MatchesAsync("deploy-broken-cases", "deploy iris");
    }

    [Fact]
    public Task Test() => MatchesAsync("test", "test iris", "test iris --json", "test iris --no-wait");

    [Fact]
    public async Task Plan()
    {
        server.Endpoints = [];
        server.Models = [];
        await cli.BothAsync("plan iris");
        server.Endpoints = [Sample.Healthy];
        await RevisionsFromRenderAsync();
        await cli.BothAsync("plan iris");
        File.AppendAllText(Path.Combine(cli.Work, "iris", "raywright.yaml"), "batching: { max_size: 8 }\nscaling: { max: 3 }\n");
        await MatchesAsync("plan", "plan iris", "plan iris --json", "plan iris -e nowhere");
    }

    [Fact]
    public Task Render() => MatchesAsync("render", "render iris", "render iris --explain", "render iris --explain --json --server http://127.0.0.1:1 --key rwk_x");

    [Fact]
    public Task RenderForRay() => MatchesAsync("render-ray", "render iris --ray", "render iris --ray --json", "render iris --ray --explain", "render iris --ray --explain --json");

    [Fact]
    public async Task RenderForRay_OfWhatAClusterWouldChange()
    {
        Samples.Copy("fraud-rules", Path.Combine(cli.Work, "rules"));
        string spec = Path.Combine(cli.Work, "rules", "raywright.yaml");
        File.AppendAllText(spec, "variables: { FOLDER: \"$HOME/x\" }\n");
        await MatchesAsync("render-ray-refused", "render rules --ray", "render rules --package out");
    }

    [Fact]
    public async Task RenderForRay_WithItsPackage_WritesItUnderTheNameOfItsContent()
    {
        cli.Variables["RAYWRIGHT_SERVER_EXE"] = cli.Write("server/raywright-server", "");
        cli.Write("server/python/raywright_runtime/__init__.py", "");
        (_, string first, _) = await cli.RunAsync("render iris --ray --package out");
        string zip = Assert.Single(Directory.GetFiles(Path.Combine(cli.Work, "out")));
        Assert.Contains($"working_dir: file://WORK/out/{Path.GetFileName(zip)}", first.Replace(cli.Work, "WORK", StringComparison.Ordinal), StringComparison.Ordinal);
        using (ZipArchive package = ZipFile.OpenRead(zip))
            Assert.Equal(["raywright_runtime/__init__.py", "version/model.onnx"], package.Entries.Select(entry => entry.FullName));
        cli.Write("server/python/raywright_runtime/__init__.py", "changed = True");
        await cli.RunAsync("render iris --ray --package out");
        Assert.Equal(2, Directory.GetFiles(Path.Combine(cli.Work, "out")).Length);
    }

    [Fact]
    public async Task RenderForRay_InAnEnvironmentOnACluster_LeavesOutWhereItsServeListens()
    {
        server.Environments = [.. server.Environments.Select(environment => environment with { Compute = "cluster" })];
        (_, string yaml, _) = await cli.RunAsync("render iris --ray");
        Assert.Contains("applications:", yaml, StringComparison.Ordinal);
        Assert.DoesNotContain("http_options:", yaml, StringComparison.Ordinal);
    }

    [Fact]
    public Task History() => MatchesAsync("history", "history iris", "history iris --json", "history");

    [Fact]
    public async Task Logs()
    {
        server.Logs = [new LogLine(FixedClock.Ago(60), "iris-dev-3-0a1b2c3d", "engine", "loaded in 12 ms"), new LogLine(FixedClock.Ago(1), "iris-dev-3-0a1b2c3d", "request", "200 0.41 ms, 1 rows", "01K0")];
        await MatchesAsync("logs", "logs iris", "logs iris --json");
    }

    [Fact]
    public async Task Delete()
    {
        await cli.RunAsync("delete iris", terminal: true, input: "y\n");
        await cli.RunAsync("delete iris", terminal: true, input: "n\n");
        await MatchesAsync("delete", "delete iris --yes", "delete iris --everywhere --yes --json", "delete nothing --yes");
    }

    [Fact]
    public async Task Delete_WithoutTerminalAndConfirmation_AsksNobody()
    {
        (int status, _, _) = await cli.RunAsync("delete iris");
        Assert.Equal((int)ExitCode.Cancelled, status);
        Assert.DoesNotContain(server.Asked, asked => asked.StartsWith("DELETE", StringComparison.Ordinal));
        Golden.Matches("delete-unconfirmed.txt", cli.Transcript);
    }

    [Fact]
    public Task Environments() => MatchesAsync("env", "env list", "env list --json", "env set dev --compute gpu", "env set dev --compute gpu --json", "env set nothing --compute gpu");

    [Fact]
    public async Task Keys()
    {
        server.Keys =
        [
            new KeyInfo("abcdefgh", "web", ["query"], ["prod/iris"], FixedClock.Ago(86400 * 4), null, FixedClock.Ago(5), false),
            new KeyInfo("ijklmnop", "old", ["query", "deploy"], [], FixedClock.Ago(86400 * 90), FixedClock.Ago(86400), null, false),
            new KeyInfo("qrstuvwx", "lost", ["admin"], [], FixedClock.Ago(86400 * 90), null, null, true),
        ];
        await cli.RunAsync("key revoke abcdefgh", terminal: true, input: "y\n");
        await MatchesAsync("key", "key list", "key create web --endpoint 'prod/*' --days 3", "key create ci --scope deploy --scope query --json", "key revoke abcdefgh --yes", "key revoke nothing --yes", "key revoke abcdefgh --yes --json");
    }

    [Fact]
    public Task Models() => MatchesAsync("model", "model list", "model show iris", "model show nothing", "model list --json");

    [Fact]
    public Task Versions() => MatchesAsync("version", "version list iris", "version show iris:3", "version show iris:9", "version show iris:3 --json");

    [Fact]
    public async Task Ledger()
    {
        await cli.BothAsync("ledger verify");
        server.Verification = new LedgerVerification(false, 12, 12, 7);
        await MatchesAsync("ledger", "ledger list", "ledger verify", "ledger verify --json");
    }

    [Fact]
    public async Task Doctor()
    {
        cli.Variables["RAYWRIGHT_SERVER_EXE"] = cli.Write("raywright-server", "");
        await cli.BothAsync("doctor");
        server.Info = server.Info with { Version = "0.2.0" };
        server.Verification = new LedgerVerification(false, 12, 12, 7);
        cli.Variables.Remove("RAYWRIGHT_SERVER_EXE");
        await cli.BothAsync("doctor");
        Golden.Matches("doctor.txt", System.Text.RegularExpressions.Regex.Replace(cli.Transcript, @"[\d.]+ (GiB|MiB) free", "N GiB free"));
    }

    [Fact]
    public async Task LoginAndLogout()
    {
        using CliRun other = new();
        string url = server.Url.ToString();
        await other.RunAsync($"login {url}", terminal: true, input: FakeControlPlane.Key + "\n");
        await other.RunAsync("status", terminal: true);
        await other.RunAsync($"login {url} --key -", input: FakeControlPlane.Key);
        await other.RunAsync($"login {url} --key rwk_wrong");
        await other.RunAsync("logout", terminal: true);
        await other.RunAsync("logout");
        await other.RunAsync($"login {url}");
        await other.RunAsync("login");
        await other.RunAsync("status --json");
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(other.Home, "profile.json")));
        Golden.Matches("login.txt", other.Transcript);
    }

    [Fact]
    public async Task Init()
    {
        cli.Write("flowers/readme", "");
        File.Copy(Path.Combine(cli.Work, "iris", "model.onnx"), Path.Combine(cli.Work, "flowers", "model.onnx"));
        await cli.RunAsync("init flowers", terminal: true);
        await cli.RunAsync("init flowers");
        await cli.RunAsync("init flowers --force --json --name blumen");
        await cli.RunAsync("init nowhere");
        Golden.Matches("init.txt", cli.Transcript);
    }

    [Fact]
    public async Task Init_AsksOnce_BeforeItLoadsWhatImportsCodeOfOnesOwn()
    {
        foreach (string name in new[] { "one", "two" })
        {
            cli.Write($"{name}/model.pkl", $"cfeatures\n{name}\n.");
            cli.Write($"{name}/features.py", "");
        }
        await cli.RunAsync("init one");
        await cli.RunAsync("init one", terminal: true, input: "n\n");
        await cli.RunAsync("init one", terminal: true, input: "y\n");
        await cli.RunAsync("init one --force", terminal: true);
        await cli.RunAsync("init two", terminal: true, input: "\n");
        await cli.RunAsync("init two --trust");
        Golden.Matches("trust.txt", cli.Transcript);
    }

    [Theory]
    [InlineData("status --server http://127.0.0.1:1 --key rwk_x", ExitCode.Error)]
    [InlineData("status --key rwk_wrong", ExitCode.NotSignedIn)]
    [InlineData("status nothing", ExitCode.NotFound)]
    [InlineData("delete iris", ExitCode.Cancelled)]
    [InlineData("statsu", ExitCode.Error)]
    [InlineData("status", ExitCode.Ok)]
    public async Task ExitStatus_SaysWhatKindOfFailureItWas(string line, ExitCode expected) =>
        Assert.Equal((int)expected, (await cli.RunAsync(line)).Status);

    [Fact]
    public async Task ColourIsUsedOnATerminal_AndNowhereElse()
    {
        Assert.Contains("\e[", (await cli.RunAsync("status", terminal: true, colour: true)).Output, StringComparison.Ordinal);
        Assert.DoesNotContain("\e[", (await cli.RunAsync("status", terminal: false, colour: true)).Output, StringComparison.Ordinal);
    }

    private async Task MatchesAsync(string golden, params string[] lines)
    {
        foreach (string line in lines)
            await cli.BothAsync(line);
        Golden.Matches($"{golden}.txt", cli.Transcript);
    }

    /// <summary>Makes what the folder renders to now the revision that serves.</summary>
    private async Task RevisionsFromRenderAsync()
    {
        (_, string json, _) = await cli.RunAsync("render iris");
        RevisionConfig revision = JsonSerializer.Deserialize(json, ApiJson.Default.RevisionConfig)!;
        server.Models = [new ModelInfo("iris", null, revision.Version, 0, ImmutableSortedDictionary<string, int>.Empty)];
        server.Versions = [Sample.Version with { Number = revision.Version, Digest = revision.Digest, Contract = revision.Contract }];
        server.Revisions = [new RevisionInfo(revision.Id, "iris", "dev", 1, revision.Version, revision.Digest, 0, true, JsonSerializer.SerializeToElement(revision, ApiJson.Default.RevisionConfig))];
    }
}

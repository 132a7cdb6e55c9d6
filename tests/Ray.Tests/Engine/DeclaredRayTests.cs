using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Core.Tensors;
using Raywright.Ray.Agent;
using Raywright.Ray.Configuration;
using Raywright.Ray.Dashboard;
using Raywright.Ray.Engine;
using Raywright.TestKit;
using Raywright.TestKit.Ray;
using Xunit;

namespace Raywright.Ray.Tests.Engine;

/// <summary>Declared revisions on a real Ray, among applications of others.</summary>
[Collection(RayHere.OneAtATime)]
public sealed class DeclaredRayTests(RealRay ray) : IAsyncLifetime
{
    private const string Code = """
        from ray import serve
        @serve.deployment(ray_actor_options={"num_cpus": 0.1})
        class Model:
            async def __call__(self, request): return "theirs"
        def build(args): return Model.bind()
        """;

    private DashboardClient dashboard = null!;
    private HttpClient http = null!;
    private RayEngine engine = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await ray.StartAsync();
        http = ray.Client();
        dashboard = new(http, TimeProvider.System);
        ClusterPlace place = new(new ClusterAddress(ray.Address, new Uri($"http://127.0.0.1:{ray.ServePort}"), ray.Token));
        engine = new("lab", place, new Installation("raywright-0000000d", "secret"), DeclaredRevision.Runtime, TimeProvider.System, NullLogger<RayEngine>.Instance, declares: true, sharesList: true);
    }

    public async ValueTask DisposeAsync()
    {
        await engine.DisposeAsync();
        // Serve itself goes: the next test starts it as it wants it.
        (await http.DeleteAsync("/api/serve/applications/", CancellationToken.None)).Dispose();
    }

    [Fact]
    public async Task OursComeChangeAndGo_TheirsRunOn()
    {
        await TheirsAsync();
        Dictionary<string, string[]> before = await ActorsAsync();
        Assert.Equal(["theirs", "theirs-too"], before.Keys.Order());

        using DeclaredRevision first = new(1), second = new(10, version: 2);
        await DeployAsync(first);
        Assert.Equal(3, await AskAsync(first, 2));
        await DeployAsync(second, first);
        Assert.Equal((3f, 12f), (await AskAsync(first, 2), await AskAsync(second, 2)));
        RevisionState state = engine.Observe().Single(one => one.RevisionId == second.Id);
        Assert.Equal((RevisionHealth.Healthy, 1), (state.Health, state.ReadyReplicas));
        Assert.Contains("through Serve's proxy", state.Note, StringComparison.Ordinal);

        await engine.ApplyAsync([second.Source], Token);
        await Eventually.TrueAsync(async () => !(await ApplicationsAsync()).ContainsKey(first.Id), "the first revision goes");
        Assert.Equal(12, await AskAsync(second, 2));
        await engine.ScaleAsync(second.Id, 2, Token);
        await Eventually.TrueAsync(() => engine.Observe().Single().ReadyReplicas == 2, "there are two replicas");

        Assert.True((await engine.LeaveAsync(Token)).Ok);
        await Eventually.TrueAsync(async () => !(await ApplicationsAsync()).ContainsKey(second.Id), "nothing of ours is left");
        Assert.Equal(before, await ActorsAsync());
        foreach (string name in before.Keys)
            Assert.Equal("theirs", await http.GetStringAsync(new Uri($"http://127.0.0.1:{ray.ServePort}/{name}"), Token));
    }

    [Fact]
    public async Task ARevisionWithoutReplicas_WakesWhenItIsAsked()
    {
        using DeclaredRevision revision = new(5);
        await DeployAsync(revision);
        await engine.ScaleAsync(revision.Id, 0, Token);
        await Eventually.TrueAsync(async () => engine.Observe().Single().ReadyReplicas == 0 && (await ActorsAsync())[revision.Id].Length == 0, "the last replica goes");
        Assert.Equal(6, await AskAsync(revision, 1));
    }

    /// <summary>Nobody but Serve says why: its last line names the line of the file.</summary>
    [Fact]
    public async Task AModelThatCannotBeLoaded_SaysWhy()
    {
        // A package of this content's name that holds another one: no other test may meet it.
        using DeclaredRevision revision = new(99);
        await File.WriteAllTextAsync(Path.Combine(revision.Source.Folder, "model.onnx"), "no graph", Token);
        Assert.Empty(await engine.PreflightAsync(revision.Source, _ => { }, Token));
        await engine.ApplyAsync([revision.Source], Token);
        RevisionState state = await engine.SettledAsync(revision.Id, _ => { }, Token);
        Assert.Equal((RevisionHealth.Unhealthy, "RW4147"), (state.Health, state.Problem?.Code));
        Assert.Contains("the package holds the version", state.Problem!.Detail, StringComparison.Ordinal);
    }

    /// <summary>What <c>render --ray --package</c> prints and writes is enough for Ray's own command.</summary>
    [Fact]
    public async Task WhatIsRendered_IsDeployedByServeDeploy()
    {
        using DeclaredRevision revision = new(7);
        using TemporaryFolder folder = new();
        using RayRevision of = revision.For(new Installation("raywright", ""));
        ReplicaPackage package = (await of.PackageAsync(Token)).Value;
        string zip = folder.Combine(package.Name), yaml = folder.Combine("adder.yaml");
        await using (FileStream file = File.Create(zip))
            package.WriteTo(file);
        ServeSettings settings = new() { Http = new ServeAddress("127.0.0.1", ray.ServePort), WorkingDirectory = $"file://{zip}" };
        await File.WriteAllTextAsync(yaml, ServeConfiguration.Of(revision.Source.Revision, settings).Document.ToYaml(explained: true), Token);
        ProcessStartInfo serve = new(Path.Combine(RayHere.Environment!, "bin", "serve"), ["deploy", "-a", ray.Address.ToString().TrimEnd('/'), yaml])
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            Environment = { ["RAY_AUTH_MODE"] = "token", ["RAY_AUTH_TOKEN"] = ray.Token },
        };
        using Process deploying = Process.Start(serve)!;
        string said = await deploying.StandardError.ReadToEndAsync(Token);
        await deploying.WaitForExitAsync(Token);
        Assert.True(deploying.ExitCode == 0, said);
        await Eventually.TrueAsync(async () => (await ApplicationsAsync()).GetValueOrDefault(revision.Id)?.Status == ApplicationStatus.Running, "the application runs");
        byte[] head = Encoding.UTF8.GetBytes("""{"inputs":[{"name":"x","datatype":"FP32","shape":[1,1],"parameters":{"binary_data_size":4}}]}""");
        using ByteArrayContent question = new([.. head, .. BitConverter.GetBytes(3f)]);
        question.Headers.Add("inference-header-content-length", head.Length.ToString(CultureInfo.InvariantCulture));
        using HttpResponseMessage answer = await http.PostAsync(new Uri($"http://127.0.0.1:{ray.ServePort}/{revision.Id}/v2/models/adder/infer"), question, Token);
        byte[] body = await answer.Content.ReadAsByteArrayAsync(Token);
        Assert.True(answer.IsSuccessStatusCode, Encoding.UTF8.GetString(body));
        Assert.Equal(10, BitConverter.ToSingle(body.AsSpan(^4..)));
    }

    private async Task DeployAsync(DeclaredRevision revision, params DeclaredRevision[] others)
    {
        Assert.Empty(await engine.PreflightAsync(revision.Source, _ => { }, Token));
        await engine.ApplyAsync([revision.Source, .. others.Select(other => other.Source)], Token);
        RevisionState state = await engine.SettledAsync(revision.Id, _ => { }, Token);
        Assert.True(state.Health == RevisionHealth.Healthy, state.Problem?.ToString());
    }

    private async Task<float> AskAsync(DeclaredRevision revision, float x)
    {
        using Tensor input = Tensor.Of<float>(DataType.Float32, [1, 1], [x]);
        Result<Tensor[]> answer = await engine.Target(revision.Id)!.InferAsync(new InferenceCall([input], "test", TimeSpan.FromSeconds(60)), Token);
        Assert.True(answer.Ok, string.Join("; ", answer.Problems));
        using Tensor output = answer.Value[0];
        return output.Values<float>()[0];
    }

    private async Task TheirsAsync()
    {
        using MemoryStream zip = new();
        using (ZipArchive archive = new(zip, ZipArchiveMode.Create, leaveOpen: true))
        {
            using Stream entry = archive.CreateEntry("their_app.py").Open();
            entry.Write(Encoding.UTF8.GetBytes(Code));
        }
        Assert.True((await dashboard.UploadPackageAsync("_ray_pkg_theirs.zip", zip.ToArray(), Token)).Ok);
        string list = $$$"""
            {"http_options": {"host": "127.0.0.1", "port": {{{ray.ServePort}}}},
             "applications": [{"name": "theirs", "route_prefix": "/theirs", "import_path": "their_app:build", "runtime_env": {"working_dir": "gcs://_ray_pkg_theirs.zip"}}]}
            """;
        Assert.True((await dashboard.PutApplicationsAsync(Encoding.UTF8.GetBytes(list), Token)).Ok);
        string run = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Code}\nimport ray\nray.init(address='auto')\nserve.run(build({{}}), name='theirs-too', route_prefix='/theirs-too')\n"));
        Result<string> job = await dashboard.SubmitJobAsync(new JobRequest($"python -c \"import base64;exec(base64.b64decode('{run}'))\""), Token);
        Assert.True(job.Ok, string.Join("; ", job.Problems));
        await Eventually.TrueAsync(async () => await ApplicationsAsync() is { Count: 2 } all && all.Values.All(one => one.Status == ApplicationStatus.Running), "the applications of others run");
    }

    private async Task<IReadOnlyDictionary<string, ApplicationDetails>> ApplicationsAsync()
    {
        Result<ServeDetails> details = await dashboard.ApplicationsAsync(Token);
        Assert.True(details.Ok, string.Join("; ", details.Problems));
        return details.Value.Applications;
    }

    private async Task<Dictionary<string, string[]>> ActorsAsync() =>
        (await ApplicationsAsync()).ToDictionary(pair => pair.Key, pair => (string[])[.. pair.Value.Deployments.Values.SelectMany(deployment => deployment.Replicas).Select(replica => replica.ReplicaId!).Order()]);
}

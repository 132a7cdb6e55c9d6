using System.IO.Compression;
using System.Text;
using Raywright.Core.Errors;
using Raywright.Ray.Dashboard;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Ray.Tests.Dashboard;

/// <summary>A dashboard to test on.</summary>
public sealed record Cluster(Uri Address, string Token, int ServePort);

/// <summary>What holds for the client on every dashboard: run on the fake and, where there is one, on a real Ray.</summary>
public abstract class DashboardContract
{
    private const string Code = """
        from ray import serve
        @serve.deployment(ray_actor_options={"num_cpus": 0.1})
        class Echo:
            async def __call__(self, request): return "echo"
        def build(args): return Echo.bind()
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected abstract Task<Cluster> ClusterAsync();

    [Fact]
    public async Task Version_NamesRayAndSession()
    {
        using HttpClient http = Http(await ClusterAsync());
        DashboardClient client = Client(http);
        ClusterVersion version = Value(await client.VersionAsync(Cancellation));
        Assert.StartsWith("2.", version.RayVersion, StringComparison.Ordinal);
        Assert.StartsWith("session_", version.SessionName, StringComparison.Ordinal);
        Assert.Equal(version, Value(await client.VersionAsync(Cancellation)));
    }

    [Fact]
    public async Task AuthenticationMode_IsToldWithoutToken()
    {
        Cluster cluster = await ClusterAsync();
        using HttpClient http = new() { BaseAddress = cluster.Address };
        Assert.Equal(AuthenticationMode.Token, Value(await Client(http).AuthenticationModeAsync(Cancellation)));
    }

    [Fact]
    public async Task NoToken_AndAWrongOne_AreToldApart()
    {
        Cluster cluster = await ClusterAsync();
        using HttpClient none = new() { BaseAddress = cluster.Address };
        Fails(Catalogue.RayTokenMissing, await Client(none).ApplicationsAsync(Cancellation));
        using HttpClient wrong = Http(cluster with { Token = "wrong" });
        Fails(Catalogue.RayTokenWrong, await Client(wrong).NodesAsync(Cancellation));
    }

    [Fact]
    public async Task ARequestThatLooksLikeABrowsers_IsRefused()
    {
        using HttpClient http = Http(await ClusterAsync());
        http.DefaultRequestHeaders.Add("User-Agent", "Mozilla/5.0");
        Value(await Client(http).UploadPackageAsync("_ray_pkg_agent.zip", "x"u8.ToArray(), Cancellation));
        http.DefaultRequestHeaders.Add("Origin", "http://example.com");
        Fails(Catalogue.RayMethodRefused, await Client(http).PutApplicationsAsync(Encoding.UTF8.GetBytes("{\"applications\": []}"), Cancellation));
    }

    [Fact]
    public async Task Nodes_AreTheHead()
    {
        using HttpClient http = Http(await ClusterAsync());
        NodeDetails head = Assert.Single(Value(await Client(http).NodesAsync(Cancellation)));
        Assert.True(head.IsHeadNode);
        Assert.Equal(NodeState.Alive, head.State);
        Assert.Equal(4, head.ResourcesTotal["CPU"]);
        Assert.Equal(head.NodeId, head.Labels["ray.io/node-id"]);
        string status = "";
        // A head that has just started has not written it yet.
        await Eventually.TrueAsync(
            async () => (status = Value(await Client(http).ClusterStatusTextAsync(Cancellation))).Contains("CPU", StringComparison.Ordinal),
            () => $"it tells the resources: {status}");
    }

    [Fact]
    public async Task AMissingLogFile_IsAFailureOfRay()
    {
        using HttpClient http = Http(await ClusterAsync());
        string node = Value(await Client(http).NodesAsync(Cancellation))[0].NodeId!;
        Result<string> answer = "";
        // Now and then Ray loses the failure between its agent and its dashboard, and gives an empty file.
        await Eventually.TrueAsync(
            async () => !(answer = await Client(http).LogFileAsync(node, "nope.log", 3, Cancellation)).Ok || answer.Value.Length > 0,
            "it is not there");
        Fails(Catalogue.RayFailed, answer);
    }

    [Fact]
    public async Task AJob_Runs_AndIsForgotten()
    {
        using HttpClient http = Http(await ClusterAsync());
        DashboardClient client = Client(http);
        Fails(Catalogue.RayJobUnknown, await client.JobAsync("contract-job", Cancellation));
        Dictionary<string, string> metadata = new() { ["owner"] = "alice" };
        Assert.Equal("contract-job", Value(await client.SubmitJobAsync("echo hello", "contract-job", metadata, Cancellation)));
        Fails(Catalogue.RayFailed, await client.SubmitJobAsync("echo hello", "contract-job", null, Cancellation));
        await Eventually.TrueAsync(async () => Value(await client.JobAsync("contract-job", Cancellation)).Ended, "the job ends");
        JobDetails job = Value(await client.JobAsync("contract-job", Cancellation));
        Assert.Equal((JobStatus.Succeeded, 0, "alice"), (job.Status, job.DriverExitCode, job.Metadata["owner"]));
        Assert.Contains(Value(await client.JobsAsync(Cancellation)), one => one.SubmissionId == "contract-job");
        Assert.Contains("hello", Value(await client.JobLogsAsync("contract-job", Cancellation)), StringComparison.Ordinal);
        Assert.False(Value(await client.StopJobAsync("contract-job", Cancellation)));
        Assert.True(Value(await client.DeleteJobAsync("contract-job", Cancellation)));
        Fails(Catalogue.RayJobUnknown, await client.JobLogsAsync("contract-job", Cancellation));
    }

    [Fact]
    public async Task APackage_IsSentOnce_AndNotTooLarge()
    {
        using HttpClient http = Http(await ClusterAsync());
        DashboardClient client = Client(http);
        Assert.False(Value(await client.HasPackageAsync("_ray_pkg_contract_once.zip", Cancellation)));
        using MemoryStream package = new(Zip());
        Assert.True(Value(await client.UploadPackageAsync("_ray_pkg_contract_once.zip", package, Cancellation)));
        Assert.True(Value(await client.HasPackageAsync("_ray_pkg_contract_once.zip", Cancellation)));
        Fails(Catalogue.RayPackageTooLarge, await client.UploadPackageAsync("_ray_pkg_contract_large.zip", new byte[101 << 20], Cancellation));
    }

    [Fact]
    public async Task AnApplication_RunsScalesAndGoes()
    {
        Cluster cluster = await ClusterAsync();
        using HttpClient http = Http(cluster);
        DashboardClient client = Client(http);
        Value(await client.UploadPackageAsync("_ray_pkg_contract.zip", Zip(), Cancellation));
        Assert.True(Value(await client.HasPackageAsync("_ray_pkg_contract.zip", Cancellation)));
        string good = Application("contract", "gcs://_ray_pkg_contract.zip");

        Value(await client.PutApplicationsAsync(Config(cluster, good), Cancellation));
        await RunsAsync(client, replicas: 1);
        ServeDetails details = Value(await client.ApplicationsAsync(Cancellation));
        Assert.True(details.Started);
        Assert.Equal(cluster.ServePort, details.HttpOptions!.Value.GetProperty("port").GetInt32());
        Assert.All(details.Proxies.Values, proxy => Assert.Equal(ProxyStatus.Healthy, proxy.Status));
        ApplicationDetails application = details.Applications["contract"];
        Assert.Equal((ApplicationSource.Declarative, "/contract", true), (application.Source, application.RoutePrefix, application.ExternalScalerEnabled));
        Assert.Equal("contract_app:build", application.DeployedAppConfig!.Value.GetProperty("import_path").GetString());
        Assert.False(application.DeployedAppConfig.Value.TryGetProperty("nobody_knows", out _));
        DeploymentDetails deployment = application.Deployments["Echo"];
        Assert.Equal((DeploymentStatus.Healthy, StatusTrigger.ConfigUpdateCompleted), (deployment.Status, deployment.StatusTrigger));
        Assert.True(deployment.Replicas[0].Pid > 0);
        Assert.Empty(Value(await client.ApplicationsAsync(imperativeOnly: true, Cancellation)).Applications);

        Fails(Catalogue.RayDeploymentUnknown, await client.ScaleAsync("contract", "Nope", 2, Cancellation));
        Fails(Catalogue.RayDeploymentUnknown, await client.ScaleAsync("nope", "Echo", 2, Cancellation));
        Fails(Catalogue.RayRequestRefused, await client.ScaleAsync("contract", "Echo", -1, Cancellation));
        Value(await client.ScaleAsync("contract", "Echo", 2, Cancellation));
        await RunsAsync(client, replicas: 2);

        await RefusalsAsync(client, cluster, good);
        Value(await client.PutApplicationsAsync(Config(cluster), Cancellation));
        await Eventually.TrueAsync(async () => Value(await client.ApplicationsAsync(Cancellation)).Applications.Count == 0, "the application goes");
    }

    protected static DashboardClient Client(HttpClient http) => new(http, TimeProvider.System);

    protected static T Value<T>(Result<T> result)
    {
        Assert.True(result.Ok, result.Ok ? "" : string.Join('\n', result.Problems));
        return result.Value;
    }

    protected static Problem Fails<T>(ErrorDefinition expected, Result<T> result)
    {
        Assert.False(result.Ok);
        Assert.Equal(expected.Code, result.Problems[0].Code);
        return result.Problems[0];
    }

    /// <summary>One PUT that changes nothing, one that stops half way, and the one that repairs it.</summary>
    private static async Task RefusalsAsync(DashboardClient client, Cluster cluster, string good)
    {
        Problem refused = Fails(Catalogue.RayConfigRefused, await client.PutApplicationsAsync(Config(cluster, good, "{\"name\": \"broken\", \"route_prefix\": \"/broken\"}"), Cancellation));
        Assert.Equal("applications.1.import_path", refused.Field);
        Assert.Contains("application broken, import_path", refused.Detail, StringComparison.Ordinal);
        Assert.False(Value(await client.ApplicationsAsync(Cancellation)).Applications.ContainsKey("broken"));
        await RunsAsync(client, replicas: 2);

        Fails(Catalogue.RayConfigHalfApplied, await client.PutApplicationsAsync(Config(cluster, good, Application("broken", "gcs://no_archive")), Cancellation));
        ServeDetails half = Value(await client.ApplicationsAsync(Cancellation));
        Assert.Equal(ApplicationStatus.Deploying, half.Applications["broken"].Status);
        Assert.Empty(half.Applications["broken"].Deployments);

        Value(await client.PutApplicationsAsync(Config(cluster, good), Cancellation));
        await Eventually.TrueAsync(async () => !Value(await client.ApplicationsAsync(Cancellation)).Applications.ContainsKey("broken"), "the broken one goes");
        // What was scaled stays scaled: nothing of its settings changed.
        await RunsAsync(client, replicas: 2);
    }

    private static Task RunsAsync(DashboardClient client, int replicas) => Eventually.TrueAsync(
        async () =>
        {
            ApplicationDetails application = Value(await client.ApplicationsAsync(Cancellation)).Applications["contract"];
            return application.Status == ApplicationStatus.Running
                && application.Deployments["Echo"].TargetNumReplicas == replicas
                && application.Deployments["Echo"].Replicas.Count(replica => replica.State == ReplicaState.Running) == replicas;
        },
        $"the application runs with {replicas} replicas");

    private static string Application(string name, string package) => $$$"""
        {"name": "{{{name}}}", "route_prefix": "/{{{name}}}", "import_path": "contract_app:build", "external_scaler_enabled": true, "nobody_knows": 1,
         "runtime_env": {"working_dir": "{{{package}}}"}, "deployments": [{"name": "Echo", "num_replicas": 1, "ray_actor_options": {"num_cpus": 0.1}}]}
        """;

    private static byte[] Config(Cluster cluster, params string[] applications) => Encoding.UTF8.GetBytes(
        $"{{\"proxy_location\": \"HeadOnly\", \"http_options\": {{\"host\": \"127.0.0.1\", \"port\": {cluster.ServePort}}}, \"applications\": [{string.Join(',', applications)}]}}");

    private static HttpClient Http(Cluster cluster) => new()
    {
        BaseAddress = cluster.Address,
        DefaultRequestHeaders = { Authorization = new("Bearer", cluster.Token) },
    };

    private static byte[] Zip()
    {
        using MemoryStream bytes = new();
        using (ZipArchive zip = new(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            using Stream entry = zip.CreateEntry("contract_app.py").Open();
            entry.Write(Encoding.UTF8.GetBytes(Code));
        }
        return bytes.ToArray();
    }
}

using System.Text;
using Raywright.Core.Errors;
using Raywright.Ray.Dashboard;
using Raywright.TestKit;
using Raywright.TestKit.Ray;
using Xunit;

namespace Raywright.Ray.Tests.Engine;

/// <summary>The contract on a real Ray, which the class has for itself, because its head is started anew.</summary>
[Collection(RayHere.OneAtATime)]
public sealed class RealEngineTests(RealRay ray, RealEngineTests.Shared shared) : EngineContract, IClassFixture<RealRay>, IClassFixture<RealEngineTests.Shared>
{
    protected override async Task<EngineCluster> ClusterAsync()
    {
        await ray.StartAsync();
        // One agent for all tests.
        return shared.Cluster ??= new RealCluster(ray);
    }

    protected override Task EndAsync() => Task.CompletedTask;

    public sealed class Shared
    {
        public EngineCluster? Cluster { get; set; }
    }

    private sealed class RealCluster(RealRay ray) : EngineCluster
    {
        public override ClusterPlace Place { get; } = new(Address(ray));

        public override TimeProvider Clock => TimeProvider.System;

        public override HttpClient Http => field?.BaseAddress == ray.Address ? field : field = ray.Client();

        public override async Task RestartAsync()
        {
            await ray.RestartAsync();
            Place.Address = Address(ray);
        }

        public override Task RunTheirsAsync(string application) => RunAsync($"""
            @serve.deployment(name="Model", ray_actor_options=dict(num_cpus=0.1))
            class Theirs:
                async def __call__(self, request):
                    return "theirs"
            serve.run(Theirs.bind(), name="{application}", route_prefix="/{application}", blocking=False)
            """);

        public override Task DeleteAsync(string application) => RunAsync($"serve.delete(\"{application}\", _blocking=False)");

        private static ClusterAddress Address(RealRay ray) => new(ray.Address, new Uri($"http://127.0.0.1:{ray.ServePort}"), ray.Token);

        private async Task RunAsync(string code)
        {
            string script = Convert.ToBase64String(Encoding.UTF8.GetBytes($"import ray\nfrom ray import serve\nray.init(address='auto', log_to_driver=False)\n{code}\n"));
            string job = (await Dashboard.SubmitJobAsync(new JobRequest($"python -c \"import base64;exec(base64.b64decode('{script}'))\""), TestContext.Current.CancellationToken)).Value;
            await Eventually.TrueAsync(
                async () =>
                {
                    Result<JobDetails> seen = await Dashboard.JobAsync(job, TestContext.Current.CancellationToken);
                    Assert.NotEqual(JobStatus.Failed, seen.Value.Status);
                    return seen.Value.Status == JobStatus.Succeeded;
                },
                "the job has ended");
        }
    }
}

using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Raywright.Core.Access;
using Raywright.Core.Artifacts;
using Raywright.Core.Engines;
using Raywright.Core.Probing;
using Raywright.Core.Spec;
using Raywright.Engine;
using Raywright.Gateway.Access;
using Raywright.Gateway.Pipeline;
using Raywright.Gateway.Records;
using Raywright.Gateway.Routing;

namespace Raywright.Bench.Floors;

/// <summary>The gateway with everything on (key, contract, metrics, record, log) in front of the real engine, and nothing else of the server.</summary>
internal sealed class PipelineSubject(GatewayPipeline pipeline)
{
    public static async Task<PipelineSubject> StartAsync(string model, IHostApplicationLifetime lifetime)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(model))!;
        RevisionConfig revision = Revision(model);
        TimeProvider clock = TimeProvider.System;
        EmbeddedEngine engine = new(new ProbeClient(ProbeCommand.Of("raywright-server"), folder, clock), folder, clock, NullLogger<EmbeddedEngine>.Instance);
        await engine.ApplyAsync([new RevisionSource(revision, folder)], CancellationToken.None);
        RouteTableStore routes = new();
        routes.Publish(new RouteTable(1, [new EndpointRoute("dev", "iris", [new WeightedRevision(new RevisionRoute(revision, engine.Target(revision.Id)!, clock), 100)])]));
        ApiKey key = ApiKey.Create();
        KeyDirectoryStore keys = new();
        keys.Publish(new KeyDirectory([new KeyEntry(key.Id, "bench", key.Digest, ImmutableHashSet.Create("query"), [], null)]));
        string home = Directory.CreateTempSubdirectory("raywright-bench-").FullName;
        FileStream log = new(Path.Combine(home, "requests.log"), FileMode.Append, FileAccess.Write);
        RequestJournal journal = new(new RecordStore(Path.Combine(home, "records")), log, GatewayOptions.Default.SampleEvery, clock);
        lifetime.ApplicationStopped.Register(() =>
        {
            journal.Dispose();
            Directory.Delete(home, recursive: true);
        });
        Console.WriteLine(key.Text);
        return new(new GatewayPipeline(routes, keys, journal, GatewayOptions.Default, clock, NullLogger<GatewayPipeline>.Instance));
    }

    public static RevisionConfig Revision(string model)
    {
        ArtifactDescription artifact = ArtifactReader.Read(Path.GetDirectoryName(Path.GetFullPath(model))!, Path.GetFileName(model)).Value;
        return new()
        {
            Id = "iris-dev-1-00000000",
            Model = "iris",
            Environment = "dev",
            Version = 1,
            Digest = new string('0', 64),
            Runtime = RuntimeKind.Onnx,
            Artifact = artifact.Path,
            Contract = artifact.Contract,
            Resources = new(1, 512L << 20),
            Batching = new(32, TimeSpan.FromMilliseconds(5)),
        };
    }

    public Task HandleAsync(HttpContext http) => pipeline.HandleAsync(http);
}

using System.Collections.Immutable;
using System.Globalization;

namespace Raywright.TestKit.Ray;

/// <summary>
/// A real Ray whose autoscaler starts and ends nodes: Ray's own provider of nodes that are processes on this machine. The head has one
/// CPU; a node of type <c>large</c> has two, one of type <c>gpu</c> has two and says that it has a GPU.
/// </summary>
public sealed class ElasticRay : RealRay
{
    /// <summary>Ray takes this number for the head where nobody else gives it one.</summary>
    private const string HeadNode = "fffffffffffffffffffffffffffffffffffffffffffffffffff00000";

    protected override int Cpus => 1;

    protected override IReadOnlyDictionary<string, string> More => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["RAY_FAKE_CLUSTER"] = "1",
        ["AUTOSCALER_UPDATE_INTERVAL_S"] = "1",
        ["RAY_enable_autoscaler_v2"] = "1",
        ["RAY_CLOUD_INSTANCE_ID"] = HeadNode,
        ["RAY_OVERRIDE_NODE_ID_FOR_TESTING"] = HeadNode,
    }.ToImmutableDictionary();

    /// <summary>Ray's provider gives memory to a node as a resource of a kind of its own, which `ray start` refuses.</summary>
    private const string Provider = """
        from ray.autoscaler._private.fake_multi_node.node_provider import FakeMultiNodeProvider


        class Provider(FakeMultiNodeProvider):
            def create_node_with_resources_and_labels(self, node_config, tags, count, resources, labels):
                kept = {name: value for name, value in resources.items() if name != "memory"}
                super().create_node_with_resources_and_labels(node_config, tags, count, kept, labels)
        """;

    // `type: fake_multinode` cannot be used: the wheel lacks the file with its defaults.
    protected override string Autoscaling(int port, string modules)
    {
        File.WriteAllText(Path.Combine(modules, "elastic_nodes.py"), Provider);
        return Configuration(port);
    }

    private static string Configuration(int port) => string.Create(CultureInfo.InvariantCulture, $$"""
        cluster_name: elastic
        max_workers: 3
        upscaling_speed: 10.0
        idle_timeout_minutes: 0.1
        provider:
          type: external
          module: elastic_nodes.Provider
          gcs_address: "127.0.0.1:{{port}}"
          head_node_id: "{{HeadNode}}"
          launch_multiple: true
          use_node_id_as_ip: true
          disable_node_updaters: true
          disable_launch_config_check: true
        head_node_type: ray.head.default
        available_node_types:
          ray.head.default: { resources: { CPU: 1 }, node_config: {}, max_workers: 0 }
          large: { resources: { CPU: 2, memory: 1000000000, object_store_memory: 100000000 }, node_config: {}, min_workers: 0, max_workers: 2 }
          gpu: { resources: { CPU: 2, GPU: 1, memory: 1000000000, object_store_memory: 100000000 }, node_config: {}, min_workers: 0, max_workers: 1 }
        auth: {}
        docker: {}
        file_mounts: {}
        cluster_synced_files: []
        file_mounts_sync_continuously: false
        initialization_commands: []
        setup_commands: []
        head_setup_commands: []
        worker_setup_commands: []
        head_start_ray_commands: []
        worker_start_ray_commands: []
        """);
}

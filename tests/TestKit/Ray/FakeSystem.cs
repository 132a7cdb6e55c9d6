using System.Text.Json.Nodes;

namespace Raywright.TestKit.Ray;

/// <summary>Controller and proxy, as the first PUT or application started them; later options are ignored.</summary>
internal sealed class FakeSystem(FakeSurroundings around, JsonNode? location, JsonNode? options)
{
    private readonly string node = around.Nodes.Head;
    private readonly string controller = around.Ids.Next(32);
    private readonly string proxy = around.Ids.Next(32);
    private readonly double started = around.Now;
    private readonly JsonNode place = location?.DeepClone() ?? "EveryNode";
    private readonly JsonObject http = FakeDefaults.HttpOptions(options);

    public void AddTo(JsonObject details)
    {
        string name = $"SERVE_PROXY_ACTOR-{node}";
        JsonObject proxyDetails = Actor(proxy, name, $"/serve/proxy_{around.Nodes.Ip(node)}.log");
        proxyDetails["status"] = "HEALTHY";
        details["controller_info"] = Actor(controller, "SERVE_CONTROLLER_ACTOR", "/serve/controller_1000.log");
        details["proxy_location"] = place.DeepClone();
        details["http_options"] = http.DeepClone();
        details["grpc_options"] = FakeDefaults.GrpcOptions();
        details["proxies"] = new JsonObject { [node] = proxyDetails };
        details["target_groups"] = new JsonArray(new JsonObject
        {
            ["targets"] = new JsonArray(new JsonObject
            {
                ["ip"] = around.Nodes.Ip(node),
                ["port"] = http["port"]!.DeepClone(),
                ["instance_id"] = "",
                ["name"] = name,
            }),
            ["route_prefix"] = "/",
            ["protocol"] = "HTTP",
            ["app_name"] = "",
            ["ingress_request_router_targets"] = new JsonArray(),
            ["ingress_deployment_name"] = "",
        });
        details["controller_health_metrics"] = new JsonObject
        {
            ["timestamp"] = around.Now,
            ["controller_start_time"] = started,
            ["uptime_s"] = around.Now - started,
        };
        details["restores_unset_config_options"] = true;
    }

    private JsonObject Actor(string id, string name, string log) => new()
    {
        ["node_id"] = node,
        ["node_ip"] = around.Nodes.Ip(node),
        ["node_instance_id"] = "",
        ["actor_id"] = id,
        ["actor_name"] = name,
        ["worker_id"] = id + "000000000000000000000000",
        ["log_file_path"] = log,
    };
}

using System.Text;
using System.Text.Json.Nodes;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Ray.Tests.Configuration;

/// <summary>The judge of the other tests is itself judged: it finds what Ray refuses, and what Ray silently drops.</summary>
public sealed class ServeSchemaTests
{
    private const string Good = """
        {"proxy_location": "EveryNode", "http_options": {"host": "127.0.0.1"}, "applications": [{"name": "a", "import_path": "m:b", "args": {"any": {"thing": null}},
         "runtime_env": {"env_vars": {"A": "1"}}, "deployments": [{"name": "model", "num_replicas": 1, "ray_actor_options": {"num_cpus": 0.5, "label_selector": {"a": "b"}}, "logging_config": {"encoding": "JSON"}}]}]}
        """;

    [Fact]
    public void WhatIsRight_Passes() => Assert.Empty(Check(Good));

    [Theory]
    [InlineData("\"proxy_location\"", "\"proxy_lokation\"", "$.proxy_lokation is unknown")]
    [InlineData("\"host\"", "\"hosts\"", "$.http_options.hosts is unknown")]
    [InlineData("\"args\"", "\"arguments\"", "$.applications[0].arguments is unknown")]
    [InlineData("\"num_replicas\"", "\"replicas\"", "$.applications[0].deployments[0].replicas is unknown")]
    [InlineData("\"num_cpus\"", "\"num_cpu\"", "ray_actor_options.num_cpu is unknown")]
    [InlineData("\"encoding\"", "\"encode\"", "logging_config.encode is unknown")]
    [InlineData("\"import_path\": \"m:b\", ", "", "$.applications[0].import_path is missing")]
    [InlineData("\"num_replicas\": 1", "\"num_replicas\": 0", "num_replicas is 0")]
    [InlineData("\"num_replicas\": 1", "\"max_ongoing_requests\": 1.5", "max_ongoing_requests is 1.5, not integer")]
    [InlineData("\"num_replicas\": 1", "\"max_ongoing_requests\": null", "max_ongoing_requests is null, not integer")]
    [InlineData("\"num_replicas\": 1", "\"max_surge_percent\": 101", "maximum 100")]
    [InlineData("\"num_cpus\": 0.5", "\"num_cpus\": -1", "num_cpus is -1")]
    [InlineData("{\"a\": \"b\"}", "{\"a\": 1}", "label_selector.a is 1, not string")]
    [InlineData("EveryNode", "AnyNode", "$.proxy_location is \"AnyNode\"")]
    [InlineData("\"127.0.0.1\"", "127", "$.http_options.host is 127, not string")]
    public void WhatIsWrong_IsNamed(string right, string wrong, string words)
    {
        Assert.Contains(right, Good, StringComparison.Ordinal);
        string problem = Assert.Single(Check(Good.Replace(right, wrong, StringComparison.Ordinal)));
        Assert.Contains(words, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void TheCopy_IsWhatWasRecorded() =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(File.ReadAllText(SharedFiles.Path("ray", ServeSchema.FileName))), JsonNode.Parse(File.ReadAllText(ServeSchema.Path))), "The schema was recorded anew: copy it.");

    private static string[] Check(string document) => new ServeSchema().Check(Encoding.UTF8.GetBytes(document));
}

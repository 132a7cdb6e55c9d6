using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Raywright.Core.Api;
using Raywright.Core.Engines;
using Raywright.Ray.Configuration;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Ray.Tests.Configuration;

/// <summary>What Serve is told of a revision.</summary>
public sealed class ServeConfigurationTests
{
    public static TheoryData<string> Kinds => ["iris", "churn", "text"];

    /// <summary>The keyword arguments that our agent hands to <c>serve.deployment.options</c>.</summary>
    private static readonly string[] Keywords =
    [
        "num_replicas", "max_ongoing_requests", "max_queued_requests", "health_check_period_s", "health_check_timeout_s", "graceful_shutdown_wait_loop_s",
        "graceful_shutdown_timeout_s", "max_surge_percent", "ray_actor_options", "logging_config", "user_config",
    ];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void TheDocument_IsWhatRayTakes_AndNothingMore(string kind)
    {
        ServeConfiguration configuration = Configured(kind);
        Assert.Empty(new ServeSchema().Check(configuration.Document.ToJson()));
        Golden.Matches($"{kind}.json", Encoding.UTF8.GetString(configuration.Document.ToJson(indented: true)) + "\n");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void TheYaml_IsTheSameDocument_WithAndWithoutReasons(string kind)
    {
        ServeConfiguration configuration = Configured(kind);
        string plain = configuration.Document.ToYaml(), explained = configuration.Document.ToYaml(explained: true);
        JsonNode json = JsonNode.Parse(configuration.Document.ToJson())!;
        Assert.True(JsonNode.DeepEquals(json, YamlText.ToJson(plain)), plain);
        Assert.True(JsonNode.DeepEquals(json, YamlText.ToJson(explained)), explained);
        Assert.Equal(plain.TrimEnd().Split('\n'), explained.TrimEnd().Split('\n').Where(line => !line.TrimStart().StartsWith('#')));
        Golden.Matches($"{kind}.yaml", explained);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void EveryLine_IsExplained_AndReadableAtAHundredColumns(string kind)
    {
        ServeConfiguration configuration = Configured(kind);
        Assert.All(configuration.Document.Lines(), line => Assert.True(line.Why.Text.Length > 10 && line.Why.Text.EndsWith('.') && line.Why.Source.Words.Length > 0, line.Path));
        Assert.All(configuration.Document.ToYaml(explained: true).Split('\n'), line => Assert.True(line.Length <= 100, line));
    }

    [Fact]
    public void TheOptions_AreTheKeywordsOfOneDeployment()
    {
        ServeConfiguration configuration = Revisions.WithEverything();
        Assert.Equal(Keywords, configuration.Options.Entries.Select(entry => entry.Key));
        Golden.Matches("churn-options.json", Encoding.UTF8.GetString(configuration.Options.ToJson(indented: true)) + "\n");
    }

    /// <summary>The agent's replicas take their environment from their order, and say in what Serve shows whose they are.</summary>
    [Fact]
    public void TheOptions_AreThoseOfTheDocument()
    {
        ServeConfiguration configuration = Revisions.WithEverything();
        JsonNode application = JsonNode.Parse(configuration.Document.ToJson())!["applications"]![0]!;
        JsonObject declared = application["deployments"]![0]!.AsObject(), options = JsonNode.Parse(configuration.Options.ToJson())!.AsObject();
        Assert.True(JsonNode.DeepEquals(application["args"], JsonNode.Parse(configuration.Arguments.ToJson())));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse($$$"""{"raywright":{"installation":"raywright","revision":"{{{configuration.ApplicationName}}}"}}"""), options["user_config"]));
        Assert.True(declared.Remove("name"));
        Assert.True(JsonNode.DeepEquals(declared, options));
    }

    [Fact]
    public void Application_AndRoute_AreTheRevisionsId()
    {
        (RevisionConfig revision, ServeSettings settings) = Revisions.Of(Revisions.Small);
        ServeConfiguration configuration = ServeConfiguration.Of(revision, settings);
        Assert.Equal((revision.Id, $"/{revision.Id}"), (configuration.ApplicationName, configuration.RoutePrefix));
        JsonNode application = Application(configuration);
        Assert.Equal((revision.Id, $"/{revision.Id}"), (application["name"]!.GetValue<string>(), application["route_prefix"]!.GetValue<string>()));
    }

    [Fact]
    public void WhatIsNotSet_IsNotSaid()
    {
        ServeConfiguration configuration = Revisions.Configured(Revisions.Small);
        JsonNode application = Application(configuration);
        Assert.Null(JsonNode.Parse(configuration.Document.ToJson())!["http_options"]);
        Assert.Equal(["num_cpus", "memory"], application["deployments"]![0]!["ray_actor_options"]!.AsObject().Select(pair => pair.Key));
        Assert.Equal(["env_vars"], application["runtime_env"]!.AsObject().Select(pair => pair.Key));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(4, 4)]
    public void Replicas_AreAtLeastOne(int wanted, int told)
    {
        (RevisionConfig revision, ServeSettings settings) = Revisions.Of(Revisions.Small);
        Assert.Equal(told, ((ServeWhole)ServeConfiguration.Of(revision with { Replicas = wanted }, settings).Options["num_replicas"]!).Value);
    }

    [Theory]
    [InlineData("0.5", "1")]
    [InlineData("1", "1")]
    [InlineData("2.5", "3")]
    public void Threads_AreTheCoresOfAReplica_UnlessTheEndpointSaysOtherwise(string cpus, string threads)
    {
        JsonNode variables = Application(Revisions.Configured($"{Revisions.Small}resources: {{ cpus: {cpus} }}\nvariables: {{ MKL_NUM_THREADS: 7 }}\n"))["runtime_env"]!["env_vars"]!;
        Assert.Equal((threads, threads, "7"), (variables["OMP_NUM_THREADS"]!.GetValue<string>(), variables["OPENBLAS_NUM_THREADS"]!.GetValue<string>(), variables["MKL_NUM_THREADS"]!.GetValue<string>()));
    }

    [Fact]
    public void EachLine_NamesTheLayerThatDecided()
    {
        ImmutableArray<ServeLine> lines = Revisions.WithEverything().Document.Lines();
        ServeLine Line(string end) => Assert.Single(lines, line => line.Path.EndsWith(end, StringComparison.Ordinal));
        Assert.Equal((ServeSourceKind.Spec, "spec, raywright.yaml:10:20"), (Line(".num_cpus").Why.Source.Kind, Line(".num_cpus").Why.Source.ToString()));
        Assert.Equal((ServeSourceKind.Environment, "environment prod"), (Line(".memory").Why.Source.Kind, Line(".memory").Why.Source.Words));
        Assert.Equal((ServeSourceKind.Spec, "spec, environments.prod"), (Line(".num_replicas").Why.Source.Kind, Line(".num_replicas").Why.Source.Words));
        Assert.Equal((ServeSourceKind.Spec, "spec, environments.prod"), (Line(".resources.disk").Why.Source.Kind, Line(".resources.disk").Why.Source.Words));
        Assert.Equal((ServeSourceKind.Spec, "raywright.yaml:9:18"), (Line("order.code").Why.Source.Kind, Line("order.code").Why.Source.Location.ToString()));
        Assert.Equal(ServeSourceKind.Policy, Line(".max_surge_percent").Why.Source.Kind);
        Assert.Equal(ServeSourceKind.Artifact, Line("order.version").Why.Source.Kind);
        Assert.Equal(ServeSourceKind.Revision, Line("].route_prefix").Why.Source.Kind);
        Assert.Equal(ServeSourceKind.Default, Assert.Single(Revisions.Configured(Revisions.Small).Document.Lines(), line => line.Path.EndsWith(".num_cpus", StringComparison.Ordinal)).Why.Source.Kind);
    }

    [Fact]
    public void WhereNobodyKeptWhoDecided_TheRevisionDid() =>
        Assert.Equal(
            [ServeSourceKind.Artifact, ServeSourceKind.Policy, ServeSourceKind.Revision],
            Revisions.Configured(Revisions.Full, RuntimeKind.Python, new PythonConfig { Flavour = PythonFlavour.Class }, settings => settings with { Origins = settings.Origins.Clear() })
                .Document.Lines().Select(line => line.Why.Source.Kind).Distinct().Order());

    /// <summary>A server reads the revision from its database: what it then tells Ray must not differ by a byte.</summary>
    [Fact]
    public void ARevisionThatWasStored_GivesTheSame()
    {
        (RevisionConfig revision, ServeSettings settings) = Revisions.Of(Revisions.Full, RuntimeKind.Python, new PythonConfig { Flavour = PythonFlavour.Sklearn });
        RevisionConfig stored = JsonSerializer.Deserialize(JsonSerializer.Serialize(revision, ApiJson.Default.RevisionConfig), ApiJson.Default.RevisionConfig)!;
        Assert.Equal(ServeConfiguration.Of(revision, settings).Document.ToJson(), ServeConfiguration.Of(stored, settings).Document.ToJson());
    }

    [Fact]
    public void TheOrderThatValuesWereReadIn_DoesNotMatter()
    {
        (RevisionConfig revision, ServeSettings settings) = Revisions.Of($"{Revisions.Small}resources: {{ custom: {{ a: 1, B: 2 }}, labels: {{ a: x, B: y }} }}\nvariables: {{ a: x, B: y }}\n");
        RevisionConfig other = revision with
        {
            Variables = revision.Variables.WithComparers(StringComparer.OrdinalIgnoreCase),
            Resources = revision.Resources with
            {
                Custom = revision.Resources.Custom!.WithComparers(StringComparer.OrdinalIgnoreCase),
                Labels = revision.Resources.Labels!.WithComparers(StringComparer.OrdinalIgnoreCase),
            },
        };
        Assert.NotEqual(revision.Variables.Keys, other.Variables.Keys);
        Assert.Equal(ServeConfiguration.Of(revision, settings).Document.ToJson(), ServeConfiguration.Of(other, settings).Document.ToJson());
    }

    private static ServeConfiguration Configured(string kind) => kind switch
    {
        "churn" => Revisions.WithEverything(),
        "text" => Revisions.Configured("model: text\nsource: model.py\ncontract: none\nresources: { gpus: 2 }\nruntime: { arrays: plain }\n", RuntimeKind.Python, new PythonConfig { Flavour = PythonFlavour.Class, Code = "model.py" }),
        _ => Revisions.Configured(File.ReadAllText(RepositoryRoot.Combine("samples", "iris", "raywright.yaml")), change: settings => settings with { Http = ServeAddress.Local }),
    };

    private static JsonNode Application(ServeConfiguration configuration) => JsonNode.Parse(configuration.Document.ToJson())!["applications"]![0]!;
}

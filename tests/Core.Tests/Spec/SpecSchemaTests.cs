using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using NJsonSchema;
using Raywright.Core.Spec;
using Raywright.TestKit;
using Xunit;
using YamlDotNet.RepresentationModel;

namespace Raywright.Core.Tests.Spec;

/// <summary>The published schema and reference page say what the reader does.</summary>
public sealed class SpecSchemaTests
{
    [Fact]
    public void TheSchema_IsPublished() => Golden.MatchesPublished("schema/raywright.schema.json", SpecSchema.Json);

    [Fact]
    public void ThePage_IsGenerated()
    {
        StringBuilder page = new("""
            # The spec

            Generated from the table of keys in `src/Core/Spec/SpecKeys.cs`; `UPDATE_GOLDENS=1 dotnet test` writes it anew.
            `raywright.yaml` lies beside the model; `raywright init` writes it. Any other key is an error. The JSON schema in
            `schema/raywright.schema.json` completes keys in editors; a first line `# yaml-language-server: $schema=PATH` names it.

            Precedence, lowest first: defaults, spec, the spec's `environments.NAME`, the environment itself.
            Sizes are written as `512Mi` or `2Gi`, times as `5ms`, `2s` or `1m`; paths lie below the spec's folder.

            | Key | Takes | Default | What |
            |---|---|---|---|

            """);
        AppendRows(page, SpecKeys.Root, "");
        Golden.MatchesPublished("docs/reference/spec.md", page.ToString());
    }

    [Theory]
    [MemberData(nameof(SpecRuleTests.Right), MemberType = typeof(SpecRuleTests))]
    public async Task WhatTheReaderTakes_TheSchemaTakes(string text)
    {
        JsonSchema schema = await JsonSchema.FromJsonAsync(SpecSchema.Json, TestContext.Current.CancellationToken);
        Assert.Empty(schema.Validate(ToJson(text)));
    }

    [Theory]
    [InlineData("modle: iris\nsource: m.onnx\n")]
    [InlineData("model: Iris Model\nsource: m.onnx\n")]
    [InlineData("model: iris\n")]
    [InlineData("model: iris\nsource: m.onnx\nresources: { cpu: 1 }\n")]
    [InlineData("model: iris\nsource: m.onnx\nresources: { cpus: two }\n")]
    [InlineData("model: iris\nsource: m.onnx\nresources: { memory: 512MB }\n")]
    [InlineData("model: iris\nsource: m.onnx\nbatching: { max_wait: 5 }\n")]
    [InlineData("model: iris\nsource: m.onnx\nrollout: { strategy: slowly }\n")]
    [InlineData("model: iris\nsource: m.onnx\nrollout: { strategy: canary, steps: [0] }\n")]
    [InlineData("model: iris\nsource: m.onnx\ninputs: [{ name: x, type: float23, shape: [-1] }]\n")]
    [InlineData("model: iris\nsource: m.onnx\ninputs: [{ name: x, type: float32 }]\n")]
    [InlineData("model: iris\nsource: m.onnx\nenvironments: { production-environment: { scaling: { min: 1 } } }\n")]
    [InlineData("model: iris\nsource: m.onnx\nenvironments: { prod: { tests: { unit: x } } }\n")]
    [InlineData("model: iris\nsource: m.onnx\nvariables: { A-B: x }\n")]
    public async Task WhatTheSchemaMarks_TheReaderRefuses(string text)
    {
        JsonSchema schema = await JsonSchema.FromJsonAsync(SpecSchema.Json, TestContext.Current.CancellationToken);
        Assert.NotEmpty(schema.Validate(ToJson(text)));
        Assert.NotEmpty(SpecReader.Read(text, "s.yaml").Problems);
    }

    [Fact]
    public void DefaultsOfTheTable_AreThoseOfTheConfig()
    {
        StringBuilder text = new("model: iris\nsource: m.onnx\ncontract: none\n");
        foreach (SpecKey key in SpecKeys.Root.Where(key => key.Name is "resources" or "scaling"))
            text.Append(CultureInfo.InvariantCulture, $"{key.Name}: {{ {string.Join(", ", key.Keys.Where(inner => inner.Default is not null).Select(inner => $"{inner.Name}: {inner.Default}"))} }}\n");
        ModelConfig written = SpecResolver.Resolve(SpecReader.Read(text.ToString(), "s.yaml").Value, new("dev"), null).Value;
        ModelConfig defaults = SpecResolver.Resolve(SpecReader.Read("model: iris\nsource: m.onnx\ncontract: none\n", "s.yaml").Value, new("dev"), null).Value;
        Assert.Equal((defaults.Resources, defaults.Scaling), (written.Resources, written.Scaling));
        Assert.Equal(
            [new ModelConfig { Model = "", Source = "", Contract = Contracts.Contract.None }.Batching],
            [new BatchingConfig(int.Parse(Default("batching", "max_size"), CultureInfo.InvariantCulture), TimeSpan.FromMilliseconds(int.Parse(Default("batching", "max_wait")[..^2], CultureInfo.InvariantCulture)))]);
    }

    private static string Default(string outer, string inner) => SpecKeys.Root.First(key => key.Name == outer).Keys.First(key => key.Name == inner).Default!;

    private static void AppendRows(StringBuilder page, IEnumerable<SpecKey> keys, string prefix)
    {
        foreach (SpecKey key in keys)
        {
            page.Append(CultureInfo.InvariantCulture, $"| `{prefix}{key.Name}`{(key.Required ? " (required)" : "")} | {Takes(key)} | {(key.Default is null ? "" : $"`{key.Default}`")} | {key.Description.Replace("|", "\\|", StringComparison.Ordinal)} |\n");
            if (key.Name == "environments")
                page.Append(CultureInfo.InvariantCulture, $"| `environments.NAME` | {string.Join(", ", key.Keys.Select(inner => $"`{inner.Name}`"))} | | The same keys as at the top; NAME has at most {SpecKeys.LongestEnvironment} characters. |\n");
            else
                AppendRows(page, key.Keys, key.Kind == SpecKind.ObjectList ? $"{prefix}{key.Name}[]." : $"{prefix}{key.Name}.");
        }
    }

    private static string Takes(SpecKey key) => key.Kind switch
    {
        _ when !key.Options.IsEmpty => string.Join(", ", key.Options.Select(option => $"`{option}`")),
        SpecKind.Text => "text",
        SpecKind.Path => "path",
        SpecKind.Boolean => "`true` or `false`",
        SpecKind.Number or SpecKind.Integer when double.IsFinite(key.Least) => string.Create(CultureInfo.InvariantCulture, $"{(key.Kind == SpecKind.Integer ? "whole " : "")}number from {key.Least} to {key.Most}"),
        SpecKind.Number => "number",
        SpecKind.Size => "size",
        SpecKind.Duration => "time",
        SpecKind.Shape => "list of sizes",
        SpecKind.TextList => "list of texts",
        SpecKind.PathList => "list of paths",
        SpecKind.ScalarList => "list of texts or numbers",
        SpecKind.IntegerList => string.Create(CultureInfo.InvariantCulture, $"list of whole numbers from {key.Least} to {key.Most}"),
        SpecKind.Labels => "list of texts, or map from raw value to text",
        SpecKind.TextMap => "map from name to text",
        SpecKind.NumberMap => string.Create(CultureInfo.InvariantCulture, $"map from name to number from {key.Least} to {key.Most}"),
        SpecKind.ObjectMap => "map from name to object",
        SpecKind.ObjectList => "list of objects",
        _ => "object",
    };

    /// <summary>As an editor sees it: plain scalars in the types of YAML's core schema.</summary>
    private static string ToJson(string text)
    {
        YamlStream stream = [];
        stream.Load(new StringReader(text));
        return Convert(stream.Documents[0].RootNode)!.ToJsonString();
    }

    private static JsonNode? Convert(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(pair => KeyValuePair.Create(((YamlScalarNode)pair.Key).Value!, Convert(pair.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(Convert)]),
        YamlScalarNode { Style: YamlDotNet.Core.ScalarStyle.Plain } scalar => scalar.Value switch
        {
            "true" => true,
            "false" => false,
            { } value when long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole) => whole,
            { } value when double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) => number,
            _ => scalar.Value,
        },
        _ => ((YamlScalarNode)node).Value,
    };
}

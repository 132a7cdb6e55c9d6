using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Raywright.Ray.Tests.Configuration;

/// <summary>Reads YAML as a parser with the core schema does: what is not in quotes may be a number, a truth value or nothing.</summary>
internal static class YamlText
{
    public static JsonNode? ToJson(string text)
    {
        YamlStream stream = [];
        stream.Load(new StringReader(text));
        return Convert(stream.Documents[0].RootNode);
    }

    private static JsonNode? Convert(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(pair => KeyValuePair.Create(((YamlScalarNode)pair.Key).Value!, Convert(pair.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(Convert)]),
        YamlScalarNode { Style: ScalarStyle.Plain } scalar => scalar.Value switch
        {
            "true" => true,
            "false" => false,
            "null" => null,
            { } value when long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole) => whole,
            // An exponent without a point before it is text to PyYAML, which `serve deploy` uses.
            { } value when value.Contains('.', StringComparison.Ordinal) && double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) => number,
            _ => scalar.Value,
        },
        _ => ((YamlScalarNode)node).Value,
    };
}

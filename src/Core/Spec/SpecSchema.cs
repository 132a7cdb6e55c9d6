using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Raywright.Core.Spec;

/// <summary>
/// The JSON schema of <c>raywright.yaml</c>, by which editors complete keys and mark mistakes; published as
/// <c>schema/raywright.schema.json</c>. It accepts whatever <see cref="SpecReader"/> accepts.
/// </summary>
public static class SpecSchema
{
    private const string Dialect = "http://json-schema.org/draft-07/schema#";
    private const string SizePattern = @"^(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:Ki|Mi|Gi|Ti|K|M|G|T)?$";
    private const string DurationPattern = @"^(?:0|(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:us|ms|s|m|h))$";

    /// <summary>What YAML reads as text, number or truth value: a spec takes each for a text.</summary>
    private static readonly string[] AnyScalar = ["string", "number", "boolean"];

    public static string Json { get; } = Write();

    private static string Write()
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("$schema", Dialect);
            json.WriteString("title", "raywright.yaml");
            json.WriteString("description", "A model, its contract, and how it is tested and run.");
            WriteObject(json, SpecKeys.Root);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }

    private static void WriteObject(Utf8JsonWriter json, ImmutableArray<SpecKey> keys)
    {
        json.WriteString("type", "object");
        json.WriteBoolean("additionalProperties", false);
        string[] required = [.. keys.Where(key => key.Required).Select(key => key.Name)];
        if (required.Length > 0)
            WriteTexts(json, "required", required);
        json.WriteStartObject("properties");
        foreach (SpecKey key in keys)
        {
            json.WriteStartObject(key.Name);
            json.WriteString("description", key.Default is null ? key.Description : $"{key.Description} Default: {key.Default}.");
            WriteValue(json, key);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private static void WriteValue(Utf8JsonWriter json, SpecKey key)
    {
        switch (key.Kind)
        {
            case SpecKind.Text or SpecKind.Path when !key.Options.IsEmpty:
                WriteTexts(json, "enum", key.Options);
                break;
            case SpecKind.Text or SpecKind.Path:
                WriteText(json, key);
                break;
            case SpecKind.Boolean:
                json.WriteString("type", "boolean");
                break;
            case SpecKind.Number or SpecKind.Integer:
                WriteNumber(json, key);
                break;
            case SpecKind.Size:
                WriteMeasured(json, SizePattern, SpecValues.SmallestSize);
                break;
            case SpecKind.Duration:
                WriteMeasured(json, DurationPattern, null);
                break;
            case SpecKind.Object:
                WriteObject(json, key.Keys);
                break;
            default:
                WriteCollection(json, key);
                break;
        }
    }

    private static void WriteText(Utf8JsonWriter json, SpecKey key)
    {
        // A version such as 3.11 is a number to YAML and matches no pattern then; the reader takes it.
        WriteTexts(json, "type", AnyScalar);
        if (key.Pattern is not null)
            json.WriteString("pattern", $"^{key.Pattern}$");
        else
            json.WriteNumber("minLength", 1);
    }

    private static void WriteNumber(Utf8JsonWriter json, SpecKey key)
    {
        json.WriteString("type", key.Kind == SpecKind.Number ? "number" : "integer");
        if (double.IsFinite(key.Least))
            json.WriteNumber("minimum", key.Least);
        if (double.IsFinite(key.Most))
            json.WriteNumber("maximum", key.Most);
    }

    private static void WriteMeasured(Utf8JsonWriter json, string pattern, long? least)
    {
        WriteTexts(json, "type", ["string", "integer"]);
        json.WriteString("pattern", pattern);
        if (least is { } smallest)
            json.WriteNumber("minimum", smallest);
        else
            json.WriteNumber("maximum", 0);
    }

    private static void WriteCollection(Utf8JsonWriter json, SpecKey key)
    {
        switch (key.Kind)
        {
            case SpecKind.ObjectList:
                WriteItems(json, () => WriteObject(json, key.Keys));
                break;
            case SpecKind.ObjectMap:
                WriteMap(json, key, () => WriteObject(json, key.Keys));
                break;
            case SpecKind.NumberMap:
                WriteMap(json, key, () => WriteNumber(json, key with { Kind = SpecKind.Number }));
                break;
            case SpecKind.TextMap:
                WriteMap(json, key, () => WriteTexts(json, "type", AnyScalar));
                break;
            case SpecKind.Labels:
                json.WriteStartArray("oneOf");
                json.WriteStartObject();
                WriteItems(json, () => WriteTexts(json, "type", AnyScalar));
                json.WriteEndObject();
                json.WriteStartObject();
                WriteMap(json, key, () => WriteTexts(json, "type", AnyScalar));
                json.WriteEndObject();
                json.WriteEndArray();
                break;
            case SpecKind.Shape:
                WriteItems(json, () => WriteNumber(json, key with { Kind = SpecKind.Integer, Least = -1 }));
                break;
            case SpecKind.IntegerList:
                WriteItems(json, () => WriteNumber(json, key with { Kind = SpecKind.Integer }));
                break;
            default:
                WriteItems(json, () => WriteTexts(json, "type", AnyScalar));
                break;
        }
    }

    private static void WriteItems(Utf8JsonWriter json, Action writeItem)
    {
        json.WriteString("type", "array");
        json.WriteStartObject("items");
        writeItem();
        json.WriteEndObject();
    }

    private static void WriteMap(Utf8JsonWriter json, SpecKey key, Action writeValue)
    {
        json.WriteString("type", "object");
        if (key.Pattern is null)
        {
            json.WriteStartObject("additionalProperties");
            writeValue();
            json.WriteEndObject();
            return;
        }
        json.WriteBoolean("additionalProperties", false);
        json.WriteStartObject("patternProperties");
        json.WriteStartObject($"^{key.Pattern}$");
        writeValue();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }
}

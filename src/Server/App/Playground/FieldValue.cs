using System.Globalization;
using System.Text.Json;
using Raywright.Core.Errors;
using Raywright.Core.Tensors;

namespace Raywright.Server.App.Playground;

/// <summary>What a person wrote into a field, as JSON.</summary>
internal static class FieldValue
{
    private static readonly char[] Between = [',', ';', ' ', '\t', '\r', '\n', '[', ']'];

    /// <summary>Writes the value, or says why it is none; then nothing was written.</summary>
    public static Problem? Write(Utf8JsonWriter writer, QuestionField field)
    {
        if (field.IsNull && field.Input.Nullable)
        {
            writer.WriteNullValue();
            return null;
        }
        switch (field.Kind)
        {
            case FieldKind.Check:
                writer.WriteBooleanValue(field.Text == "true");
                return null;
            case FieldKind.Json:
                return WriteJson(writer, field);
            case FieldKind.List:
                return WriteList(writer, field);
            case FieldKind.Choice when !field.Input.Values.Contains(field.Text, StringComparer.Ordinal):
                return Wrong(field, $"{field.Label} needs one of its values.");
            default:
                return WriteScalar(writer, field, field.Text.Trim());
        }
    }

    private static Problem? WriteScalar(Utf8JsonWriter writer, QuestionField field, string text)
    {
        if (field.Type is DataType.String or DataType.Bytes)
        {
            writer.WriteStringValue(field.Type == DataType.String ? field.Text : text);
            return null;
        }
        if (text.Length == 0)
            return Wrong(field, $"{field.Label} is empty.");
        if (field.Type == DataType.Bool && bool.TryParse(text, out bool truth))
        {
            writer.WriteBooleanValue(truth);
            return null;
        }
        if (!IsNumber(text))
            return Wrong(field, $"{field.Label} is '{Short(text)}', which is no {(field.IsWhole ? "whole " : "")}number.");
        // As it was written, so that no digit is lost on the way.
        writer.WriteRawValue(text.TrimStart('+'));
        return null;
    }

    private static Problem? WriteList(Utf8JsonWriter writer, QuestionField field)
    {
        string[] parts = field.Text.Split(Between, StringSplitOptions.RemoveEmptyEntries);
        if (field.Size is { } size && parts.Length != size)
            return Wrong(field, string.Create(CultureInfo.InvariantCulture, $"{field.Label} takes {size} values, here are {parts.Length}."));
        foreach (string part in parts)
        {
            if (!IsNumber(part) && !(field.Type == DataType.Bool && bool.TryParse(part, out _)) && !(part == "null" && field.Input.Nullable))
                return Wrong(field, $"{field.Label} has '{Short(part)}', which is no number.");
        }
        writer.WriteStartArray();
        foreach (string part in parts)
            writer.WriteRawValue(field.Type == DataType.Bool ? part.ToLowerInvariant() : part.TrimStart('+'));
        writer.WriteEndArray();
        return null;
    }

    private static Problem? WriteJson(Utf8JsonWriter writer, QuestionField field)
    {
        try
        {
            using JsonDocument value = JsonDocument.Parse(field.Text);
            value.RootElement.WriteTo(writer);
            return null;
        }
        catch (JsonException e)
        {
            return new Problem(Catalogue.BodyNotJson, string.Create(CultureInfo.InvariantCulture, $"{field.Label} is not JSON at line {(e.LineNumber ?? 0) + 1}, column {(e.BytePositionInLine ?? 0) + 1}."), field.Label);
        }
    }

    /// <summary>A number as JSON writes it, but for a plus sign in front.</summary>
    private static bool IsNumber(string text)
    {
        Utf8JsonReader reader = new(System.Text.Encoding.UTF8.GetBytes(text.TrimStart('+')));
        try
        {
            return reader.Read() && reader.TokenType == JsonTokenType.Number && !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static Problem Wrong(QuestionField field, string detail) => new(Catalogue.InputType, detail, field.Label, Fix: field.Hint is { } hint ? $"It takes {hint}." : null);

    private static string Short(string text) => text.Length <= 30 ? text : text[..30] + "…";
}

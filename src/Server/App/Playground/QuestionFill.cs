using System.Text.Json;
using Raywright.Core.Contracts;
using Raywright.Core.Tensors;

namespace Raywright.Server.App.Playground;

/// <summary>Reads a neutral body, in any of its forms, back into a form: its first row.</summary>
internal static class QuestionFill
{
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static bool Fill(QuestionForm form, JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object || !body.TryGetProperty("inputs", out JsonElement inputs))
            return false;
        if (inputs is { ValueKind: JsonValueKind.Array } && inputs.GetArrayLength() > 0 && inputs[0].ValueKind == JsonValueKind.Object)
            inputs = inputs[0];
        if (inputs.ValueKind != JsonValueKind.Object)
            return form.Groups is [var only] && Fill(only, FirstRow(only.Input, inputs));
        bool whole = true;
        foreach (QuestionGroup group in form.Groups)
        {
            group.Included = !group.Input.Optional || inputs.TryGetProperty(group.Input.Name, out _) || group.Input.Columns.Any(column => inputs.TryGetProperty(column, out _));
            if (inputs.TryGetProperty(group.Input.Name, out JsonElement value))
                whole &= Fill(group, FirstRow(group.Input, value));
            else if (group.Included)
                whole &= FillColumns(group, inputs);
        }
        return whole;
    }

    private static bool FillColumns(QuestionGroup group, JsonElement row)
    {
        bool whole = true;
        foreach (QuestionField field in group.Fields)
            whole &= row.TryGetProperty(field.Label, out JsonElement value) && Fill(field, value);
        return whole;
    }

    /// <summary>A value of an input's full rank is a batch.</summary>
    private static JsonElement FirstRow(InputField input, JsonElement value) =>
        input.Shape.Length > 0 && Depth(value) >= input.Shape.Length && value.GetArrayLength() > 0 ? value[0] : value;

    private static bool Fill(QuestionGroup group, JsonElement row)
    {
        if (group.Fields is [var only])
            return Fill(only, row);
        if (row.ValueKind != JsonValueKind.Array || row.GetArrayLength() != group.Fields.Length)
            return false;
        bool whole = true;
        for (int index = 0; index < group.Fields.Length; index++)
            whole &= Fill(group.Fields[index], row[index]);
        return whole;
    }

    private static bool Fill(QuestionField field, JsonElement value)
    {
        if (field.Kind == FieldKind.Json)
        {
            field.Text = JsonSerializer.Serialize(value, Relaxed);
            return true;
        }
        if (field.Kind == FieldKind.List)
        {
            if (value.ValueKind != JsonValueKind.Array)
                return false;
            field.Text = string.Join(", ", value.EnumerateArray().Select(item => Unwrap(item).GetRawText()));
            return true;
        }
        value = Unwrap(value);
        if (value.ValueKind is JsonValueKind.Array or JsonValueKind.Object)
            return false;
        field.IsNull = value.ValueKind == JsonValueKind.Null;
        field.Text = value.ValueKind switch
        {
            JsonValueKind.Null => "",
            JsonValueKind.String => value.GetString()!,
            _ when field.Kind == FieldKind.Choice => Choice(field, value),
            _ => value.GetRawText(),
        };
        return field.IsNull ? field.Input.Nullable : field.Kind != FieldKind.Choice || field.Input.Values.Contains(field.Text, StringComparer.Ordinal);
    }

    /// <summary>The contract writes numbers in their shortest form; a body need not.</summary>
    private static string Choice(QuestionField field, JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && field.Type != DataType.String ? QuestionField.Number(value.GetDouble()) : value.GetRawText();

    /// <summary>What lies in dimensions of size 1.</summary>
    private static JsonElement Unwrap(JsonElement value)
    {
        while (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 1)
            value = value[0];
        return value;
    }

    private static int Depth(JsonElement value)
    {
        int depth = 0;
        for (; value.ValueKind == JsonValueKind.Array; depth++)
        {
            if (value.GetArrayLength() == 0)
                return depth + 1;
            value = value[0];
        }
        return depth;
    }
}

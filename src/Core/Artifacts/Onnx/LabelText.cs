using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Raywright.Core.Contracts;

namespace Raywright.Core.Artifacts.Onnx;

/// <summary>Reads class names as exporters write them into metadata: a JSON list or map, or the same as Python prints it.</summary>
internal static class LabelText
{
    /// <summary>Null where the text is neither, for example prose.</summary>
    public static LabelSet? Parse(string text) => ParseJson(text) ?? ParseJson(FromPython(text));

    private static LabelSet? ParseJson(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text, new JsonDocumentOptions { AllowDuplicateProperties = false });
            JsonElement root = document.RootElement;
            return root.ValueKind switch
            {
                JsonValueKind.Array when root.GetArrayLength() > 0 && root.EnumerateArray().All(IsText) => LabelSet.List(root.EnumerateArray().Select(item => item.GetString()!)),
                JsonValueKind.Object when root.EnumerateObject().Any() && root.EnumerateObject().All(item => IsText(item.Value)) => Map(root),
                _ => null,
            };
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Numbered classes in the order of their numbers, which is the order of the scores; others as written.</summary>
    private static LabelSet Map(JsonElement root)
    {
        JsonProperty[] all = [.. root.EnumerateObject()];
        if (all.All(item => Number(item) is not null))
            all = [.. all.OrderBy(Number)];
        return new([.. all.Select(item => item.Name)], [.. all.Select(item => item.Value.GetString()!)]);
    }

    private static long? Number(JsonProperty item) =>
        long.TryParse(item.Name, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? number : null;

    private static bool IsText(JsonElement element) => element.ValueKind == JsonValueKind.String;

    /// <summary>Single quotes become double ones and numbers before a colon become texts: <c>{0: 'person'}</c>.</summary>
    private static string FromPython(string text)
    {
        StringBuilder json = new(text.Length + 16);
        for (int at = 0; at < text.Length;)
        {
            if (text[at] is '\'' or '"')
            {
                Quote(json, ReadText(text, ref at));
                continue;
            }
            int digits = at;
            while (digits < text.Length && (char.IsAsciiDigit(text[digits]) || text[digits] == '-'))
                digits++;
            if (digits > at && text.AsSpan(digits).TrimStart() is [':', ..])
                Quote(json, text[at..digits]);
            else
                json.Append(text, at, Math.Max(1, digits - at));
            at = Math.Max(at + 1, digits);
        }
        return json.ToString();
    }

    private static string ReadText(string text, ref int at)
    {
        char quote = text[at++];
        StringBuilder read = new();
        while (at < text.Length && text[at] != quote)
        {
            if (text[at] == '\\' && at + 1 < text.Length)
                at++;
            read.Append(text[at++]);
        }
        at++;
        return read.ToString();
    }

    private static void Quote(StringBuilder json, string text) =>
        json.Append('"').Append(JavaScriptEncoder.Default.Encode(text)).Append('"');
}

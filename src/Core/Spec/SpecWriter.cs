using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Raywright.Core.Contracts;
using Raywright.Core.Tensors;

namespace Raywright.Core.Spec;

/// <summary>What <c>init</c> knows about a model.</summary>
/// <param name="Comment">A remark above the outputs, e.g. an assumption about labels; null for none.</param>
public sealed record SpecDraft(
    string Model,
    string Source,
    string? Task,
    Contract Contract,
    string? Cases,
    QualityConfig? Quality = null,
    string? Comment = null);

/// <summary>Writes a spec that a person likes to read: one line a field, only what is not a default.</summary>
public static class SpecWriter
{
    public static string Write(SpecDraft draft)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"model: {draft.Model}\n");
        text.Append(CultureInfo.InvariantCulture, $"source: {Quote(draft.Source)}\n");
        if (draft.Task is not null)
            text.Append(CultureInfo.InvariantCulture, $"task: {Quote(draft.Task)}\n");
        text.Append("inputs:\n");
        foreach (InputField input in draft.Contract.Inputs)
            text.Append(CultureInfo.InvariantCulture, $"  - {{ {string.Join(", ", Input(input))} }}\n");
        text.Append("outputs:\n");
        if (draft.Comment is not null)
            text.Append(CultureInfo.InvariantCulture, $"  # {draft.Comment}\n");
        foreach (OutputField output in draft.Contract.Outputs)
            text.Append(CultureInfo.InvariantCulture, $"  - {{ {string.Join(", ", Output(output, draft.Contract))} }}\n");
        text.Append("resources: { cpus: 1, memory: 512Mi }\n");
        if (draft.Cases is null && draft.Quality is null)
            return text.ToString();
        text.Append("tests:\n");
        if (draft.Cases is not null)
            text.Append(CultureInfo.InvariantCulture, $"  cases: {Quote(draft.Cases)}\n");
        if (draft.Quality is { } quality)
            text.Append(CultureInfo.InvariantCulture, $"  quality: {{ metric: {quality.Metric}, {(quality.AtLeast is { } least ? $"at_least: {Number(least)}" : $"at_most: {Number(quality.AtMost ?? 0)}")} }}\n");
        return text.ToString();
    }

    private static IEnumerable<string> Input(InputField input)
    {
        foreach (string part in Common(input.Name, input.Type, input.Shape))
            yield return part;
        if (!input.Columns.IsEmpty)
            yield return $"columns: {List(input.Columns)}";
        if (!input.Values.IsEmpty)
            yield return $"values: {List(input.Values, plain: input.Type != DataType.String)}";
        if (input.Min is { } min)
            yield return $"min: {Number(min)}";
        if (input.Max is { } max)
            yield return $"max: {Number(max)}";
        if (input.Nullable)
            yield return "nullable: true";
        if (input.Optional)
            yield return "optional: true";
        if (input.Description is not null)
            yield return $"description: {Quote(input.Description)}";
    }

    private static IEnumerable<string> Output(OutputField output, Contract contract)
    {
        foreach (string part in Common(output.Name, output.Type, output.Shape))
            yield return part;
        bool repeats = output.Type.IsFloat && contract.Outputs.Any(other => other != output && !other.Type.IsFloat && Equals(other.Labels, output.Labels));
        if (output.Labels is { } labels && !repeats)
        {
            yield return labels.IsList
                ? $"labels: {List(labels.Names)}"
                : $"labels: {{ {string.Join(", ", labels.Keys.Zip(labels.Names).Select(pair => $"{Quote(pair.First)}: {Quote(pair.Second)}"))} }}";
        }
        if (output.Nullable)
            yield return "nullable: true";
        if (output.Description is not null)
            yield return $"description: {Quote(output.Description)}";
    }

    private static IEnumerable<string> Common(string name, DataType type, ImmutableArray<long> shape) =>
        [$"name: {Quote(name)}", $"type: {type.Name}", $"shape: [{string.Join(", ", shape)}]"];

    private static string List(ImmutableArray<string> items, bool plain = false) => $"[{string.Join(", ", items.Select(item => plain ? item : Quote(item)))}]";

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>A plain word where YAML reads it as text in every place, else double quotes.</summary>
    private static string Quote(string text)
    {
        bool plain = text.Length > 0 && char.IsAsciiLetter(text[0])
            && text.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-' or '.' or '/')
            && text.ToLowerInvariant() is not ("true" or "false" or "null" or "yes" or "no" or "on" or "off" or "y" or "n");
        if (plain)
            return text;
        StringBuilder quoted = new("\"");
        foreach (char character in text)
        {
            _ = character switch
            {
                '"' => quoted.Append("\\\""),
                '\\' => quoted.Append("\\\\"),
                '\n' => quoted.Append("\\n"),
                '\t' => quoted.Append("\\t"),
                < ' ' or '\u007F' or '\u0085' or '\u2028' or '\u2029' or '\uFEFF' => quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:X4}"),
                _ => quoted.Append(character),
            };
        }
        return quoted.Append('"').ToString();
    }
}

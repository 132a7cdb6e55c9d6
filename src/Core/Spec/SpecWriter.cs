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
    string? Comment = null,
    ImmutableArray<string> Files = default,
    RuntimeConfig? Runtime = null,
    string? Parity = null);

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
        if (draft.Files is { IsDefaultOrEmpty: false } files)
            text.Append(CultureInfo.InvariantCulture, $"files: {List(files)}\n");
        if (draft.Runtime is { } runtime)
            text.Append(CultureInfo.InvariantCulture, $"runtime: {{ {string.Join(", ", Runtime(runtime))} }}\n");
        AppendContract(text, draft);
        text.Append("resources: { cpus: 1, memory: 512Mi }\n");
        if (draft.Cases is null && draft.Quality is null)
            return text.ToString();
        text.Append("tests:\n");
        if (draft.Cases is not null)
            text.Append(CultureInfo.InvariantCulture, $"  cases: {Quote(draft.Cases)}\n");
        if (draft.Quality is { } quality)
            text.Append(CultureInfo.InvariantCulture, $"  quality: {{ {string.Join(", ", Quality(quality))} }}\n");
        if (draft.Parity is not null)
            text.Append(CultureInfo.InvariantCulture, $"  parity: {Quote(draft.Parity)}\n");
        return text.ToString();
    }

    private static IEnumerable<string> Runtime(RuntimeConfig runtime)
    {
        if (runtime.Code is not null)
            yield return $"code: {Quote(runtime.Code)}";
        if (runtime.Requirements is not null)
            yield return $"requirements: {Quote(runtime.Requirements)}";
        if (runtime.Wheels is not null)
            yield return $"wheels: {Quote(runtime.Wheels)}";
        if (runtime.Arrays != "plain")
            yield return $"arrays: {runtime.Arrays}";
    }

    private static void AppendContract(StringBuilder text, SpecDraft draft)
    {
        if (draft.Contract.PassThrough)
        {
            text.Append("contract: none\n");
            return;
        }
        text.Append("inputs:\n");
        foreach (InputField input in draft.Contract.Inputs)
            text.Append(CultureInfo.InvariantCulture, $"  - {{ {string.Join(", ", Input(input))} }}\n");
        text.Append("outputs:\n");
        if (draft.Comment is not null)
            text.Append(CultureInfo.InvariantCulture, $"  # {draft.Comment.ReplaceLineEndings(" ")}\n");
        foreach (OutputField output in WithoutRepeats(draft.Contract).Outputs)
            text.Append(CultureInfo.InvariantCulture, $"  - {{ {string.Join(", ", Output(output))} }}\n");
    }

    /// <summary>Leaves out the labels of scores where reading the spec gives them back.</summary>
    private static Contract WithoutRepeats(Contract contract)
    {
        Contract less = contract with { Outputs = [.. contract.Outputs.Select(output => output.Type.IsFloat ? output with { Labels = null } : output)] };
        return ClassNames.Spread(less).Equals(contract) ? less : contract;
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
            yield return $"min: {SpecFormat.Number(min)}";
        if (input.Max is { } max)
            yield return $"max: {SpecFormat.Number(max)}";
        if (input.Nullable)
            yield return "nullable: true";
        if (input.Optional)
            yield return "optional: true";
        if (input.Units is { } units)
            yield return $"units: {List(units)}";
        if (input.Description is not null)
            yield return $"description: {Quote(input.Description)}";
    }

    private static IEnumerable<string> Output(OutputField output)
    {
        foreach (string part in Common(output.Name, output.Type, output.Shape))
            yield return part;
        if (output.Labels is { } labels)
        {
            bool list = output.Type == DataType.String ? labels.Keys.SequenceEqual(labels.Names) : labels.IsList;
            yield return list
                ? $"labels: {List(labels.Names)}"
                : $"labels: {{ {string.Join(", ", labels.Keys.Zip(labels.Names).Select(pair => $"{Key(pair.First)}: {Quote(pair.Second)}"))} }}";
        }
        if (output.Nullable)
            yield return "nullable: true";
        if (output.Units is { } units)
            yield return $"units: {List(units)}";
        if (output.Description is not null)
            yield return $"description: {Quote(output.Description)}";
    }

    private static IEnumerable<string> Quality(QualityConfig quality)
    {
        yield return $"metric: {quality.Metric}";
        if (quality.AtLeast is { } least)
            yield return $"at_least: {SpecFormat.Number(least)}";
        if (quality.AtMost is { } most)
            yield return $"at_most: {SpecFormat.Number(most)}";
    }

    private static IEnumerable<string> Common(string name, DataType type, ImmutableArray<long> shape) =>
        [$"name: {Quote(name)}", $"type: {type.Name}", $"shape: {SpecFormat.Shape(shape)}"];

    private static string List(ImmutableArray<string> items, bool plain = false) => $"[{string.Join(", ", items.Select(item => plain ? item : Quote(item)))}]";

    /// <summary>Raw values are mostly numbers, which need no quotes.</summary>
    private static string Key(string text) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) && number.ToString(CultureInfo.InvariantCulture) == text ? text : Quote(text);

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
                < ' ' or '\u007F' or (>= '\u0080' and <= '\u009F') or '\u2028' or '\u2029' or '\uFEFF' => quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:X4}"),
                _ => quoted.Append(character),
            };
        }
        return quoted.Append('"').ToString();
    }
}

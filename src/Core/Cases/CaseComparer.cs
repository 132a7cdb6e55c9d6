using System.Globalization;
using System.Text.Json;
using Raywright.Core.Bodies;
using Raywright.Core.Contracts;
using Raywright.Core.Errors;
using Raywright.Core.Tensors;

namespace Raywright.Core.Cases;

/// <summary>Compares what a model answered with what a case expects.</summary>
public sealed class CaseComparer(Contract contract)
{
    private readonly OutputPlan[] plans = [.. contract.Outputs.Select(output => new OutputPlan(output))];

    /// <summary>The model refused: that is right only where the case expects this text.</summary>
    public static CaseOutcome Compare(Case expected, Problem problem)
    {
        string? wanted = ExpectedError(expected);
        if (wanted is not null && problem.Detail == wanted)
            return new(true, null, 0);
        return new(false, wanted is null ? $"the answer is an error: {problem.Detail}" : $"the error is '{problem.Detail}' instead of '{wanted}'", 0);
    }

    /// <param name="expected">The case.</param>
    /// <param name="outputs">The answer, which has passed <see cref="OutputCheck"/>.</param>
    public CaseOutcome Compare(Case expected, Tensor[] outputs)
    {
        if (ExpectedError(expected) is { } wanted)
            return new(false, $"there is an answer instead of the error '{wanted}'", 0);
        if (expected.Expected is not { } answer)
            return new(true, null, 0);
        Comparison comparison = new(expected.Tolerance);
        if (contract.PassThrough)
            ComparePassed(comparison, answer, outputs[0]);
        else if (answer.ValueKind == JsonValueKind.Array)
            CompareRows(comparison, answer, outputs);
        else
            CompareOutputs(comparison, answer, outputs, row: null);
        bool passed = comparison.Difference is null || (expected.Recorded && !comparison.IsStructural);
        return new(passed, comparison.Difference, comparison.Largest);
    }

    /// <summary>Without a contract <c>expected</c> is a part of the answer as it came.</summary>
    private static void ComparePassed(Comparison comparison, JsonElement expected, Tensor output)
    {
        using JsonDocument actual = JsonDocument.Parse(output.Blobs[0] ?? "null"u8.ToArray());
        if (expected.ValueKind != JsonValueKind.Object || actual.RootElement.ValueKind != JsonValueKind.Object)
        {
            comparison.Begin("outputs", Largest(expected));
            comparison.Values(expected, actual.RootElement);
            return;
        }
        foreach (JsonProperty property in expected.EnumerateObject())
        {
            comparison.Begin(property.Name, Largest(property.Value));
            if (actual.RootElement.TryGetProperty(property.Name, out JsonElement value))
                comparison.Values(property.Value, value);
            else
                comparison.Structural($"there is no output {property.Name}");
        }
    }

    private void CompareRows(Comparison comparison, JsonElement rows, Tensor[] outputs)
    {
        int row = 0;
        foreach (JsonElement one in rows.EnumerateArray())
        {
            if (one.ValueKind != JsonValueKind.Object || row >= outputs[0].Rows)
            {
                comparison.Structural($"`expected` has {rows.GetArrayLength()} rows, the answer has {outputs[0].Rows}");
                return;
            }
            CompareOutputs(comparison, one, outputs, row++);
        }
    }

    private void CompareOutputs(Comparison comparison, JsonElement answer, Tensor[] outputs, int? row)
    {
        foreach (JsonProperty property in answer.EnumerateObject())
        {
            int index = Array.FindIndex(plans, plan => plan.Declared.Name == property.Name);
            if (index < 0)
            {
                comparison.Structural($"there is no output {property.Name}");
                return;
            }
            Tensor output = outputs[index];
            int perRow = (int)(output.Count / Math.Max(1, output.Rows));
            int at = (row ?? 0) * perRow;
            int end = row is null ? (int)output.Count : at + perRow;
            comparison.Begin(property.Name, Largest(property.Value));
            if (output.Type == DataType.Json)
                WalkJson(comparison, property.Value, output, row is null ? output.Rank : output.Rank - 1, ref at);
            else
                Walk(comparison, property.Value, plans[index], output, ref at);
            if (at != end)
                comparison.Structural($"{property.Name} has {end - ((row ?? 0) * perRow)} elements, `expected` has another number");
        }
    }

    /// <summary>Elements may be lists themselves, so the rank says where they begin.</summary>
    private static void WalkJson(Comparison comparison, JsonElement expected, Tensor output, int rank, ref int at)
    {
        if (rank > 0 && expected.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement item in expected.EnumerateArray())
                WalkJson(comparison, item, output, rank - 1, ref at);
            return;
        }
        if (at < output.Count)
            comparison.Json(expected, output, at);
        at++;
    }

    private static void Walk(Comparison comparison, JsonElement expected, OutputPlan plan, Tensor output, ref int at)
    {
        if (expected.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement item in expected.EnumerateArray())
                Walk(comparison, item, plan, output, ref at);
        }
        else if (expected.ValueKind == JsonValueKind.Object && plan.IsScore)
        {
            foreach (JsonProperty score in expected.EnumerateObject())
            {
                int column = plan.Declared.Labels!.Names.IndexOf(score.Name);
                if (column < 0 || at + column >= output.Count)
                    comparison.Structural($"{plan.Declared.Name} has no class {score.Name}");
                else
                    comparison.Number(score.Value, Elements.Number(output, at + column), at + column);
            }
            at += plan.Declared.Labels!.Names.Length;
        }
        else if (at >= output.Count)
        {
            at++;
        }
        else
        {
            Element(comparison, expected, plan, output, at++);
        }
    }

    private static void Element(Comparison comparison, JsonElement expected, OutputPlan plan, Tensor output, int at)
    {
        switch (output.Type)
        {
            case DataType.String:
                comparison.Text(expected, output.Texts[at], at);
                break;
            case DataType.Json or DataType.Bytes:
                comparison.Json(expected, output, at);
                break;
            case DataType.Bool:
                comparison.Same(expected.ValueKind == (output.Bytes[at] != 0 ? JsonValueKind.True : JsonValueKind.False), expected, output.Bytes[at] != 0 ? "true" : "false", at);
                break;
            default:
                // A class may be expected by its name.
                if (expected.ValueKind == JsonValueKind.String && plan.IsClass)
                    comparison.Text(expected, plan.ClassOf(output, at)?.ToString(), at);
                else
                    comparison.Number(expected, Elements.Number(output, at), at);
                break;
        }
    }

    private static double Largest(JsonElement expected) => expected.ValueKind switch
    {
        JsonValueKind.Number => Math.Abs(expected.GetDouble()),
        JsonValueKind.Array => expected.EnumerateArray().Select(Largest).DefaultIfEmpty().Max(),
        JsonValueKind.Object => expected.EnumerateObject().Select(property => Largest(property.Value)).DefaultIfEmpty().Max(),
        _ => 0,
    };

    private static string? ExpectedError(Case expected) =>
        expected.Expected is { ValueKind: JsonValueKind.Object } answer && answer.TryGetProperty("error", out JsonElement error) && error.ValueKind == JsonValueKind.String
            ? error.GetString()
            : null;

    /// <summary>Collects the first difference, and the largest numeric one, of one case.</summary>
    private sealed class Comparison(CaseTolerance? tolerance)
    {
        private string output = "";
        private double allowed;

        public string? Difference { get; private set; }

        public bool IsStructural { get; private set; }

        public double Largest { get; private set; }

        public void Begin(string name, double largestExpected)
        {
            output = name;
            allowed = tolerance is null ? CaseTolerance.Default(largestExpected) : tolerance.Absolute ?? 0;
        }

        public void Structural(string what)
        {
            Difference ??= what;
            IsStructural = true;
        }

        public void Number(JsonElement expected, double actual, int at)
        {
            if (expected.ValueKind == JsonValueKind.Null && double.IsNaN(actual))
                return;
            if (expected.ValueKind != JsonValueKind.Number)
            {
                Same(false, expected, actual.ToString(CultureInfo.InvariantCulture), at);
                return;
            }
            double wanted = expected.GetDouble();
            double difference = Math.Abs(actual - wanted);
            Largest = Math.Max(Largest, double.IsNaN(difference) ? double.PositiveInfinity : difference);
            bool near = difference <= allowed || difference <= (tolerance?.Relative ?? 0) * Math.Abs(wanted);
            Same(near, expected, actual.ToString("G9", CultureInfo.InvariantCulture), at);
        }

        public void Text(JsonElement expected, string? actual, int at) =>
            Same(expected.ValueKind == JsonValueKind.String ? expected.GetString() == actual : expected.ValueKind == JsonValueKind.Null && actual is null, expected, actual ?? "null", at);

        public void Json(JsonElement expected, Tensor tensor, int at)
        {
            if (tensor.Type == DataType.Bytes)
            {
                Text(expected, tensor.Blobs[at] is { } bytes ? Convert.ToBase64String(bytes) : null, at);
                return;
            }
            using JsonDocument actual = JsonDocument.Parse(tensor.Blobs[at] ?? "null"u8.ToArray());
            Values(expected, actual.RootElement, at);
        }

        /// <summary>Any two values: numbers within the tolerance, everything else the same.</summary>
        public void Values(JsonElement expected, JsonElement actual, int at = 0)
        {
            if (expected.ValueKind == JsonValueKind.Number && actual.ValueKind == JsonValueKind.Number)
            {
                Number(expected, actual.GetDouble(), at);
            }
            else if (expected.ValueKind == JsonValueKind.Array && actual.ValueKind == JsonValueKind.Array && expected.GetArrayLength() == actual.GetArrayLength())
            {
                foreach ((JsonElement one, JsonElement other) in expected.EnumerateArray().Zip(actual.EnumerateArray()))
                    Values(one, other, at);
            }
            else if (expected.ValueKind == JsonValueKind.Object && actual.ValueKind == JsonValueKind.Object && expected.GetPropertyCount() == actual.GetPropertyCount()
                && expected.EnumerateObject().All(property => actual.TryGetProperty(property.Name, out _)))
            {
                foreach (JsonProperty property in expected.EnumerateObject())
                    Values(property.Value, actual.GetProperty(property.Name), at);
            }
            else
            {
                Same(JsonElement.DeepEquals(expected, actual), expected, actual.GetRawText(), at);
            }
        }

        public void Same(bool same, JsonElement expected, string actual, int at)
        {
            if (!same)
                Difference ??= string.Create(CultureInfo.InvariantCulture, $"{output}[{at}] is {Short(actual)}, expected {Short(expected.GetRawText())}");
        }

        private static string Short(string text) => text.Length <= 60 ? text : text[..60] + "…";
    }
}

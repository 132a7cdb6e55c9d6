using System.Globalization;
using System.Text.Json;
using Raywright.Core.Contracts;
using Raywright.Core.Errors;
using Raywright.Core.Tensors;

namespace Raywright.Core.Bodies;

/// <summary>
/// Reads inference requests of the Open Inference Protocol v2 (REST), with the binary tensor extension.
/// Source: github.com/kserve/open-inference-protocol; behaviour of MLServer and KServe as recorded.
/// Made once a revision; safe for concurrent use.
/// </summary>
public sealed class OpenInferenceParser(Contract contract, BodyLimits? limits = null)
{
    private readonly BodyLimits limits = limits ?? BodyLimits.Default;
    private readonly InputPlan[] plans = [.. contract.Inputs.Select(input => new InputPlan(input))];

    /// <param name="body">The whole body.</param>
    /// <param name="jsonLength">Value of <c>Inference-Header-Content-Length</c>; null where there is no binary part.</param>
    public Result<OpenInferenceRequest> Parse(ReadOnlyMemory<byte> body, int? jsonLength)
    {
        if (body.Length > limits.Bytes)
            return new Problem(Catalogue.BodyTooLarge, $"The body has {body.Length} bytes; {limits.Bytes} are allowed.", Field: "body");
        if (jsonLength < 0 || jsonLength > body.Length)
            return new Problem(Catalogue.BinarySize, $"Inference-Header-Content-Length is {jsonLength}, the body has {body.Length} bytes.", Field: "body");
        try
        {
            using JsonDocument document = JsonDocument.Parse(body[..(jsonLength ?? body.Length)]);
            return Read(document.RootElement, body[(jsonLength ?? body.Length)..]);
        }
        catch (BodyFailure failure)
        {
            return failure.Problem;
        }
        catch (JsonException e)
        {
            return new Problem(Catalogue.BodyNotJson, $"The body is not JSON: line {e.LineNumber + 1}, byte {e.BytePositionInLine}.", Field: "body");
        }
        catch (InvalidOperationException)
        {
            return new Problem(Catalogue.BodyNotJson, "The body has a text that is not valid Unicode.", Field: "body");
        }
    }

    private OpenInferenceRequest Read(JsonElement root, ReadOnlyMemory<byte> binary)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("inputs", out JsonElement inputs) || inputs.ValueKind != JsonValueKind.Array)
            throw Declared("body", "The body is no object with a list `inputs`.");
        Tensor?[] tensors = new Tensor?[plans.Length];
        try
        {
            foreach (JsonElement input in inputs.EnumerateArray())
            {
                int index = Index(input);
                if (tensors[index] is not null)
                    throw new BodyFailure(new(Catalogue.InputTwice, $"The input {plans[index].Declared.Name} stands twice.", Field: $"inputs.{plans[index].Declared.Name}"));
                tensors[index] = Tensor(input, plans[index], ref binary);
            }
            if (!binary.IsEmpty)
                throw new BodyFailure(new(Catalogue.BinarySize, $"{binary.Length} bytes follow after the last tensor.", Field: "body"));
            long rows = Rows(tensors);
            return new(Text(root, "id"), tensors, rows, Outputs(root));
        }
        catch (BodyFailure)
        {
            foreach (Tensor? tensor in tensors)
                tensor?.Dispose();
            throw;
        }
    }

    private long Rows(Tensor?[] tensors)
    {
        long rows = -1;
        for (int index = 0; index < plans.Length; index++)
        {
            if (tensors[index] is not { } tensor)
            {
                if (!plans[index].Declared.Optional)
                    throw new BodyFailure(new(Catalogue.InputMissing, $"The input {plans[index].Declared.Name} is missing.", Field: $"inputs.{plans[index].Declared.Name}"));
                continue;
            }
            if (contract.Batched && rows >= 0 && tensor.Rows != rows)
                throw new BodyFailure(new(Catalogue.InputMixed, $"{plans[index].Declared.Name} has {tensor.Rows} rows, the inputs before have {rows}.", Field: $"inputs.{plans[index].Declared.Name}"));
            rows = Math.Max(rows, tensor.Rows);
        }
        return rows > 0 && rows <= limits.Rows
            ? rows
            : throw new BodyFailure(new(rows > 0 ? Catalogue.BodyTooLarge : Catalogue.InputMissing, $"The request has {Math.Max(rows, 0)} rows; 1 to {limits.Rows} are allowed.", Field: "inputs"));
    }

    private int Index(JsonElement input)
    {
        string name = Text(input, "name") ?? throw Declared("inputs", "A tensor has no `name`.");
        int index = Array.FindIndex(plans, plan => plan.Declared.Name == name);
        if (index >= 0)
            return index;
        string nearest = Spelling.Nearest(name, plans.Select(plan => plan.Declared.Name)) is { } near ? $" Did you mean {near}?" : "";
        throw new BodyFailure(new(Catalogue.InputUnknown, $"There is no input {InputPlan.Shorten(name)}.{nearest}", Field: $"inputs.{InputPlan.Shorten(name)}"));
    }

    private static Tensor Tensor(JsonElement input, InputPlan plan, ref ReadOnlyMemory<byte> binary)
    {
        string name = plan.Declared.Name;
        string type = Text(input, "datatype") ?? throw Declared(name, $"{name} has no `datatype`.");
        if (type != plan.Declared.Type.OpenInferenceName)
            throw Declared(name, $"{name} has datatype {InputPlan.Shorten(type)}; the model takes {plan.Declared.Type.OpenInferenceName}.");
        long[] shape = Shape(input, plan);
        if (BinarySize(input) is { } size)
        {
            if (size > binary.Length || size < 0 || BinaryTensors.Read(plan.Declared.Type, shape, binary.Span[..(int)size]) is not { } tensor)
                throw new BodyFailure(new(Catalogue.BinarySize, $"The binary data of {name} does not have the size of its shape.", Field: $"inputs.{name}"));
            binary = binary[(int)size..];
            return tensor;
        }
        if (!input.TryGetProperty("data", out JsonElement data))
            throw Declared(name, $"{name} has no `data`.");
        return OpenInferenceData.Read(data, plan, shape);
    }

    private static long[] Shape(JsonElement input, InputPlan plan)
    {
        string name = plan.Declared.Name;
        if (!input.TryGetProperty("shape", out JsonElement declared) || declared.ValueKind != JsonValueKind.Array)
            throw Declared(name, $"{name} has no `shape`.");
        List<long> shape = [];
        foreach (JsonElement size in declared.EnumerateArray())
        {
            if (size.ValueKind != JsonValueKind.Number || !size.TryGetInt64(out long value) || value < 0 || value > int.MaxValue)
                throw Declared(name, $"The shape of {name} is no list of sizes.");
            shape.Add(value);
        }
        bool fits = shape.Count == plan.Rank && shape.Zip(plan.Shape).All(pair => pair.Second == -1 || pair.First == pair.Second)
            && shape.Aggregate(1.0, (product, size) => product * size) <= int.MaxValue;
        return fits
            ? [.. shape]
            : throw new BodyFailure(new(Catalogue.InputShape, $"{name} has the shape {NestedReader.Describe(shape.ToArray())}; the model takes {NestedReader.Describe(plan.Shape)}.", Field: $"inputs.{name}"));
    }

    private static long? BinarySize(JsonElement tensor) =>
        tensor.TryGetProperty("parameters", out JsonElement parameters) && parameters.ValueKind == JsonValueKind.Object
        && parameters.TryGetProperty("binary_data_size", out JsonElement size)
            ? size.ValueKind == JsonValueKind.Number && size.TryGetInt64(out long value) ? value : -1
            : null;

    private List<(int Output, bool Binary)> Outputs(JsonElement root)
    {
        bool binary = Flag(root, "binary_data_output") ?? false;
        if (!root.TryGetProperty("outputs", out JsonElement outputs) || outputs.ValueKind != JsonValueKind.Array || outputs.GetArrayLength() == 0)
            return [.. Enumerable.Range(0, contract.Outputs.Length).Select(index => (index, binary))];
        List<(int, bool)> wanted = [];
        foreach (JsonElement output in outputs.EnumerateArray())
        {
            string name = Text(output, "name") ?? throw Declared("outputs", "A wanted output has no `name`.");
            int index = 0;
            while (index < contract.Outputs.Length && contract.Outputs[index].Name != name)
                index++;
            if (index == contract.Outputs.Length)
                throw Declared("outputs", $"There is no output {InputPlan.Shorten(name)}; there are {string.Join(", ", contract.Outputs.Select(field => field.Name))}.");
            wanted.Add((index, Flag(output, "binary_data") ?? binary));
        }
        return wanted;
    }

    private static bool? Flag(JsonElement holder, string name) =>
        holder.TryGetProperty("parameters", out JsonElement parameters) && parameters.ValueKind == JsonValueKind.Object
        && parameters.TryGetProperty(name, out JsonElement flag) && flag.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? flag.GetBoolean()
            : null;

    private static string? Text(JsonElement holder, string name) =>
        holder.ValueKind == JsonValueKind.Object && holder.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static BodyFailure Declared(string field, string detail) =>
        new(new(Catalogue.TensorDeclaration, detail, Field: string.Create(CultureInfo.InvariantCulture, $"{field}")));
}

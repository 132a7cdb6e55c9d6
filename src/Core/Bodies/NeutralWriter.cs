using System.Buffers;
using System.Text.Json;
using Raywright.Core.Contracts;
using Raywright.Core.Tensors;

namespace Raywright.Core.Bodies;

/// <summary>
/// Writes answers of one contract in the form of their request (DESIGN 3): raw tensors by name with class names beside them,
/// or rows in which a class is its label. Made once a revision; safe for concurrent use.
/// </summary>
public sealed class NeutralWriter(Contract contract)
{
    [ThreadStatic]
    private static Utf8JsonWriter? cached;

    private static readonly JsonEncodedText OutputsKey = JsonEncodedText.Encode("outputs");
    private static readonly JsonEncodedText LabelsKey = JsonEncodedText.Encode("labels");
    private readonly OutputPlan[] plans = [.. contract.Outputs.Select(output => new OutputPlan(output))];

    /// <summary>Writes the body for <paramref name="outputs"/>, which have passed <see cref="OutputCheck"/>.</summary>
    public void Write(IBufferWriter<byte> body, BodyForm form, Tensor[] outputs)
    {
        Utf8JsonWriter writer = cached ??= new Utf8JsonWriter(body, new JsonWriterOptions { SkipValidation = true });
        writer.Reset(body);
        writer.WriteStartObject();
        writer.WritePropertyName(OutputsKey);
        if (contract.PassThrough)
            Elements.Write(writer, outputs[0], 0);
        else if (form == BodyForm.ByName || !RowWise(outputs))
            WriteByName(writer, outputs);
        else if (form == BodyForm.OneRow)
            WriteRow(writer, outputs, 0);
        else
            WriteRows(writer, outputs);
        writer.WriteEndObject();
        writer.Flush();
    }

    /// <summary>Rows can be told apart only where every output has one entry a row.</summary>
    private static bool RowWise(Tensor[] outputs)
    {
        foreach (Tensor output in outputs)
        {
            if (output.Rank == 0 || output.Rows != outputs[0].Rows)
                return false;
        }
        return true;
    }

    private void WriteByName(Utf8JsonWriter writer, Tensor[] outputs)
    {
        writer.WriteStartObject();
        bool labels = false;
        for (int index = 0; index < plans.Length; index++)
        {
            writer.WritePropertyName(plans[index].Name);
            int at = 0;
            WriteNested(writer, outputs[index], outputs[index].Shape, ref at);
            labels |= plans[index].IsClass || plans[index].IsScore;
        }
        writer.WriteEndObject();
        if (!labels)
            return;
        writer.WritePropertyName(LabelsKey);
        writer.WriteStartObject();
        for (int index = 0; index < plans.Length; index++)
            WriteLabels(writer, plans[index], outputs[index]);
        writer.WriteEndObject();
    }

    /// <summary>Of classes the name of each, in the shape of the output; of scores the names of the columns.</summary>
    private static void WriteLabels(Utf8JsonWriter writer, OutputPlan plan, Tensor output)
    {
        if (plan.IsScore)
        {
            writer.WritePropertyName(plan.Name);
            writer.WriteStartArray();
            foreach (JsonEncodedText name in plan.Classes)
                writer.WriteStringValue(name);
            writer.WriteEndArray();
        }
        else if (plan.IsClass)
        {
            writer.WritePropertyName(plan.Name);
            int at = 0;
            WriteNested(writer, output, output.Shape, ref at, plan);
        }
    }

    private void WriteRows(Utf8JsonWriter writer, Tensor[] outputs)
    {
        writer.WriteStartArray();
        for (int row = 0; row < outputs[0].Rows; row++)
            WriteRow(writer, outputs, row);
        writer.WriteEndArray();
    }

    private void WriteRow(Utf8JsonWriter writer, Tensor[] outputs, int row)
    {
        writer.WriteStartObject();
        for (int index = 0; index < plans.Length; index++)
        {
            Tensor output = outputs[index];
            writer.WritePropertyName(plans[index].Name);
            ReadOnlySpan<long> shape = output.Shape.AsSpan(1);
            int at = checked((int)(row * Tensor.CountOf(shape)));
            if (!plans[index].IsScore)
            {
                while (shape is [.., 1])
                    shape = shape[..^1];
            }
            WriteNested(writer, output, shape, ref at, plans[index]);
        }
        writer.WriteEndObject();
    }

    /// <summary>Nested lists of <paramref name="shape"/> from element <paramref name="at"/> on; with a plan, classes by name and scores as objects.</summary>
    private static void WriteNested(Utf8JsonWriter writer, Tensor tensor, ReadOnlySpan<long> shape, ref int at, OutputPlan? plan = null)
    {
        if (shape.Length == 0)
        {
            WriteElement(writer, tensor, at++, plan);
        }
        else if (shape.Length == 1 && plan is { IsScore: true })
        {
            writer.WriteStartObject();
            foreach (JsonEncodedText name in plan.Classes)
            {
                writer.WritePropertyName(name);
                Elements.Write(writer, tensor, at++);
            }
            writer.WriteEndObject();
        }
        else
        {
            writer.WriteStartArray();
            for (long index = 0; index < shape[0]; index++)
                WriteNested(writer, tensor, shape[1..], ref at, plan);
            writer.WriteEndArray();
        }
    }

    private static void WriteElement(Utf8JsonWriter writer, Tensor tensor, int at, OutputPlan? plan)
    {
        if (plan is { IsClass: true } && plan.ClassOf(tensor, at) is { } name)
            writer.WriteStringValue(name);
        else
            Elements.Write(writer, tensor, at);
    }
}

using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Raywright.Core.Contracts;
using Raywright.Core.Errors;
using Raywright.Core.Tensors;

namespace Raywright.Server.App.Playground;

/// <summary>
/// The form for one row of a contract, and the neutral body that it makes (DESIGN 3): <c>{"inputs": …}</c> with each input by its name
/// or by its columns. The gateway judges the values; the form only writes what can be written.
/// </summary>
public sealed class QuestionForm
{
    private const int MostFields = 40;
    private const int MostUnnamed = 12;
    private static readonly JsonWriterOptions Pretty = new() { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonWriterOptions Plain = Pretty with { Indented = false };

    private QuestionForm(ImmutableArray<QuestionGroup> groups) => Groups = groups;

    public ImmutableArray<QuestionGroup> Groups { get; }

    public IEnumerable<QuestionField> Fields => Groups.SelectMany(group => group.Fields);

    /// <summary>The form of a contract; null where only JSON can say what it takes.</summary>
    public static QuestionForm? Of(Contract contract)
    {
        // Whether a list is a batch or one value of JSON type cannot be told from a form, nor can a row of a fixed batch.
        if (contract.PassThrough || contract.Inputs.Any(input => input.Type == DataType.Json || input.Shape is [> 1, ..]))
            return null;
        string[] names = [.. contract.Inputs.SelectMany(input => input.Columns.Append(input.Name))];
        bool clear = names.Distinct(StringComparer.Ordinal).Count() == names.Length;
        return new([.. contract.Inputs.Select((input, index) => Group(input, index, clear))]);
    }

    /// <summary>Takes the values of a body over: the first row, where it has several.</summary>
    /// <returns>Whether every field has got its value.</returns>
    public bool Fill(JsonElement body) => QuestionFill.Fill(this, body);

    /// <summary>The body as one line, as it is sent.</summary>
    public Result<byte[]> Body() => Write(Plain);

    /// <summary>The body for people to read and go on with.</summary>
    public string? Text()
    {
        Result<byte[]> body = Write(Pretty);
        return body.Ok ? Encoding.UTF8.GetString(body.Value) : null;
    }

    /// <summary>A shape for people: <c>[batch, 4]</c>.</summary>
    public static string Describe(ImmutableArray<long> shape) => $"[{string.Join(", ", shape.Select((size, index) => size >= 0 ? size.ToString(CultureInfo.InvariantCulture) : index == 0 ? "batch" : "any"))}]";

    /// <summary>Dimensions of one row; those of size 1 at the end may be left out, so they are.</summary>
    internal static ImmutableArray<long> RowShape(InputField input)
    {
        ImmutableArray<long> shape = input.Shape.IsEmpty ? [] : input.Shape[1..];
        while (shape is [.., 1])
            shape = shape[..^1];
        return shape;
    }

    /// <summary>Writes the row as an object, and adds what it could not write to <paramref name="problems"/>.</summary>
    internal void WriteRow(Utf8JsonWriter writer, List<Problem> problems)
    {
        writer.WriteStartObject();
        foreach (QuestionGroup group in Groups.Where(group => group.Included || !group.Input.Optional))
            Write(writer, group, problems);
        writer.WriteEndObject();
    }

    private static QuestionGroup Group(InputField input, int index, bool clear)
    {
        ImmutableArray<long> shape = RowShape(input);
        string id = string.Create(CultureInfo.InvariantCulture, $"q{index}");
        if (shape.IsEmpty)
        {
            bool named = clear && input.Columns is [_] && input.Shape is [_, 1];
            return new(input, [new(id, named ? input.Columns[0] : input.Name, Scalar(input), input)], named);
        }
        if (shape is not [var size])
            return new(input, [new(id, input.Name, FieldKind.Json, input)], ByColumn: false);
        bool columns = input.Columns.Length == size;
        if (size < 1 || size > (columns ? MostFields : MostUnnamed))
            return new(input, [new(id, input.Name, input.Type is DataType.Bytes or DataType.String ? FieldKind.Json : FieldKind.List, input, size > 0 ? size : null)], ByColumn: false);
        return new(
            input,
            [.. Enumerable.Range(0, (int)size).Select(column => new QuestionField(
                string.Create(CultureInfo.InvariantCulture, $"{id}-{column}"),
                columns ? input.Columns[column] : string.Create(CultureInfo.InvariantCulture, $"{input.Name} {column + 1}"), Scalar(input), input, Element: column))],
            ByColumn: columns && clear && input.Shape.Length == 2);
    }

    private static FieldKind Scalar(InputField input) => input switch
    {
        { Values.IsEmpty: false } => FieldKind.Choice,
        { Type: DataType.Bool } => FieldKind.Check,
        { Type: DataType.String or DataType.Bytes } => FieldKind.Text,
        _ => FieldKind.Number,
    };

    private Result<byte[]> Write(JsonWriterOptions options)
    {
        ArrayBufferWriter<byte> body = new();
        List<Problem> problems = [];
        using (Utf8JsonWriter writer = new(body, options))
        {
            writer.WriteStartObject();
            writer.WritePropertyName("inputs"u8);
            WriteRow(writer, problems);
            writer.WriteEndObject();
        }
        return problems.Count > 0 ? problems.ToImmutableArray() : body.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter writer, QuestionGroup group, List<Problem> problems)
    {
        bool list = !group.ByColumn && group.Fields.Length > 1;
        if (!group.ByColumn)
            writer.WritePropertyName(group.Input.Name);
        if (list)
            writer.WriteStartArray();
        foreach (QuestionField field in group.Fields)
        {
            if (group.ByColumn)
                writer.WritePropertyName(field.Label);
            if (FieldValue.Write(writer, field) is { } problem)
            {
                problems.Add(problem);
                writer.WriteNullValue();
            }
        }
        if (list)
            writer.WriteEndArray();
    }
}

using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using Raywright.Core.Contracts;
using Raywright.Core.Errors;

namespace Raywright.Server.App.Playground;

/// <summary>A table as a question: one row of it is one row for the model.</summary>
/// <param name="Columns">Columns that are sent, in the order of the contract.</param>
/// <param name="Left">Columns of the table that the model does not take.</param>
/// <param name="Rows">The cells of what is sent.</param>
/// <param name="Body">The neutral body with all rows.</param>
public sealed partial record TableQuestion(ImmutableArray<string> Columns, ImmutableArray<string> Left, ImmutableArray<ImmutableArray<string>> Rows, byte[] Body)
{
    public const int MostRows = 1000;
    private const int MostProblems = 20;
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// Reads a table with or without names of columns above. Without, its columns are those of the contract in their order; with, they are
    /// matched by name. Problems say row and column, rows counted without the names.
    /// </summary>
    public static Result<TableQuestion> Of(Contract contract, string text)
    {
        Result<TableText> table = TableText.Parse(text);
        if (!table.Ok)
            return table.Problems;
        if (QuestionForm.Of(contract) is not { } form)
            return Wrong("Rows of this model can be written as JSON only.");
        return new Reader(form, table.Value).Read();
    }

    /// <summary>The names that columns can have, for people.</summary>
    public static ImmutableArray<string> Names(QuestionForm form) => [.. form.Fields.Select(field => field.Label)];

    private static Problem Wrong(string detail, string? field = null) => new(Catalogue.InputType, detail, field);

    [GeneratedRegex(@"\A[+-]?\d+,\d+([eE][+-]?\d+)?\z")]
    private static partial Regex DecimalComma();

    private sealed class Reader(QuestionForm form, TableText table)
    {
        private readonly QuestionField[] fields = [.. form.Fields];
        private readonly List<Problem> problems = [];

        public Result<TableQuestion> Read()
        {
            ImmutableArray<string> first = table.Rows[0];
            bool named = HasNames(first);
            ImmutableArray<ImmutableArray<string>> rows = named ? table.Rows[1..] : table.Rows;
            if (rows.IsEmpty)
                return Wrong("The table has names of columns and no row.");
            if (rows.Length > MostRows)
                return Wrong(string.Create(CultureInfo.InvariantCulture, $"The table has {rows.Length:#,0} rows; at most {MostRows:#,0} are asked at once."));
            // A list of so many numbers may stand in as many cells.
            if (!named && fields is [{ Kind: FieldKind.List, Size: { } size }] && first.Length == size)
                rows = [.. rows.Select(row => ImmutableArray.Create(string.Join(", ", row.Select(cell => Point(cell)))))];
            else if (!named && first.Length != fields.Length)
                return Wrong(string.Create(CultureInfo.InvariantCulture, $"The table has {first.Length} column{(first.Length == 1 ? "" : "s")}, and the model takes {fields.Length}: {string.Join(", ", Names(form))}. Names above the columns say which is which."));
            int[] places = [.. fields.Select((field, index) => named ? Find(first, field.Label) : index)];
            if (Missing(places) is { Length: > 0 } missing)
                return Wrong($"The table has no column {string.Join(", ", missing)}. It has {string.Join(", ", first)}.", missing[0]);
            return Write(rows, places, named ? [.. first.Where((_, index) => !places.Contains(index))] : [], named ? first.Length : rows[0].Length);
        }

        private Result<TableQuestion> Write(ImmutableArray<ImmutableArray<string>> rows, int[] places, ImmutableArray<string> left, int width)
        {
            foreach (QuestionGroup group in form.Groups)
                group.Included = !group.Input.Optional || group.Fields.Any(field => places[Array.IndexOf(fields, field)] >= 0);
            ArrayBufferWriter<byte> body = new();
            using (Utf8JsonWriter writer = new(body, Plain))
            {
                writer.WriteStartObject();
                writer.WriteStartArray("inputs"u8);
                for (int index = 0; index < rows.Length && problems.Count < MostProblems; index++)
                    Write(writer, rows[index], index + 1, places, width);
                writer.WriteEndArray();
                writer.WriteEndObject();
            }
            if (problems.Count > 0)
                return problems.ToImmutableArray();
            int[] sent = [.. Enumerable.Range(0, fields.Length).Where(index => places[index] >= 0)];
            return new TableQuestion(
                [.. sent.Select(index => fields[index].Label)], left,
                [.. rows.Select(row => sent.Select(index => row[places[index]]).ToImmutableArray())], body.WrittenSpan.ToArray());
        }

        private void Write(Utf8JsonWriter writer, ImmutableArray<string> row, int number, int[] places, int width)
        {
            if (row.Length != width)
            {
                problems.Add(Wrong(string.Create(CultureInfo.InvariantCulture, $"Row {number} has {row.Length} cell{(row.Length == 1 ? "" : "s")}; the table has {width} columns.")));
                return;
            }
            for (int index = 0; index < fields.Length; index++)
            {
                if (places[index] >= 0)
                    Fill(fields[index], row[places[index]]);
            }
            List<Problem> found = [];
            form.WriteRow(writer, found);
            problems.AddRange(found.Select(problem => problem with { Detail = string.Create(CultureInfo.InvariantCulture, $"Row {number}, column {problem.Field}: {problem.Detail}") }));
        }

        private void Fill(QuestionField field, string cell)
        {
            field.IsNull = field.Input.Nullable && (cell.Length == 0 || cell is "null" or "NaN" or "NA");
            field.Text = field.Kind switch
            {
                FieldKind.Check => cell.ToUpperInvariant() switch { "TRUE" or "YES" or "1" => "true", _ => "false" },
                FieldKind.Number => Point(cell),
                FieldKind.Choice when !field.Input.Values.Contains(cell, StringComparer.Ordinal) => Point(cell),
                _ => cell,
            };
        }

        /// <summary>Where a comma cannot stand between cells, it stands in numbers of half the world.</summary>
        private string Point(string cell) => table.Between != ',' && DecimalComma().IsMatch(cell) ? cell.Replace(',', '.') : cell;

        /// <summary>Names match, or nothing in the first row is a number where numbers are wanted.</summary>
        private bool HasNames(ImmutableArray<string> first) =>
            first.Any(cell => fields.Any(field => Same(cell, field.Label)))
            || (fields.All(field => field.Kind is FieldKind.Number or FieldKind.List) && first.All(cell => cell.Length > 0 && !double.TryParse(Point(cell), NumberStyles.Float, CultureInfo.InvariantCulture, out _) && !cell.Contains(' ', StringComparison.Ordinal) && !cell.Contains(',', StringComparison.Ordinal)));

        private static int Find(ImmutableArray<string> names, string label)
        {
            int exact = names.IndexOf(label);
            return exact >= 0 ? exact : names.IndexOf(names.FirstOrDefault(name => Same(name, label)) ?? label);
        }

        private string[] Missing(int[] places) =>
            [.. fields.Where((field, index) => places[index] < 0 && !form.Groups.First(group => group.Fields.Contains(field)).Input.Optional).Select(field => field.Label)];

        /// <summary>Spreadsheets like capitals and blanks.</summary>
        private static bool Same(string one, string other) => string.Equals(one.Replace(' ', '_'), other.Replace(' ', '_'), StringComparison.OrdinalIgnoreCase);
    }
}

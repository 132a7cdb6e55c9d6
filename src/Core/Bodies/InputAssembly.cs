using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Raywright.Core.Errors;
using Raywright.Core.Tensors;

namespace Raywright.Core.Bodies;

/// <summary>The inputs of one request while they are read: a builder an input, and what form they have so far. Reused.</summary>
internal sealed class InputAssembly
{
    private readonly InputPlan[] plans;
    private readonly RowKeys keys;
    private readonly bool batched;
    private readonly BodyLimits limits;
    private readonly long[][] sizes;
    private readonly bool[] given;
    private readonly int[] seen;
    private readonly TensorBuilder[] builders;
    private byte[]? json;
    private BodyForm? form;
    private int row;

    public InputAssembly(InputPlan[] plans, RowKeys keys, bool batched, BodyLimits limits)
    {
        this.plans = plans;
        this.keys = keys;
        this.batched = batched;
        this.limits = limits;
        builders = [.. plans.Select(plan => new TensorBuilder(plan))];
        sizes = [.. plans.Select(plan => new long[plan.Rank])];
        given = new bool[plans.Length];
        seen = new int[keys.Count];
        Clear();
    }

    public void Clear()
    {
        for (int input = 0; input < plans.Length; input++)
        {
            builders[input].Clear();
            plans[input].Shape.CopyTo(sizes[input], 0);
        }
        Array.Clear(given);
        Array.Fill(seen, -1);
        json = null;
        form = null;
        row = 0;
    }

    public void PassThrough(ref Utf8JsonReader reader)
    {
        using JsonDocument value = JsonDocument.ParseValue(ref reader);
        json = JsonMarshal.GetRawUtf8Value(value.RootElement).ToArray();
    }

    /// <summary>An object: batches or one row by input name, or one row by column.</summary>
    public void ReadObject(ref Utf8JsonReader reader)
    {
        int hint = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            int at = Key(ref reader, hint);
            hint = at + 1;
            RowKey key = keys[at];
            reader.Read();
            if (key.Column >= 0)
                ReadColumn(ref reader, key);
            else
                ReadNamed(ref reader, key.Input);
        }
        if (form == BodyForm.OneRow)
            CloseRow();
    }

    /// <summary>A list of objects, one a row.</summary>
    public void ReadRows(ref Utf8JsonReader reader)
    {
        form = BodyForm.Rows;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
                throw Mixed(string.Create(CultureInfo.InvariantCulture, $"Row {row} is not an object like the rows before."));
            if (row >= limits.Rows)
                throw new BodyFailure(new(Catalogue.BodyTooLarge, $"The request has more than {limits.Rows} rows.", Field: "inputs"));
            int hint = 0;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                int at = Key(ref reader, hint);
                hint = at + 1;
                RowKey key = keys[at];
                reader.Read();
                if (key.Column >= 0)
                    ReadColumn(ref reader, key);
                else
                    ReadRowValue(ref reader, key.Input);
            }
            CloseRow();
            row++;
        }
    }

    /// <summary>The value of the only input, without its name: rows as lists, or one row.</summary>
    public void ReadOnly(ref Utf8JsonReader reader)
    {
        ReadNamed(ref reader, 0);
        if (form == BodyForm.ByName)
            form = BodyForm.Rows;
    }

    public ParsedRequest Finish(JsonElement? parameters)
    {
        if (json is not null)
            return new([Tensor.OfBlobs(DataType.Json, [1], [json])], BodyForm.ByName, 1, parameters);
        // Where all may be left out, nothing at all is a request too: what it means only the model knows.
        if (form is null && Array.TrueForAll(plans, plan => plan.Declared.Optional))
            return new(new Tensor?[plans.Length], BodyForm.ByName, 1, parameters);
        if (form is null || (form == BodyForm.Rows && row == 0 && !given.Contains(true)))
            throw new BodyFailure(new(Catalogue.InputMissing, "The request has no rows.", Field: "inputs"));
        long rows = -1;
        for (int input = 0; input < plans.Length; input++)
        {
            if (!given[input])
            {
                if (!plans[input].Declared.Optional)
                    throw Missing(input);
                continue;
            }
            long mine = sizes[input].Length == 0 ? 1 : sizes[input][0];
            if (batched && rows >= 0 && mine != rows)
                throw Mixed(string.Create(CultureInfo.InvariantCulture, $"{plans[input].Declared.Name} has {mine} rows, the inputs before have {rows}."));
            rows = Math.Max(rows, mine);
        }
        if (rows == 0)
            throw new BodyFailure(new(Catalogue.InputMissing, "The request has no rows.", Field: "inputs"));
        if (rows > limits.Rows)
            throw new BodyFailure(new(Catalogue.BodyTooLarge, $"The request has {rows} rows; {limits.Rows} are allowed.", Field: "inputs"));
        Tensor?[] tensors = new Tensor?[plans.Length];
        for (int input = 0; input < plans.Length; input++)
            tensors[input] = given[input] ? builders[input].Finish([.. sizes[input]]) : null;
        return new(tensors, form.Value, rows, parameters);
    }

    private void ReadNamed(ref Utf8JsonReader reader, int input)
    {
        InputPlan plan = plans[input];
        if (plan.Declared.Type == DataType.Json)
        {
            // Elements may be lists themselves, so depth says nothing: a list is a batch.
            bool many = reader.TokenType == JsonTokenType.StartArray && plan.Rank > 0;
            Become(many ? BodyForm.ByName : BodyForm.OneRow, plan);
            ReadAt(ref reader, input, many ? 0 : plan.Rank);
            return;
        }
        int depth = NestedReader.Depth(reader, plan.Rank + 1);
        if (depth > plan.Rank)
            throw WrongRank(plan, depth);
        if (depth == plan.Rank && plan.Rank > 0)
        {
            Become(BodyForm.ByName, plan);
            NestedReader.Read(ref reader, builders[input], sizes[input], 0);
            given[input] = true;
        }
        else
        {
            if (plan.Rank > 0 || plans.Any(other => other.Rank > 0))
                Become(BodyForm.OneRow, plan);
            else
                form ??= BodyForm.ByName;
            ReadRowValue(ref reader, input);
        }
    }

    /// <summary>One row's value of a whole input: without the batch axis, trailing dimensions of size 1 left out or not.</summary>
    private void ReadRowValue(ref Utf8JsonReader reader, int input)
    {
        InputPlan plan = plans[input];
        if (plan.Rank == 0 || plan.Declared.Type == DataType.Json)
        {
            ReadAt(ref reader, input, plan.Rank);
            return;
        }
        int depth = NestedReader.Depth(reader, plan.Rank + 1);
        int missing = plan.Rank - 1 - depth;
        if (missing < 0 || missing > plan.TrailingOnes)
            throw depth == plan.Rank && row == 0 && form == BodyForm.OneRow
                ? Mixed($"{plan.Declared.Name} has the batch axis, the inputs before do not.")
                : WrongRank(plan, depth);
        if (plan.Shape[0] > 1)
            throw new BodyFailure(new(Catalogue.InputShape, $"{plan.Declared.Name} takes exactly {plan.Shape[0]} rows a request: its shape is {NestedReader.Describe(plan.Shape)}.", Field: $"inputs.{plan.Declared.Name}"));
        ReadAt(ref reader, input, 1, missing);
    }

    private void ReadAt(ref Utf8JsonReader reader, int input, int level, int leftOut = 0)
    {
        long[] mine = sizes[input];
        TensorBuilder builder = builders[input];
        builder.Seek(builder.Count);
        NestedReader.Read(ref reader, builder, mine.AsSpan(0, mine.Length - leftOut), level);
        if (level > 0 && mine.Length > 0)
            mine[0] = row + 1;
        given[input] = true;
    }

    private void ReadColumn(ref Utf8JsonReader reader, RowKey key)
    {
        InputPlan plan = plans[key.Input];
        if (form != BodyForm.Rows)
            Become(BodyForm.OneRow, plan);
        if (reader.TokenType == JsonTokenType.StartArray)
            throw new BodyFailure(new(Catalogue.InputShape, $"{plan.Declared.Columns[key.Column]} is a column: it takes one value a row.", Field: $"inputs.{plan.Declared.Columns[key.Column]}"));
        builders[key.Input].Seek((row * plan.PerRow) + key.Column);
        builders[key.Input].Append(ref reader);
    }

    /// <summary>Checks that the row had every column and every input.</summary>
    private void CloseRow()
    {
        for (int at = 0; at < seen.Length; at++)
        {
            RowKey key = keys[at];
            if (key.Column < 0 || !HasColumns(key.Input))
                continue;
            if (seen[at] != row)
                throw Missing(key.Input, key.Column);
            sizes[key.Input][0] = row + 1;
            given[key.Input] = true;
        }
        for (int input = 0; input < plans.Length; input++)
        {
            bool inRow = given[input] && (sizes[input].Length == 0 || sizes[input][0] == row + 1);
            if (!inRow && (given[input] || !plans[input].Declared.Optional))
                throw Missing(input);
        }
    }

    /// <summary>Whether this row named columns of the input: then it must name all of them.</summary>
    private bool HasColumns(int input)
    {
        for (int at = 0; at < seen.Length; at++)
        {
            if (keys[at].Input == input && keys[at].Column >= 0 && seen[at] == row)
                return true;
        }
        return false;
    }

    private int Key(ref Utf8JsonReader reader, int hint)
    {
        int at = keys.Find(ref reader, hint);
        if (at < 0)
            throw Unknown(reader.GetString()!);
        if (seen[at] == row)
            throw new BodyFailure(new(Catalogue.InputTwice, $"The key `{reader.GetString()}` stands twice.", Field: $"inputs.{reader.GetString()}"));
        seen[at] = row;
        return at;
    }

    private void Become(BodyForm wanted, InputPlan plan)
    {
        if (form is { } now && now != wanted)
            throw Mixed(wanted == BodyForm.OneRow
                ? $"{plan.Declared.Name} has no batch axis, the inputs before have one."
                : $"{plan.Declared.Name} has the batch axis, the inputs before do not.");
        form = wanted;
    }

    private BodyFailure Unknown(string name)
    {
        string nearest = Spelling.Nearest(name, keys.Names) is { } near ? $" Did you mean {near}?" : "";
        return new(new(Catalogue.InputUnknown, $"There is no input or column {InputPlan.Shorten(name)}.{nearest}", Field: $"inputs.{InputPlan.Shorten(name)}",
            Fix: $"The model takes {string.Join(", ", plans.Select(plan => $"{plan.Declared.Name} {NestedReader.Describe(plan.Shape)}"))}."));
    }

    private BodyFailure Missing(int input, int column = -1)
    {
        InputPlan plan = plans[input];
        string name = column >= 0 ? plan.Declared.Columns[column] : plan.Declared.Name;
        string what = column >= 0 ? $"a {plan.Declared.Type.Name}" : $"{plan.Declared.Type.Name} {NestedReader.Describe(plan.Shape)}";
        string where = form == BodyForm.Rows ? string.Create(CultureInfo.InvariantCulture, $" in row {row}") : "";
        return new(new(Catalogue.InputMissing, $"{name} ({what}) is missing{where}.", Field: $"inputs.{name}"));
    }

    private static BodyFailure WrongRank(InputPlan plan, int depth) => new(new(Catalogue.InputShape,
        $"{plan.Declared.Name} has {(depth > plan.Rank ? "more than " : "")}{Math.Min(depth, plan.Rank)} dimensions; its shape is {NestedReader.Describe(plan.Shape)}.",
        Field: $"inputs.{plan.Declared.Name}", Fix: plan.Rank > 0 ? $"Give {plan.Rank} nested lists for a batch, {plan.Rank - 1} for one row." : "Give one plain value."));

    private static BodyFailure Mixed(string detail) => new(new(Catalogue.InputMixed, detail, Field: "inputs"));
}

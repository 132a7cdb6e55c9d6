using System.Collections.Immutable;
using System.Text;
using Raywright.Core.Contracts;
using Raywright.Core.Errors;
using Raywright.Core.Tensors;

namespace Raywright.Core.Initialization;

/// <param name="Fields">The row's values, one a column of the file.</param>
/// <param name="Line">Its line in the file.</param>
internal sealed record DataRow(string[] Fields, int Line);

/// <summary>What one pass over a data file brings: how its columns feed the model, what they hold, and some rows of it.</summary>
internal sealed class DataSample
{
    private const int MostRows = 50;
    private const int MostClasses = 1000;
    private const int MostComplaints = 20;

    private DataSample(string file, string[] header, DataColumns columns)
    {
        File = file;
        Columns = columns;
        Profiles = [.. header.Select(name => new ColumnProfile(name))];
    }

    /// <summary>Name of the file.</summary>
    public string File { get; }

    public DataColumns Columns { get; }

    /// <summary>One a column of the file.</summary>
    public ImmutableArray<ColumnProfile> Profiles { get; }

    /// <summary>Rows drawn evenly from the whole file, in its order; complete but for values that the model may miss.</summary>
    public ImmutableArray<DataRow> Rows { get; private set; } = [];

    public int Count { get; private set; }

    /// <summary>Distinct truths; empty where there are too many to be classes.</summary>
    public SortedSet<string> Truths { get; } = new(StringComparer.Ordinal);

    public static Result<DataSample> Read(string path, string? target, Contract contract, Random random)
    {
        string name = Path.GetFileName(path);
        if (!System.IO.File.Exists(path))
            return new Problem(Catalogue.DataUnreadable, $"There is no file {path}.", Field: "data");
        try
        {
            using StreamReader text = new(path, new UTF8Encoding(false, throwOnInvalidBytes: true));
            CsvReader csv = new(text, name);
            if (csv.Header() is not { } header)
                return csv.Problem!;
            Result<DataColumns> columns = DataColumns.Match(contract, header, target);
            return columns.Ok ? new DataSample(name, header, columns.Value).ReadRows(csv, header, random) : columns.Problems;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DecoderFallbackException)
        {
            return new Problem(Catalogue.DataUnreadable, $"{name} cannot be read as UTF-8 text: {e.Message}", Field: "data");
        }
    }

    private Result<DataSample> ReadRows(CsvReader csv, string[] header, Random random)
    {
        List<Problem> problems = [];
        List<DataRow> drawn = [];
        int complete = 0;
        while (csv.Next() is { } fields && problems.Count < MostComplaints)
        {
            if (fields.Length != header.Length)
            {
                problems.Add(At(csv.Line, $"The row has {fields.Length} values; the header has {header.Length} columns."));
                continue;
            }
            Count++;
            if (!Profile(fields, csv.Line, problems))
                continue;
            complete++;
            Draw(drawn, new(fields, csv.Line), complete, random);
        }
        if (csv.Problem is { } broken)
            problems.Add(broken);
        if (Count == 0 && problems.Count == 0)
            problems.Add(At(1, "The file has a header, but no rows."));
        if (problems.Count > 0)
            return problems.ToImmutableArray();
        Rows = [.. drawn.OrderBy(row => row.Line)];
        return this;
    }

    /// <summary>Counts a row's values; false where it cannot become a case because something that must be there is missing.</summary>
    private bool Profile(string[] fields, int line, List<Problem> problems)
    {
        bool complete = true;
        foreach (InputColumns input in Columns.Inputs)
        {
            foreach (int column in input.Columns)
            {
                int empty = Profiles[column].Empty;
                if (!Profiles[column].Add(fields[column], input.Input.Type))
                    problems.Add(At(line, $"The column {Profiles[column].Name} holds '{Shorten(fields[column])}', which is no {input.Input.Type.Name}."));
                complete &= Profiles[column].Empty == empty || input.Input.Type.IsFloat || input.Input.Type == DataType.String;
            }
        }
        if (Columns.Target is not { } target)
            return complete;
        if (fields[target].Length == 0)
            return false;
        if (Truths.Count <= MostClasses)
            Truths.Add(fields[target]);
        return complete;
    }

    /// <summary>Keeps each row of the file with equal probability (Vitter's algorithm R).</summary>
    private static void Draw(List<DataRow> drawn, DataRow row, int seen, Random random)
    {
        if (drawn.Count < MostRows)
        {
            drawn.Add(row);
            return;
        }
        int place = random.Next(seen);
        if (place < MostRows)
            drawn[place] = row;
    }

    private Problem At(int line, string detail) => new(Catalogue.DataUnreadable, detail, Field: "data", Location: new(File, line, 1));

    private static string Shorten(string text) => text.Length <= 40 ? text : text[..40] + "…";
}

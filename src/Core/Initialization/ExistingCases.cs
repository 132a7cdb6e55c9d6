using System.Collections.Immutable;
using System.Text.Json;
using Raywright.Core.Cases;
using Raywright.Core.Contracts;
using Raywright.Core.Errors;
using Raywright.Core.Tensors;

namespace Raywright.Core.Initialization;

/// <summary>A cases file that lies beside the model, and what it says about the contract.</summary>
internal sealed class ExistingCases
{
    private static readonly string[] Places = ["tests/cases.jsonl", "cases.jsonl"];

    private ExistingCases(string path, IReadOnlyList<Case> cases, ImmutableArray<Problem> problems) =>
        (Path, Cases, Problems) = (path, cases, problems);

    /// <summary>Relative to the model's folder.</summary>
    public string Path { get; }

    public IReadOnlyList<Case> Cases { get; }

    /// <summary>Lines that cannot be read.</summary>
    public ImmutableArray<Problem> Problems { get; }

    /// <summary>Whether nobody but <c>init</c> can have written it, so that data may take its place.</summary>
    public bool OnlyRecorded => Cases.Count > 0 && Cases.All(one => one.Recorded);

    public static ExistingCases? In(string folder)
    {
        if (Places.FirstOrDefault(place => File.Exists(System.IO.Path.Combine(folder, place))) is not { } path)
            return null;
        Result<IReadOnlyList<Case>> read = CaseReader.Read(System.IO.Path.Combine(folder, path), path);
        return new(path, read.Ok ? read.Value : [], read.Problems);
    }

    /// <summary>Inputs that a case leaves null may be null; keys of rows that name no input are its columns.</summary>
    public Contract Describe(Contract contract)
    {
        HashSet<string> missing = new(StringComparer.Ordinal);
        string[]? columns = null;
        foreach (Case one in Cases)
        {
            using JsonDocument body = JsonDocument.Parse(one.Body);
            JsonElement inputs = body.RootElement.GetProperty("inputs");
            foreach (JsonElement row in inputs.ValueKind == JsonValueKind.Array ? inputs.EnumerateArray().ToArray() : [inputs])
            {
                if (row.ValueKind != JsonValueKind.Object)
                    continue;
                missing.UnionWith(row.EnumerateObject().Where(property => HasNull(property.Value)).Select(property => property.Name));
                columns ??= Columns(contract, row);
            }
        }
        return contract with
        {
            Inputs = [.. contract.Inputs.Select(input => input with
            {
                Columns = input.Columns.IsEmpty && columns is not null ? [.. columns] : input.Columns,
                Nullable = input.Nullable || (CanMiss(input.Type) && (missing.Contains(input.Name) || missing.Overlaps(columns ?? []))),
            })],
        };
    }

    /// <summary>Answers with their truths, of cases that hold both.</summary>
    public IReadOnlyList<Judgement> Judgements(Contract contract)
    {
        if (ClassNames.JudgedOutput(contract) is not { } output)
            return [];
        List<Judgement> judgements = [];
        foreach (Case one in Cases)
        {
            if (one.Expected is not { ValueKind: JsonValueKind.Object } expected || one.Label is not { } label || !expected.TryGetProperty(output.Name, out JsonElement answer))
                continue;
            long[] classes = [.. Classes(answer, output)];
            string[] truths = [.. Texts(label)];
            if (classes.Length == truths.Length)
                judgements.AddRange(classes.Zip(truths, (number, truth) => new Judgement(number, truth)));
        }
        return judgements;
    }

    public IEnumerable<string> Truths => Cases.Where(one => one.Label is not null).SelectMany(one => Texts(one.Label!.Value));

    private static string[]? Columns(Contract contract, JsonElement row)
    {
        string[] keys = [.. row.EnumerateObject().Select(property => property.Name)];
        return contract.Inputs is [{ Columns.IsEmpty: true, Shape: [_, var width] } only] && keys.Length == width && !keys.Contains(only.Name, StringComparer.Ordinal) ? keys : null;
    }

    private static bool CanMiss(DataType type) => type.IsFloat || type == DataType.String;

    private static bool HasNull(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => true,
        JsonValueKind.Array => value.EnumerateArray().Any(HasNull),
        _ => false,
    };

    private static IEnumerable<long> Classes(JsonElement answer, OutputField output)
    {
        if (answer.ValueKind != JsonValueKind.Array)
            return answer.ValueKind == JsonValueKind.Number && answer.TryGetInt64(out long number) ? [number] : [];
        bool scores = output.Type.IsFloat && answer.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Number);
        return scores ? [Best(answer)] : answer.EnumerateArray().SelectMany(item => Classes(item, output));
    }

    private static long Best(JsonElement scores) =>
        scores.EnumerateArray().Select((score, index) => (Score: score.GetDouble(), Index: (long)index)).MaxBy(pair => pair.Score).Index;

    private static IEnumerable<string> Texts(JsonElement label) => label.ValueKind switch
    {
        JsonValueKind.Array => label.EnumerateArray().SelectMany(Texts),
        JsonValueKind.String => [label.GetString()!],
        _ => [label.GetRawText()],
    };
}

using System.Collections.Immutable;
using System.Globalization;
using Raywright.Core.Api;
using Raywright.Core.Contracts;
using Raywright.Server.App.Shared;

namespace Raywright.Server.App.Models;

/// <summary>Something that two versions do not share. An empty text means that it is not there.</summary>
public sealed record Difference(string What, string Before, string After);

/// <summary>A figure of the tests of two versions.</summary>
public sealed record FigureChange(string What, double? Before, double? After)
{
    /// <summary>Whether it went up, 1, or down, -1; 0 where it stayed, null where one of the two has none.</summary>
    public int? Direction => Before is { } before && After is { } after ? after.CompareTo(before) : null;

    public string Change => Before is { } before && After is { } after && before != after
        ? $"{(after > before ? "▲" : "▼")} {Figures.Number(Math.Abs(after - before))}"
        : "";
}

/// <summary>What differs between two versions of a model.</summary>
public sealed record VersionComparison(ImmutableArray<Difference> Runtime, ImmutableArray<Difference> Contract, ImmutableArray<Difference> Files, ImmutableArray<FigureChange> Figures)
{
    public bool SameContent => Runtime.IsEmpty && Contract.IsEmpty && Files.IsEmpty;

    public static VersionComparison Of(VersionInfo before, VersionInfo after) =>
        new(OfRuntime(before, after), OfContract(before.Contract, after.Contract), OfFiles(before.Files, after.Files), OfFigures(before.Evidence, after.Evidence));

    private static ImmutableArray<Difference> OfRuntime(VersionInfo before, VersionInfo after) =>
        before.Runtime == after.Runtime ? [] : [new("runtime", before.Runtime, after.Runtime)];

    private static ImmutableArray<Difference> OfContract(Contract before, Contract after) =>
    [
        .. OfLines("input", [.. before.Inputs.Select(ContractLine.Of)], [.. after.Inputs.Select(ContractLine.Of)]),
        .. OfLines("output", [.. before.Outputs.Select(ContractLine.Of)], [.. after.Outputs.Select(ContractLine.Of)]),
    ];

    private static IEnumerable<Difference> OfLines(string kind, ImmutableArray<ContractLine> before, ImmutableArray<ContractLine> after)
    {
        foreach (ContractLine line in after)
        {
            if (before.FirstOrDefault(one => one.Name == line.Name) is not { } old)
                yield return new($"{kind} {line.Name}", "", line.ToString());
            else
            {
                foreach (Difference difference in line.Against(old))
                    yield return difference with { What = $"{kind} {difference.What}" };
            }
        }
        foreach (ContractLine gone in before.Where(one => !after.Any(line => line.Name == one.Name)))
            yield return new($"{kind} {gone.Name}", gone.ToString(), "");
    }

    private static ImmutableArray<Difference> OfFiles(ImmutableArray<FileReference> before, ImmutableArray<FileReference> after)
    {
        string[] paths = [.. before.Concat(after).Select(file => file.Path).Distinct().Order(StringComparer.Ordinal)];
        return [.. paths.Select(path => (Path: path, Before: before.FirstOrDefault(file => file.Path == path), After: after.FirstOrDefault(file => file.Path == path)))
            .Where(pair => pair.Before?.Sha256 != pair.After?.Sha256)
            .Select(pair => new Difference(pair.Path, Words(pair.Before), Words(pair.After)))];
    }

    /// <summary>Of each kind of test the newest result counts; what has changed comes first.</summary>
    private static ImmutableArray<FigureChange> OfFigures(ImmutableArray<EvidenceInfo> before, ImmutableArray<EvidenceInfo> after)
    {
        ImmutableSortedDictionary<string, double> old = Newest(before), now = Newest(after);
        return [.. old.Keys.Union(now.Keys)
            .Select(name => new FigureChange(name, old.TryGetValue(name, out double was) ? was : null, now.TryGetValue(name, out double found) ? found : null))
            .OrderBy(figure => figure.Direction == 0).ThenBy(figure => figure.What, StringComparer.Ordinal)];
    }

    private static ImmutableSortedDictionary<string, double> Newest(ImmutableArray<EvidenceInfo> evidence)
    {
        ImmutableSortedDictionary<string, double>.Builder figures = ImmutableSortedDictionary.CreateBuilder<string, double>(StringComparer.Ordinal);
        foreach (EvidenceInfo one in evidence.OrderBy(one => one.At))
        {
            figures[$"{one.Kind}, failed"] = one.Failed;
            foreach ((string name, double value) in one.Figures)
                figures[$"{one.Kind}, {name}"] = value;
        }
        return figures.ToImmutable();
    }

    private static string Words(FileReference? file) => file is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{Shared.Figures.Bytes(file.Size)}, {Shared.Figures.Digest(file.Sha256)}");
}

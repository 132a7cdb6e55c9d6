using System.Collections.Immutable;
using Raywright.Core.Errors;

namespace Raywright.Core.Scanning;

/// <summary>What a file is to whoever would load it, from harmless to worst.</summary>
public enum ScanVerdict
{
    /// <summary>Nothing speaks against loading it.</summary>
    Benign,

    /// <summary>Not to be loaded without a person's word: a warning.</summary>
    Suspicious,

    /// <summary>Cannot be loaded; refused, with the reason.</summary>
    Invalid,

    /// <summary>Runs code, leaves its folder or exhausts the machine; refused.</summary>
    Malicious,
}

/// <summary>One observation about one place in a file.</summary>
/// <param name="Path">The file, and inside archives the way to the entry: <c>model.pt!archive/data.pkl</c>.</param>
/// <param name="Verdict">What it means for the file.</param>
/// <param name="Problem">The same as a problem with its code; its field is <paramref name="Path"/>.</param>
public sealed record ScanFinding(string Path, ScanVerdict Verdict, Problem Problem);

/// <summary>How much was done to judge a file. The bounds of <see cref="ScanLimits"/> hold for these figures.</summary>
/// <param name="BytesRead">Bytes read from the file and from every stream unpacked inside it.</param>
/// <param name="BytesUnpacked">Bytes that came out of decompression, each part counted once.</param>
/// <param name="Opcodes">Pickle opcodes interpreted.</param>
/// <param name="Entries">Archive entries looked at.</param>
public readonly record struct ScanWork(long BytesRead, long BytesUnpacked, long Opcodes, int Entries);

/// <summary>The judgement about one file.</summary>
/// <param name="Path">The file as it was named to the scanner.</param>
/// <param name="Findings">Everything found, in the order of the file.</param>
/// <param name="Globals">Every Python name that loading would look up, as <c>module.name</c>, in the order of the file.</param>
/// <param name="Unknown">Those of the names that are on no list: code of the user's own, as a rule.</param>
/// <param name="Libraries">Packages that loading needs, by the version that wrote the file; empty text where it does not say.</param>
/// <param name="Work">What the judgement took.</param>
public sealed record ScannedFile(string Path, ImmutableArray<ScanFinding> Findings, ImmutableArray<string> Globals, ImmutableArray<string> Unknown, ImmutableSortedDictionary<string, string> Libraries, ScanWork Work)
{
    private const int MostShown = 10;

    /// <summary>The worst of its findings.</summary>
    public ScanVerdict Verdict => Findings.IsEmpty ? ScanVerdict.Benign : Findings.Max(finding => finding.Verdict);

    /// <summary>The refusal of a file that imports code which nobody has vouched for.</summary>
    public Problem NotVouchedFor() => new(
        Catalogue.ScanNotVouchedFor, $"{Path} imports {string.Join(", ", Unknown.Take(MostShown))}{(Unknown.Length > MostShown ? $" and {Unknown.Length - MostShown} more" : "")}.", Path);

    /// <summary>The worst finding in words; null where the file is benign.</summary>
    public string? Reason => Findings.IsEmpty ? null : Findings.MaxBy(finding => finding.Verdict)!.Problem.Detail;
}

/// <summary>The judgement about all files of a version.</summary>
public sealed record ScanReport(ImmutableArray<ScannedFile> Files)
{
    /// <summary>The worst verdict of all files.</summary>
    public ScanVerdict Verdict => Files.IsEmpty ? ScanVerdict.Benign : Files.Max(file => file.Verdict);

    /// <summary>Files that import code which nobody has vouched for.</summary>
    public IEnumerable<ScannedFile> Unvouched => Files.Where(file => !file.Unknown.IsEmpty);

    /// <summary>Problems that refuse a deploy: malicious and invalid files.</summary>
    public ImmutableArray<Problem> Refusals => Problems(verdict => verdict >= ScanVerdict.Invalid);

    /// <summary>Problems that a person should know about, but that refuse nothing.</summary>
    public ImmutableArray<Problem> Warnings => Problems(verdict => verdict == ScanVerdict.Suspicious);

    private ImmutableArray<Problem> Problems(Func<ScanVerdict, bool> wanted) =>
        [.. Files.SelectMany(file => file.Findings).Where(finding => wanted(finding.Verdict)).Select(finding => finding.Problem)];
}

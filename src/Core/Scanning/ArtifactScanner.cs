using System.Collections.Immutable;
using Raywright.Core.Errors;

namespace Raywright.Core.Scanning;

/// <summary>One file to scan: the path that findings show, and how to open its bytes.</summary>
public sealed record ScanSource(string Path, Func<Stream> Open);

/// <summary>
/// Says what files are to whoever would load them, by their content and never by their name. Nothing is run, imported,
/// unpacked to disk or trusted: pickles are interpreted without making a value, archives are read entry by entry as
/// lenient and strict loaders would, and every limit of <see cref="ScanLimits"/> holds whatever the files contain.
/// Whether an ONNX graph can be served is judged by <see cref="Artifacts.ArtifactReader"/>.
/// </summary>
public static class ArtifactScanner
{
    /// <summary>Scans a file, or all files of a folder.</summary>
    public static ScanReport Scan(string path, ScanLimits? limits = null, CancellationToken cancellation = default)
    {
        if (!Directory.Exists(path))
            return Scan([new ScanSource(Path.GetFileName(path), () => OpenFile(path))], limits, cancellation);
        EnumerationOptions everything = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false };
        IEnumerable<string> files = new System.IO.Enumeration.FileSystemEnumerable<string>(path, (ref System.IO.Enumeration.FileSystemEntry entry) => entry.ToFullPath(), everything)
        {
            ShouldIncludePredicate = (ref System.IO.Enumeration.FileSystemEntry entry) => !entry.IsDirectory,
            // A link to a folder is not followed: it is not part of the artifact.
            ShouldRecursePredicate = (ref System.IO.Enumeration.FileSystemEntry entry) => !entry.Attributes.HasFlag(FileAttributes.ReparsePoint),
        };
        return Scan(path, files.Select(file => Path.GetRelativePath(path, file)).Order(StringComparer.Ordinal), limits, cancellation);
    }

    /// <summary>Scans the files <paramref name="paths"/>, relative to <paramref name="folder"/>.</summary>
    public static ScanReport Scan(string folder, IEnumerable<string> paths, ScanLimits? limits = null, CancellationToken cancellation = default) =>
        Scan(paths.Select(path => new ScanSource(path.Replace('\\', '/'), () => OpenFile(Path.Combine(folder, path)))), limits, cancellation);

    /// <summary>Scans files that lie somewhere else than their paths say, for example blobs by digest.</summary>
    public static ScanReport Scan(IEnumerable<ScanSource> files, ScanLimits? limits = null, CancellationToken cancellation = default) =>
        new([.. files.Select(file => ScanFile(file, limits ?? ScanLimits.Default, cancellation))]);

    private static ScannedFile ScanFile(ScanSource file, ScanLimits limits, CancellationToken cancellation)
    {
        ScanNotes notes = new();
        long length;
        try
        {
            using Stream stream = file.Open();
            length = stream.Length;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Problem problem = new(Catalogue.ArtifactMissing, $"{file.Path} cannot be read: {e.Message}", Field: file.Path);
            return new(file.Path, [new(file.Path, ScanVerdict.Invalid, problem)], [], [], ImmutableSortedDictionary<string, string>.Empty, default);
        }
        ScanBudget budget = new(limits, length, cancellation);
        Content content = new(file.Path, Path.GetFileName(file.Path), length, 0, budget, file.Open, Unpacked: false);
        ContentInspector.Inspect(content, notes);
        if (budget.Exhausted)
        {
            notes.Add(content, ScanVerdict.Malicious, Catalogue.ScanArchiveBomb, budget.Entries >= limits.MostEntries
                ? $"it has more than {limits.MostEntries} entries"
                : $"{length} bytes unpack to more than {budget.Work.BytesUnpacked >> 20} MiB");
        }
        if (content.Broken)
            notes.Add(content, ScanVerdict.Invalid, Catalogue.ArtifactBroken, "it cannot be read to its end");
        ImmutableArray<ScanFinding> findings = notes.Findings;
        return new(file.Path, findings, notes.Globals, notes.Unknown, notes.Libraries, budget.Work);
    }

    private static FileStream OpenFile(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan);
}

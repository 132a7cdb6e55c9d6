using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Raywright.Core.Api;
using Raywright.Core.Errors;

namespace Raywright.Core.Artifacts;

/// <summary>Files of a version or of a spec, each with its digest, in the order of their paths.</summary>
public static class FileSet
{
    /// <summary>
    /// Reads size and SHA-256 of <paramref name="paths"/> (relative to <paramref name="folder"/>); refuses what may not
    /// be part of a version.
    /// </summary>
    public static Result<ImmutableArray<FileReference>> Read(string folder, IEnumerable<string> paths)
    {
        List<Problem> problems = [];
        ImmutableArray<string> sorted = [.. paths.Select(path => path.Replace('\\', '/')).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        foreach (IGrouping<string, string> same in sorted.GroupBy(path => path, StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1))
            problems.Add(new(Catalogue.FileNotAllowed, $"{string.Join(" and ", same)} differ only in case.", Field: "files"));
        ImmutableArray<FileReference>.Builder files = ImmutableArray.CreateBuilder<FileReference>(sorted.Length);
        foreach (string path in sorted)
        {
            Result<FileReference> file = Forbidden(folder, path) is { } problem ? problem : Reference(folder, path);
            if (file.Ok)
                files.Add(file.Value);
            else
                problems.AddRange(file.Problems);
        }
        return problems.Count > 0 ? problems.ToImmutableArray() : files.ToImmutable();
    }

    /// <summary>SHA-256 over the sorted lines <c>path NUL size NUL sha256 LF</c>, lower-case hex: the digest of an artifact.</summary>
    public static string Digest(IEnumerable<FileReference> files)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (FileReference file in files.OrderBy(file => file.Path, StringComparer.Ordinal))
            hash.AppendData(Encoding.UTF8.GetBytes(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{file.Path}\0{file.Size}\0{file.Sha256}\n")));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Whether a path may name a file of a version: relative, below the folder, without odd characters.</summary>
    public static bool IsSafePath(string path) =>
        path.Length is > 0 and <= 400
        && !path.StartsWith('/') && !path.EndsWith('/')
        && path.Split('/').All(part => part is not ("" or "." or "..") && Encoding.UTF8.GetByteCount(part) <= 200 && !part.EndsWith(' '))
        && path.All(character => character >= ' ' && character is not ('\\' or ':' or '*' or '?' or '"' or '<' or '>' or '|' or '\u007F'));

    private static Problem? Forbidden(string folder, string path)
    {
        if (!IsSafePath(path))
            return new(Catalogue.FileNotAllowed, $"{path} is not a plain path below the folder.", Field: "files");
        FileInfo file = new(Path.Combine(folder, path));
        if (!file.Exists)
            return new(Catalogue.ArtifactMissing, $"There is no file {path}.", Field: "files");
        return FolderPath.StaysInside(folder, path) ? null : new Problem(Catalogue.FileNotAllowed, $"{path} is a link that leads out of the folder.", Field: "files");
    }

    private static Result<FileReference> Reference(string folder, string path)
    {
        try
        {
            using FileStream stream = new(Path.Combine(folder, path), FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20, FileOptions.SequentialScan);
            return new FileReference(path, stream.Length, Convert.ToHexStringLower(SHA256.HashData(stream)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Problem(Catalogue.ArtifactUnreadable, $"{path} cannot be read: {e.Message}", Field: "files");
        }
    }
}

using System.Collections.Immutable;
using System.Globalization;
using System.IO.Compression;
using Raywright.Core.Api;
using Raywright.Core.Artifacts;
using Raywright.Core.Errors;

namespace Raywright.Ray.Configuration;

/// <summary>
/// What the <c>working_dir</c> of a declared application is: one zip with our runtime and the version's files, named by its content,
/// as nodes keep what they once had under a name.
/// </summary>
public sealed class ReplicaPackage
{
    /// <summary>Folder of the zip with the version's files.</summary>
    public const string VersionFolder = "version";

    /// <summary>What Ray's dashboard takes.</summary>
    private const long MostBytes = 100L << 20;

    /// <summary>The oldest time that a zip can say: the same content is the same bytes.</summary>
    private static readonly DateTimeOffset OneTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly ImmutableArray<PackageFile> files;

    private ReplicaPackage(ImmutableArray<PackageFile> files) =>
        (this.files, Name) = (files, $"raywright-{FileSet.Digest(files.Select(file => file.File))[..16]}.zip");

    /// <summary><c>raywright-{16 digits}.zip</c>.</summary>
    public string Name { get; }

    /// <param name="runtime">Paths begin with <c>raywright_runtime/</c>.</param>
    /// <param name="version">Paths as in the version's folder.</param>
    public static Result<ReplicaPackage> Of(IEnumerable<PackageFile> runtime, IEnumerable<PackageFile> version)
    {
        ImmutableArray<PackageFile> all = [.. runtime, .. version.Select(one => one with { File = one.File with { Path = $"{VersionFolder}/{one.File.Path}" } })];
        // Before compression, which does little for weights: so the answer does not depend on a try.
        long size = all.Sum(one => one.File.Size);
        if (size > MostBytes)
            return new Problem(
                Catalogue.RayPackageTooLarge, string.Create(CultureInfo.InvariantCulture, $"The version has {size / (1024.0 * 1024):0.0} MiB with our runtime. As a declared application it travels as one package, and Ray takes {MostBytes >> 20} MiB."), "source",
                Fix: "Use a cluster where jobs are allowed: files of any size reach it by way of the agent.");
        return new ReplicaPackage(all);
    }

    public void WriteTo(Stream stream)
    {
        using ZipArchive archive = new(stream, ZipArchiveMode.Create, leaveOpen: true);
        foreach (PackageFile file in files)
        {
            ZipArchiveEntry entry = archive.CreateEntry(file.File.Path, CompressionLevel.Fastest);
            entry.LastWriteTime = OneTime;
            using Stream from = file.Open(), into = entry.Open();
            from.CopyTo(into);
        }
    }
}

/// <param name="File">Its path in the package, size and digest.</param>
/// <param name="Open">How it is read.</param>
public sealed record PackageFile(FileReference File, Func<Stream> Open);

using System.Collections.Concurrent;
using System.Collections.Immutable;
using Raywright.Core.Api;
using Raywright.Core.Artifacts;
using Raywright.Core.Errors;
using Raywright.Server.Blobs;

namespace Raywright.Server.Models;

/// <summary>Folders of files by the digest of all of them, made from blobs: what engines and tests read. One is whole or not there.</summary>
public sealed class VersionFolders(BlobStore blobs, string root)
{
    private readonly ConcurrentDictionary<string, SemaphoreSlim> making = new(StringComparer.Ordinal);

    /// <summary>
    /// The folder with exactly these files, each checked against its digest now: who asks is about to load them, and nobody knows
    /// what happened to them since they were written.
    /// </summary>
    /// <param name="files">Paths are checked before they are used.</param>
    /// <param name="cancellation">Leaves nothing half done.</param>
    public async Task<Result<string>> EnsureAsync(ImmutableArray<FileReference> files, CancellationToken cancellation)
    {
        if (files.FirstOrDefault(file => !FileSet.IsSafePath(file.Path)) is { } odd)
            return new Problem(Catalogue.FileNotAllowed, $"{odd.Path} is not a plain path below the folder.", "files");
        string folder = PathOf(files);
        SemaphoreSlim gate = making.GetOrAdd(folder, _ => new SemaphoreSlim(1, 1));
        await gate.WaitAsync(cancellation);
        try
        {
            return await HoldsAsync(folder, files, cancellation) ? folder : await MakeAsync(folder, files, cancellation);
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Where the folder with these files is, or would be.</summary>
    public string PathOf(ImmutableArray<FileReference> files) => Path.Combine(root, FileSet.Digest(files));

    /// <summary>Deletes every folder but those of <paramref name="digests"/>.</summary>
    public void KeepOnly(IReadOnlySet<string> digests)
    {
        if (!Directory.Exists(root))
            return;
        foreach (string folder in Directory.EnumerateDirectories(root))
        {
            if (!digests.Contains(Path.GetFileName(folder)))
                Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<Result<string>> MakeAsync(string folder, ImmutableArray<FileReference> files, CancellationToken cancellation)
    {
        string fresh = $"{folder}.{Guid.NewGuid():n}.new";
        try
        {
            foreach (FileReference file in files)
            {
                if (await blobs.CopyToAsync(file.Sha256, Path.Combine(fresh, file.Path), cancellation) is { } problem)
                    return problem with { Field = file.Path };
            }
            Directory.CreateDirectory(fresh);
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
            Directory.Move(fresh, folder);
            return folder;
        }
        finally
        {
            if (Directory.Exists(fresh))
                Directory.Delete(fresh, recursive: true);
        }
    }

    private static async Task<bool> HoldsAsync(string folder, ImmutableArray<FileReference> files, CancellationToken cancellation)
    {
        foreach (FileReference file in files)
        {
            string path = Path.Combine(folder, file.Path);
            if (!File.Exists(path) || await BlobStore.DigestAsync(path, cancellation) != file.Sha256)
                return false;
        }
        return Directory.Exists(folder);
    }
}

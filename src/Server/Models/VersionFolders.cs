using System.Collections.Immutable;
using Raywright.Core.Api;
using Raywright.Core.Artifacts;
using Raywright.Core.Errors;
using Raywright.Server.Blobs;

namespace Raywright.Server.Models;

/// <summary>Folders of files by the digest of all of them, made from blobs: what engines and tests read. One is whole or not there.</summary>
public sealed class VersionFolders(BlobStore blobs, string root)
{
    /// <summary>The folder with exactly these files, each checked against its digest.</summary>
    /// <param name="files">Paths are checked before they are used.</param>
    /// <param name="cancellation">Leaves nothing half done.</param>
    public async Task<Result<string>> EnsureAsync(ImmutableArray<FileReference> files, CancellationToken cancellation)
    {
        if (files.FirstOrDefault(file => !FileSet.IsSafePath(file.Path)) is { } odd)
            return new Problem(Catalogue.FileNotAllowed, $"{odd.Path} is not a plain path below the folder.", "files");
        string folder = Path.Combine(root, FileSet.Digest(files));
        if (Directory.Exists(folder))
            return folder;
        string making = $"{folder}.{Guid.NewGuid():n}.new";
        try
        {
            foreach (FileReference file in files)
            {
                if (await blobs.CopyToAsync(file.Sha256, Path.Combine(making, file.Path), cancellation) is { } problem)
                    return problem with { Field = file.Path };
            }
            Directory.CreateDirectory(making);
            Directory.Move(making, folder);
        }
        catch (IOException) when (Directory.Exists(folder))
        {
            // Somebody else was faster; the content is the same.
        }
        finally
        {
            if (Directory.Exists(making))
                Directory.Delete(making, recursive: true);
        }
        return folder;
    }

    /// <summary>Makes a folder anew, so that its files are checked again: at a start of the server nobody knows what happened to them meanwhile.</summary>
    public Task<Result<string>> RenewAsync(ImmutableArray<FileReference> files, CancellationToken cancellation)
    {
        Remove(FileSet.Digest(files));
        return EnsureAsync(files, cancellation);
    }

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

    public void Remove(string digest)
    {
        string folder = Path.Combine(root, digest);
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }
}

using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using Raywright.Core.Errors;

namespace Raywright.Server.Blobs;

/// <summary>
/// Files by the SHA-256 of their content. One appears whole and checked, or not at all: it arrives in a part of its own, which a
/// broken upload leaves behind to be gone on with, and gets its name when the digest is right and the bytes are on disk.
/// </summary>
public sealed class BlobStore(string folder)
{
    private const int BufferSize = 1 << 17;
    private readonly ConcurrentDictionary<string, SemaphoreSlim> writing = new(StringComparer.Ordinal);

    private string Parts => Path.Combine(folder, "parts");

    public static bool IsDigest(string text) => text.Length == 64 && text.All(char.IsAsciiHexDigitLower);

    /// <summary>Where a blob lies, whether or not it is there.</summary>
    public string PathOf(string digest) => Path.Combine(folder, digest[..2], digest);

    public bool Has(string digest) => File.Exists(PathOf(digest));

    /// <summary>Bytes of a blob that is there.</summary>
    public long SizeOf(string digest) => new FileInfo(PathOf(digest)).Length;

    /// <summary>Bytes of an upload that has begun; 0 where none has.</summary>
    public long PartialLength(string digest) => new FileInfo(PartOf(digest)) is { Exists: true } part ? part.Length : 0;

    /// <summary>Takes a blob, or the rest of one.</summary>
    /// <param name="digest">What the whole has to be.</param>
    /// <param name="offset">Where <paramref name="content"/> begins; what came before must have arrived already.</param>
    /// <param name="content">To the end of the blob.</param>
    /// <param name="cancellation">Leaves what has arrived for the next upload.</param>
    /// <returns>Bytes of the whole blob.</returns>
    public async Task<Result<long>> PutAsync(string digest, long offset, Stream content, CancellationToken cancellation)
    {
        SemaphoreSlim gate = writing.GetOrAdd(digest, _ => new SemaphoreSlim(1, 1));
        await gate.WaitAsync(cancellation);
        try
        {
            if (Has(digest))
                return new FileInfo(PathOf(digest)).Length;
            long there = PartialLength(digest);
            if (offset > there)
                return new Problem(Catalogue.BlobRange, string.Create(CultureInfo.InvariantCulture, $"The upload goes on at byte {offset}; {there} have arrived."));
            return await ReceiveAsync(digest, offset, content, cancellation);
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Makes the file <paramref name="path"/> from a blob, which is checked on the way.</summary>
    public async Task<Problem?> CopyToAsync(string digest, string path, CancellationToken cancellation)
    {
        string blob = PathOf(digest);
        if (!File.Exists(blob))
            return new(Catalogue.BlobMissing, $"The file {Path.GetFileName(path)} ({digest[..12]}…) is not on this server.");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (await DigestAsync(blob, cancellation) != digest)
            return new(Catalogue.BlobDigest, $"The stored file {Path.GetFileName(path)} ({digest[..12]}…) was changed on disk.", Fix: "Delete it below `blobs` in the home folder and deploy again, or restore it from a backup.");
        if (!Posix.TryLink(blob, path))
            File.Copy(blob, path, overwrite: true);
        return null;
    }

    /// <summary>SHA-256 of what a file holds now, lower-case hex.</summary>
    public static async Task<string> DigestAsync(string path, CancellationToken cancellation)
    {
        await using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferSize, FileOptions.SequentialScan | FileOptions.Asynchronous);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellation));
    }

    /// <summary>Notes that a blob is about to be used, so that <see cref="Collect"/> leaves it to the deploy that is coming.</summary>
    public void Touch(string digest, DateTime now)
    {
        try
        {
            File.SetLastWriteTimeUtc(PathOf(digest), now);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is a favour; what is asked for is there.
        }
    }

    /// <summary>Deletes blobs and parts that nothing refers to and that no upload can still be about.</summary>
    /// <param name="referenced">Digests that stay.</param>
    /// <param name="before">Younger ones stay too: their deploy may be on its way.</param>
    /// <returns>How many went.</returns>
    public int Collect(IReadOnlySet<string> referenced, DateTime before)
    {
        if (!Directory.Exists(folder))
            return 0;
        int gone = 0;
        foreach (string path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            string digest = Path.GetFileNameWithoutExtension(path);
            bool kept = IsDigest(digest) && Path.GetExtension(path).Length == 0 && referenced.Contains(digest);
            if (kept || File.GetLastWriteTimeUtc(path) > before)
                continue;
            File.Delete(path);
            gone++;
        }
        return gone;
    }

    private async Task<Result<long>> ReceiveAsync(string digest, long offset, Stream content, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Parts);
        string part = PartOf(digest);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long length;
        await using (FileStream stream = new(part, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous))
        {
            stream.SetLength(offset);
            await HashAsync(stream, hash, null, cancellation);
            await HashAsync(content, hash, stream, cancellation);
            stream.Flush(flushToDisk: true);
            length = stream.Length;
        }
        string actual = Convert.ToHexStringLower(hash.GetHashAndReset());
        if (actual != digest)
        {
            File.Delete(part);
            return new Problem(Catalogue.BlobDigest, $"What arrived has the digest {actual[..12]}…, not {digest[..12]}….");
        }
        string path = PathOf(digest);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.Move(part, path, overwrite: true);
        Posix.FlushFolder(Path.GetDirectoryName(path)!);
        return length;
    }

    /// <summary>Reads a stream to its end into the hash, and into a file where one is given.</summary>
    private static async Task HashAsync(Stream from, IncrementalHash hash, Stream? into, CancellationToken cancellation)
    {
        byte[] buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            while (await from.ReadAsync(buffer, cancellation) is var read and > 0)
            {
                hash.AppendData(buffer, 0, read);
                if (into is not null)
                    await into.WriteAsync(buffer.AsMemory(0, read), cancellation);
            }
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private string PartOf(string digest) => Path.Combine(Parts, $"{digest}.part");
}

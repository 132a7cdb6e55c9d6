namespace Raywright.Core.Scanning;

/// <summary>
/// Bytes with a name: a file, an entry of an archive or what a compressed stream holds. It can be opened as often as
/// needed and is never written anywhere.
/// </summary>
/// <param name="Path">The file and the way into it, as findings show it.</param>
/// <param name="Name">The last name, whose extension says what the content claims to be.</param>
/// <param name="Length">Size in bytes, where it is known without unpacking.</param>
/// <param name="Depth">How many containers it lies in.</param>
/// <param name="Budget">What the whole file may take.</param>
/// <param name="Source">Opens the bytes from their beginning.</param>
/// <param name="Unpacked">Whether the bytes come out of decompression.</param>
internal sealed record Content(string Path, string Name, long? Length, int Depth, ScanBudget Budget, Func<Stream> Source, bool Unpacked)
{
    /// <summary>How many bytes of it have been counted as unpacked, so that reading it again costs nothing.</summary>
    internal long Counted { get; set; }

    /// <summary>Whether the stream ended because it could not be decoded any further.</summary>
    public bool Broken { get; internal set; }

    /// <summary>Extension in lower case, with the dot.</summary>
    public string Extension => System.IO.Path.GetExtension(Name).ToLowerInvariant();

    /// <summary>The bytes from their beginning; none where they cannot be read.</summary>
    public Stream Open()
    {
        try
        {
            return new MeteredStream(this, Source());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            Broken = true;
            return new MeteredStream(this, Stream.Null);
        }
    }

    /// <summary>Something inside this content.</summary>
    public Content Inner(string path, string name, long? length, Func<Stream> source, bool unpacked) =>
        new(path, name, length, Depth + 1, Budget, source, unpacked);

    /// <summary>Up to <paramref name="most"/> bytes from the beginning.</summary>
    public byte[] Head(int most)
    {
        byte[] head = new byte[most];
        using Stream stream = Open();
        int length = stream.ReadAtLeast(head, most, throwOnEndOfStream: false);
        return head[..length];
    }

    /// <summary>The whole content, or null where it is larger than <paramref name="most"/>.</summary>
    public byte[]? All(int most)
    {
        if (Length > most)
            return null;
        using Stream stream = Open();
        using MemoryStream all = new();
        byte[] buffer = new byte[1 << 16];
        for (int count; (count = stream.Read(buffer)) > 0;)
        {
            if (all.Length + count > most)
                return null;
            all.Write(buffer, 0, count);
        }
        return all.ToArray();
    }
}

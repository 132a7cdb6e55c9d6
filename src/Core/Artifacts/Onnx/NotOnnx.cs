using System.Buffers;
using System.Text;
using Raywright.Core.Errors;

namespace Raywright.Core.Artifacts.Onnx;

/// <summary>Recognises what is commonly found under the name of a model that is none, by its first bytes.</summary>
internal static class NotOnnx
{
    private const int LongestQuotation = 60;

    /// <summary>What a module or a class is called in a pickle.</summary>
    private static readonly SearchValues<byte> NameBytes = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_."u8);

    public static Problem? Recognise(Stream stream, string name)
    {
        Span<byte> start = stackalloc byte[256];
        int read = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        ReadOnlySpan<byte> head = start[..read];
        ReadOnlySpan<byte> text = head.TrimStart(" \t\r\n\uFEFF"u8);
        if (text.StartsWith("version https://git-lfs"u8))
            return new(Catalogue.ArtifactLfsPointer, $"{name} is a Git LFS pointer, not the model itself.", Field: "source");
        if (text.StartsWith("<"u8))
            return new(Catalogue.ArtifactWebPage, $"{name} is a web page, which is what a failed download looks like.", Field: "source");
        if (head.StartsWith("PK"u8))
            return new(Catalogue.ArtifactNotOnnx, $"{name} is a zip archive, not an ONNX model.", Field: "source");
        if (IsPickle(head))
            return new(Catalogue.ArtifactIsPickle, $"{name} is a Python pickle, whatever its name says.", Field: "source");
        return FirstLine(text) is { Length: > 0 } line
            ? new(Catalogue.ArtifactNotOnnx, $"{name} is text, not an ONNX model; it starts with: {line}", Field: "source")
            : null;
    }

    /// <summary>Protocol 2 and later start with 0x80; older pickles with a mark, or with the name of what they load.</summary>
    private static bool IsPickle(ReadOnlySpan<byte> head)
    {
        if (head is [0x80, <= 5, ..] or [(byte)'(', ..])
            return true;
        return head is [(byte)'c', ..] && head[1..].IndexOfAnyExcept(NameBytes) is var end and > 0 && head[1 + end] == '\n'
            && head[(2 + end)..].IndexOfAnyExcept(NameBytes) is var last and > 0 && head[2 + end + last] == '\n';
    }

    /// <summary>The first line of a text; empty where the bytes are no text, as those of a model, which starts with 0x08.</summary>
    private static string FirstLine(ReadOnlySpan<byte> head)
    {
        int end = head.IndexOfAnyExceptInRange((byte)' ', (byte)'~');
        if (end >= 0 && head[end] is not ((byte)'\n' or (byte)'\r' or (byte)'\t'))
            return "";
        return Encoding.ASCII.GetString(head[..Math.Min(end < 0 ? head.Length : end, LongestQuotation)]);
    }
}
